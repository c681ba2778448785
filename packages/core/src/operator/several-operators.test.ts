import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken } from '@trueup/kube';
import { pino } from 'pino';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { SharedConfig } from '../decorators/shared-config.js';
import { inject } from '../dependency-injection.js';
import type { DesiredObject } from '../engine/reconciler.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { sharedConfigStatus } from '../kind/shared-config-status.js';
import { leaderElectionSettings } from '../leader-election/leader-election-options.js';
import { configRef } from '../references/config-ref.js';
import { installKinds } from './install-kinds.js';
import { defineModule } from './module.js';
import { Operator } from './operator.js';
import type { OperatorOptions } from './operator-options.js';

const group = 'several.example.com';
const Tone = defineKind({
  group,
  kind: 'Tone',
  versions: { v1: {} },
  spec: z.object({}),
  status: sharedConfigStatus(),
});
const Song = defineKind({
  group,
  kind: 'Song',
  versions: { v1: {} },
  spec: z.object({ tone: z.string().optional() }),
  status: z.object({ conditions: conditions() }).partial(),
});
const toneRef = configRef({ from: Song, to: Tone, name: ({ spec }) => spec.tone, condition: 'ToneValidated' });

@SharedConfig(Tone)
class ToneReconciler {
  @Condition('Valid')
  valid(): Verdict {
    return verdict.true('Fine');
  }
}

@Reconciler(Song)
@References(toneRef)
@Owns(ConfigMap)
class SongReconciler {
  constructor(@inject('singer') private readonly singer: string) {}

  desired({ metadata: { name } }: ObjectOf<typeof Song>): DesiredObject[] {
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { by: this.singer } }];
  }
}

/** Of interest to nobody but its reconciler. */
const Hum = defineKind({ group, kind: 'Hum', versions: { v1: {} }, spec: z.object({}) });

@Reconciler(Hum)
class HumReconciler {}

const songs = defineModule({
  name: 'songs',
  kinds: [Tone, Song, Hum],
  reconcilers: [ToneReconciler, SongReconciler, HumReconciler],
});

/** A cluster, and what a test does to it. */
class Cluster {
  private constructor(
    readonly controlPlane: ControlPlane,
    readonly client: Client,
  ) {}

  static async start(): Promise<Cluster> {
    const controlPlane = await ControlPlane.start({ tls: false });
    return new Cluster(
      controlPlane,
      new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token })),
    );
  }

  get connection() {
    return this.client.connection;
  }

  async apply(kind: string, name: string, labels: Record<string, string>, spec: object = {}): Promise<void> {
    const { resource } = kind === 'Song' ? Song : kind === 'Hum' ? Hum : Tone;
    const metadata = { name, namespace: 'default', labels };
    await this.client.apply(
      resource,
      { apiVersion: `${group}/v1`, kind, metadata, ...{ spec } },
      { fieldManager: 'user' },
    );
  }

  async singers(): Promise<Record<string, string | undefined>> {
    const { items } = await this.client.list<ConfigMap>(ConfigMap.resource, { namespace: 'default' });
    return Object.fromEntries(
      items.filter(({ data }) => data?.['by']).map(({ metadata, data }) => [metadata.name, data?.['by']]),
    );
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.controlPlane.stop();
  }
}

describe('several operators in one process', () => {
  let clusters: readonly [Cluster, Cluster];
  let operators: Operator[];

  beforeAll(async () => {
    clusters = [await Cluster.start(), await Cluster.start()];
  });
  beforeEach(() => {
    operators = [];
  });
  afterEach(async () => {
    await Promise.all(operators.map((operator) => operator.stop()));
  });
  afterAll(() => Promise.all(clusters.map((cluster) => cluster.stop())));

  async function start(singer: string, { connection }: Cluster, options: Partial<OperatorOptions>): Promise<Operator> {
    const operator = await Operator.create({
      modules: [songs],
      connection,
      digestKey: 'test',
      logger: pino({ level: 'silent' }),
      register: (container) => container.register('singer', { useValue: singer }),
      metricsBindAddress: '127.0.0.1:0',
      metricsLabels: { singer },
      ...options,
    });
    operators.push(operator);
    await operator.installKinds();
    await operator.start();
    return operator;
  }
  const settled = async () => {
    for (const operator of [...operators, ...operators]) await operator.settle();
  };
  const valueOf = async (operator: Operator, series: string) => {
    const text = await (await fetch(`${operator.metricsUrl}/metrics`)).text();
    return text
      .split('\n')
      .find((line) => line.startsWith(series))
      ?.split(' ')
      .at(-1);
  };

  it('share the objects of a cluster by their labels, and hand them over', async () => {
    const [cluster] = clusters;
    const alto = await start('alto', cluster, { shard: { name: 'alto', selector: 'voice=alto' } });
    const others = await start('others', cluster, { shard: { name: 'others', selector: 'voice notin (alto)' } });
    await cluster.apply('Tone', 'high', { voice: 'soprano' });
    await cluster.apply('Song', 'one', { voice: 'alto' }, { tone: 'high' });
    await cluster.apply('Song', 'two', { voice: 'bass' }, { tone: 'high' });
    await cluster.apply('Song', 'three', {});
    await cluster.apply('Hum', 'mine', { voice: 'alto' });
    await cluster.apply('Hum', 'theirs', {});
    await cluster.apply('Hum', 'theirs-too', {});
    await settled();
    expect(await cluster.singers()).toEqual({ one: 'alto', two: 'others', three: 'others' });
    expect(alto.reconcileCount).toBeGreaterThan(0);
    // Songs are referenced nowhere, but they tell a config who uses it, whatever shard they are in.
    const config = await cluster.client.get<ObjectOf<typeof Tone>>(Tone.resource, {
      namespace: 'default',
      name: 'high',
    });
    expect(config.status?.referencingWorkloads?.map(({ name }) => name)).toEqual(['one', 'two']);
    const hums = `trueup_cache_objects{group="${group}",kind="Hum"`;
    expect([await valueOf(alto, hums), await valueOf(others, hums)]).toEqual(['1', '2']);
    const valid = `trueup_conditions{group="${group}",kind="Song",condition="ToneValidated",status="True"`;
    expect([await valueOf(alto, valid), await valueOf(others, valid)]).toEqual(['1', '1']);

    await cluster.apply('Song', 'two', { voice: 'alto' }, { tone: 'high' });
    await settled();
    expect(await cluster.singers()).toEqual({ one: 'alto', two: 'alto', three: 'others' });

    const before = others.reconcileCount;
    await cluster.client.delete(ConfigMap.resource, { namespace: 'default', name: 'one' });
    await settled();
    expect(await cluster.singers()).toMatchObject({ one: 'alto' });
    expect(others.reconcileCount).toBe(before);
  });

  it('keep clusters apart: credentials, caches, injected services and metrics', async () => {
    const [east, west] = clusters;
    const operatorOfEast = await start('east', east, {});
    const operatorOfWest = await start('west', west, {});
    await east.apply('Song', 'sunrise', {});
    await west.apply('Song', 'sunset', {});
    await settled();
    expect(await east.singers()).toMatchObject({ sunrise: 'east' });
    expect(await west.singers()).toEqual({ sunset: 'west' });
    const cached = `trueup_cache_objects{group="${group}",kind="Song"`;
    expect(await valueOf(operatorOfEast, `${cached},singer="east"}`)).toBe('4');
    expect(await valueOf(operatorOfWest, `${cached},singer="west"}`)).toBe('1');
  });
});

describe('an operator whose cluster lacks a kind', () => {
  it('works without it, says so, and takes it up when it comes', async () => {
    const cluster = await Cluster.start();
    const logged: string[] = [];
    const operator = await Operator.create({
      modules: [songs],
      connection: cluster.connection,
      digestKey: 'test',
      logger: pino({ level: 'warn' }, { write: (line) => void logged.push(line) }),
      register: (container) => container.register('singer', { useValue: 'any' }),
      healthProbeBindAddress: '127.0.0.1:0',
    });
    try {
      await installKinds(cluster.client, [Song, Hum], AbortSignal.timeout(10_000));
      await operator.start();
      expect((await fetch(`${operator.healthUrl}/readyz`)).status).toBe(200);
      expect(logged.map((line) => JSON.parse(line) as object)).toEqual([
        expect.objectContaining({
          kind: 'Tone',
          msg: 'Tone is not served, so that nothing is reconciled of it; install the CustomResourceDefinition tones.several.example.com',
        }),
      ]);
      await cluster.apply('Song', 'early', {});
      await operator.settle();
      expect(await cluster.singers()).toEqual({ early: 'any' });

      await installKinds(cluster.client, [Tone], AbortSignal.timeout(10_000));
      await cluster.apply('Tone', 'late', {});
      await operator.settle();
      const tone = await cluster.client.get<ObjectOf<typeof Tone>>(Tone.resource, {
        namespace: 'default',
        name: 'late',
      });
      expect(tone.status?.conditions).toMatchObject([{ type: 'Valid', status: 'True' }]);
    } finally {
      await operator.stop();
      await cluster.stop();
    }
  });
});

describe('a shard', () => {
  it('has a lease of its own', () => {
    const around = { operatorName: 'songs', shard: 'alto', connectionNamespace: 'default', podNamespace: undefined };
    expect(leaderElectionSettings({}, around).lease.name).toBe('songs-leader-election-alto');
    expect(leaderElectionSettings({ name: 'lease' }, around).lease.name).toBe('lease-alto');
  });

  it.each([
    [{ name: 'A_B', selector: 'a=b' }, 'shard.name is "A_B"; write a DNS name, a or team-a'],
    [{ name: 'a', selector: ' ' }, 'shard.selector is empty and would select everything'],
    [{ name: 'a', selector: 'a in b' }, 'shard.selector is "a in b", which is no label selector'],
  ])('refuses %j', async (shard, message) => {
    const connection = clusterFromToken({ server: 'http://127.0.0.1:9' });
    const register: OperatorOptions['register'] = (container) => container.register('singer', { useValue: '' });
    await expect(Operator.create({ modules: [songs], connection, register, shard })).rejects.toMatchObject({
      code: 'ERR_OPTION_OUT_OF_RANGE',
      message: expect.stringContaining(message),
    });
  });
});
