import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import type { Context } from '../engine/context.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { int64 } from '../kind/schema-annotations.js';
import { defineModule } from '../operator/module.js';
import { configRef } from './config-ref.js';

const group = 'users.example.com';

const Band = defineKind({
  group,
  kind: 'Band',
  versions: { v1: {} },
  spec: z.object({ isSplit: z.boolean().default(false) }),
  status: z
    .object({
      conditions: conditions(),
      observedGeneration: int64(),
      lineUp: z.array(z.string()),
      isLoud: z.boolean(),
      isLeaving: z.boolean(),
    })
    .partial(),
});

/** Who was reconciled, in order. */
const reconciled: string[] = [];

@Reconciler(Band)
class BandReconciler {
  @Condition('Ready')
  ready({ spec }: ObjectOf<typeof Band>): Verdict {
    return spec.isSplit ? verdict.false('Split', 'the band split up') : verdict.true('Together', 'the band plays');
  }

  status(band: ObjectOf<typeof Band>, ctx: Context) {
    reconciled.push(band.metadata.name);
    return {
      lineUp: ctx.users().map(({ kind, name, told }) => `${kind} ${name}: ${String(told.plays)}`),
      isLeaving: ctx.isDeleting,
      isLoud: ctx.users().some(({ told }) => told.plays === 'drums'),
    };
  }
}

const Player = defineKind({
  group,
  kind: 'Player',
  versions: { v1: {} },
  spec: z.object({ band: z.string().optional(), plays: z.string(), mood: z.string().optional() }),
  status: z.object({ conditions: conditions(), observedGeneration: int64() }).partial(),
});

const bandRef = configRef({
  from: Player,
  to: Band,
  name: ({ spec }) => spec.band,
  condition: 'BandValidated',
  judgement: 'Ready',
  gate: 'nothing',
  tells: ({ spec }) => ({ plays: spec.plays }),
});

@Reconciler(Player)
@References(bandRef)
@Owns(ConfigMap)
class PlayerReconciler {
  desired({ metadata, spec }: ObjectOf<typeof Player>) {
    reconciled.push(metadata.name);
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name }, data: { plays: spec.plays } }];
  }
}

/** Its status has conditions and nothing else. */
const Roadie = defineKind({
  group,
  kind: 'Roadie',
  versions: { v1: {} },
  spec: z.object({ band: z.string().optional() }),
  status: z.object({ conditions: conditions() }).partial(),
});

const employer = configRef({
  from: Roadie,
  to: Band,
  name: ({ spec }) => spec.band,
  condition: 'EmployerValidated',
  judgement: 'Ready',
});

@Reconciler(Roadie)
@References(employer)
class RoadieReconciler {}

const anObject = (kind: string, name: string, spec: object): ManifestObject => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name },
  spec,
});
const aBand = (name: string, spec: object = {}) => anObject('Band', name, spec);
const aPlayer = (name: string, spec: object) => anObject('Player', name, spec);

describe('an object that others reference', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        defineModule({ name: 'bands', kinds: [Band], reconcilers: [BandReconciler] }),
        defineModule({ name: 'players', kinds: [Player, Roadie], reconcilers: [PlayerReconciler, RoadieReconciler] }),
      ],
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => {
    reconciled.length = 0;
  });

  const given = async (...objects: readonly ManifestObject[]) => {
    for (const object of objects) await harness.apply(object);
    await harness.settle();
  };
  const lineUp = async (name: string) => (await harness.get(Band, name))?.status?.lineUp;

  it('knows its users and what they tell, and follows those that come, go and move', async () => {
    await given(aBand('a'), aBand('b'), aPlayer('zoe', { band: 'a', plays: 'bass' }), aPlayer('al', { plays: 'sax' }));
    expect(await lineUp('a')).toEqual(['Player zoe: bass']);
    await given(aPlayer('al', { band: 'a', plays: 'sax' }), aPlayer('zoe', { band: 'b', plays: 'bass' }));
    expect(await lineUp('a')).toEqual(['Player al: sax']);
    expect(await lineUp('b')).toEqual(['Player zoe: bass']);
    await harness.delete(Player, 'al');
    await harness.settle();
    expect(await lineUp('a')).toEqual([]);
  });

  it('is reconciled when a user tells something new, and not when something else of the user changes', async () => {
    await given(aBand('c'), aPlayer('mo', { band: 'c', plays: 'flute' }));
    await given(aPlayer('mo', { band: 'c', plays: 'drums' }));
    expect(await harness.get(Band, 'c')).toMatchObject({ status: { lineUp: ['Player mo: drums'], isLoud: true } });
    reconciled.length = 0;
    await given(aPlayer('mo', { band: 'c', plays: 'drums', mood: 'fine' }));
    expect(reconciled).toEqual(['mo']);
  });

  it('does not reconcile its users when others join', async () => {
    await given(aBand('d'), aPlayer('first', { band: 'd', plays: 'harp' }));
    reconciled.length = 0;
    await given(...['x', 'y', 'z'].map((name) => aPlayer(`joins-${name}`, { band: 'd', plays: 'viola' })));
    expect(await lineUp('d')).toHaveLength(4);
    expect(reconciled).not.toContain('first');
  });

  it('is judged by the condition that the reference names, and holds back nothing that is only informed', async () => {
    await given(aPlayer('early', { band: 'e', plays: 'cello' }));
    const early = () => harness.get(Player, 'early');
    expect(await early()).toHaveCondition('BandValidated', { status: 'False', reason: 'BandNotFound' });
    expect(await harness.get(ConfigMap, 'early')).toMatchObject({ data: { plays: 'cello' } });

    await given(aBand('e', { isSplit: true }), aPlayer('early', { band: 'e', plays: 'oboe' }));
    expect(await early()).toHaveCondition('BandValidated', {
      status: 'False',
      reason: 'Split',
      message: 'the band split up',
    });
    expect(await harness.get(ConfigMap, 'early')).toMatchObject({ data: { plays: 'oboe' } });

    await given(aBand('e', { isSplit: false }));
    expect(await early()).toHaveCondition('BandValidated', { status: 'True', reason: 'BandValid' });
  });

  it('still reports while it is deleted and somebody else holds it', async () => {
    const band = aBand('leaving');
    await given({ ...band, metadata: { ...band.metadata, finalizers: ['example.com/theirs'] } });
    await harness.delete(Band, 'leaving');
    await harness.settle();
    expect(await harness.get(Band, 'leaving')).toMatchObject({ status: { isLeaving: true } });
    await harness.patch(Band, 'leaving', { metadata: { finalizers: null } });
    await harness.settle();
    expect(await harness.get(Band, 'leaving')).toBeUndefined();
  });

  it('leaves nothing on a user that drops its reference and has nothing else to say', async () => {
    await given(anObject('Roadie', 'rick', { band: 'nowhere' }));
    const rick = () => harness.get(Roadie, 'rick');
    expect(await rick()).toHaveCondition('EmployerValidated', { status: 'False', reason: 'EmployerNotFound' });
    // By a patch: an empty map that is applied over a full one becomes null in a real server.
    await harness.patch(Roadie, 'rick', { spec: { band: null } });
    await harness.settle();
    expect((await rick())?.status?.conditions ?? []).toEqual([]);
    harness.forgetWrites();
    await harness.patch(Roadie, 'rick', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });
});
