import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { ConfigMap, defineKind, defineModule, installKinds, Owns, Reconciler, type ObjectOf } from '@trueup/core';
import { Client, clusterFromToken } from '@trueup/kube';
import { until } from '@trueup/testing/until';
import { z } from 'zod';
import { defineApplication } from '../application.js';
import { operatorObjects } from '../generate/operator-objects.js';
import { operatorOptions } from './operator-options.js';
import { parseRunOptions } from './run-options.js';
import { serve } from './serve.js';

const Note = defineKind({
  group: 'example.com',
  kind: 'Note',
  versions: { v1: {} },
  spec: z.object({ text: z.string() }),
});

@Reconciler(Note)
@Owns(ConfigMap)
class NoteReconciler {
  desired({ metadata: { name }, spec }: ObjectOf<typeof Note>) {
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: spec.text } }];
  }
}

const application = defineApplication({
  name: 'notes',
  modules: [defineModule({ name: 'notes', kinds: [Note], reconcilers: [NoteReconciler] })],
  manifests: 'manifests',
});
const ANY_PORT = ['--metrics-bind-address', '127.0.0.1:0', '--health-probe-bind-address', '127.0.0.1:0'];
const BEFORE = { KUBECONFIG: process.env['KUBECONFIG'], WATCH_NAMESPACE: process.env['WATCH_NAMESPACE'] };

interface Line {
  readonly msg: string;
  readonly metrics?: string;
  readonly health?: string;
}

describe('an operator in a cluster', () => {
  let folder: string;
  let controlPlane: ControlPlane;
  let admin: Client;
  let stop: AbortController;
  let running: Promise<void>;
  let lines: Line[];
  let written: () => void;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-serve-'));
    controlPlane = await ControlPlane.start({ tls: false });
    await controlPlane.writeKubeconfig(path.join(folder, 'kubeconfig'));
    process.env['KUBECONFIG'] = path.join(folder, 'kubeconfig');
    admin = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    stop = new AbortController();
    lines = [];
    written = () => {};
  });
  afterEach(async () => {
    for (const [name, value] of Object.entries(BEFORE)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    stop.abort();
    await running.catch(() => {});
    await admin.close();
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (...argv: readonly string[]) => {
    const options = parseRunOptions(application.name, application.manifests, ['--in-cluster', ...argv]);
    const logs = {
      write(line: string) {
        lines.push(JSON.parse(line));
        written();
      },
    };
    running = serve(application, options, { signal: stop.signal, logs });
    return running;
  };
  const logged = async (message: string): Promise<Line> => {
    for (;;) {
      const line = lines.find(({ msg }) => msg === message);
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => (written = resolve));
    }
  };
  const createNote = (namespace: string, name = 'hello', labels: Readonly<Record<string, string>> = {}) =>
    admin.create(Note.resource, {
      apiVersion: 'example.com/v1',
      kind: 'Note',
      metadata: { name, namespace, labels },
      spec: { text: 'hi' },
    });
  /** The first ConfigMaps that the operator makes. */
  const made = async (count: number): Promise<readonly string[]> => {
    const found = new Set<string>();
    for await (const event of admin.watch(ConfigMap.resource, { signal: stop.signal })) {
      if (event.type === 'BOOKMARK') continue;
      const { ownerReferences, namespace, name } = event.object.metadata;
      if (ownerReferences !== undefined) found.add(`${namespace}/${name}`);
      if (found.size === count) break;
    }
    return [...found].sort();
  };

  it('works in the namespaces of WATCH_NAMESPACE, tells that it is ready, and ends when it is told to', async () => {
    process.env['WATCH_NAMESPACE'] = 'team-a, team-b';
    await installKinds(admin, [Note], AbortSignal.timeout(10_000));
    for (const namespace of ['team-a', 'team-b', 'team-c']) {
      await admin.create(
        { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      );
      await createNote(namespace);
    }
    const isMade = made(2);
    const ended = start(...ANY_PORT);
    const { metrics = '', health = '' } = await logged('serving');
    expect(await isMade).toEqual(['team-a/hello', 'team-b/hello']);
    // Ready a moment later than started: as soon as every watch is under way.
    await until(async () => (await fetch(`${health}/readyz`)).status === 200);
    expect((await fetch(`${health}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${metrics}/metrics`)).text()).toContain('controller_runtime_reconcile_total');
    stop.abort();
    await ended;
    await expect(fetch(`${health}/healthz`)).rejects.toThrow();
  });

  it('installs and applies nothing by itself', async () => {
    await installKinds(admin, [Note], AbortSignal.timeout(10_000));
    const writes: string[] = [];
    controlPlane.requests.subscribe(({ verb, user }) => {
      if (['create', 'update', 'patch', 'delete'].includes(verb)) writes.push(`${user} ${verb}`);
    });
    const ended = start(...ANY_PORT);
    await logged('serving');
    stop.abort();
    await ended;
    expect(writes).toEqual([]);
  });

  it('handles its share of the objects, and gives profiles to who has the token', async () => {
    await installKinds(admin, [Note], AbortSignal.timeout(10_000));
    const token = 'correct horse battery staple';
    const file = path.join(folder, 'token');
    await writeFile(file, `${token}\n`);
    await createNote('default', 'theirs', { shard: 'a' });
    await createNote('default', 'ours', { shard: 'b' });
    const isMade = made(1);
    void start('--shard', 'b', '--shard-selector', 'shard=b', '--profile-token-file', file, ...ANY_PORT);
    const { metrics = '' } = await logged('serving');
    expect(await isMade).toEqual(['default/ours']);
    const heap = `${metrics}/debug/pprof/heap?seconds=0.01`;
    expect((await fetch(heap)).status).toBe(401);
    expect((await fetch(heap, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('does not start in namespaces that are none', async () => {
    process.env['WATCH_NAMESPACE'] = 'Team A';
    await expect(start(...ANY_PORT)).rejects.toThrow('WATCH_NAMESPACE: "Team A" is not the name of a namespace');
  });
});

describe('the options of an operator', () => {
  const optionsOf = (...argv: readonly string[]) => parseRunOptions('notes', 'manifests', argv);

  it('serve metrics and probes on known ports in a cluster, and nowhere on a laptop', () => {
    expect(optionsOf('--in-cluster')).toMatchObject({
      metricsBindAddress: ':8080',
      healthProbeBindAddress: ':8081',
      leaderElect: false,
      manifests: [],
    });
    expect(optionsOf()).toMatchObject({ metricsBindAddress: '0', healthProbeBindAddress: '0' });
    expect(optionsOf('--in-cluster', '--metrics-bind-address', '0', '--leader-elect')).toMatchObject({
      metricsBindAddress: '0',
      leaderElect: true,
    });
  });

  it.each([
    { argv: [], webhooks: { bindAddress: '127.0.0.1:0', address: 'local' } },
    { argv: ['--kubeconfig', 'k'], webhooks: undefined },
    {
      argv: ['--kubeconfig', 'k', '--webhook-url', 'https://me:9443'],
      webhooks: { bindAddress: ':9443', address: { url: 'https://me:9443' } },
    },
    { argv: ['--in-cluster'], webhooks: { bindAddress: ':9443', address: { service: {} } } },
    { argv: ['--in-cluster', '--webhook-bind-address', '0'], webhooks: undefined },
    {
      argv: ['--in-cluster', '--webhook-service', 'hooks', '--webhook-certificates', '/certs'],
      webhooks: { bindAddress: ':9443', address: { service: { name: 'hooks' } }, certificateFolder: '/certs' },
    },
  ])('serve webhooks where the API server reaches them: $argv', ({ argv, webhooks }) => {
    expect(operatorOptions(application, optionsOf(...argv)).webhooks).toEqual(webhooks);
  });

  it('name a share and what is in it, for which the generated role has a Lease', () => {
    const options = optionsOf('--in-cluster', '--leader-elect', '--shard', 'a', '--shard-selector', 'shard=a');
    expect(operatorOptions(application, options)).toMatchObject({
      shard: { name: 'a', selector: 'shard=a' },
      leaderElection: { name: 'notes-leader-election' },
    });
    expect(operatorObjects({ ...application, shards: ['a'] }).role).toMatchObject({
      rules: expect.arrayContaining([
        expect.objectContaining({ resourceNames: ['notes-leader-election', 'notes-leader-election-a'] }),
      ]),
    });
  });

  it('say that the token of profiles cannot be read', () => {
    const options = optionsOf('--in-cluster', '--profile-token-file', 'nowhere');
    expect(() => operatorOptions(application, options)).toThrow(
      '--profile-token-file nowhere: the file cannot be read',
    );
  });

  it.each([
    { argv: ['--shard', 'a'], error: 'error: --shard and --shard-selector go together' },
    { argv: ['--shard-selector', 'a=b'], error: 'error: --shard and --shard-selector go together' },
    { argv: ['--sunny'], error: "error: unknown option '--sunny'" },
    { argv: ['--profile-token-file', 'token'], error: 'error: --profile-token-file goes with --metrics-bind-address' },
  ])('that make no sense, or none alone, end the process: $argv', ({ argv, error }) => {
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
      throw new Error('exit');
    });
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      expect(() => optionsOf(...argv)).toThrow('exit');
      expect(stderr.mock.calls.join('')).toContain(error);
    } finally {
      exit.mockRestore();
      stderr.mockRestore();
    }
  });

  it('are those that the generated Deployment gives', () => {
    const { deployment } = operatorObjects(application);
    expect(deployment).toMatchObject({
      spec: { template: { spec: { containers: [{ args: ['--leader-elect'] }] } } },
    });
    expect(optionsOf('--in-cluster', '--leader-elect').leaderElect).toBe(true);
  });
});
