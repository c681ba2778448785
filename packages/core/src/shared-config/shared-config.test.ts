import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { ConfigMap, Event } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { SharedConfig } from '../decorators/shared-config.js';
import type { Context } from '../engine/context.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { int64 } from '../kind/schema-annotations.js';
import { sharedConfigStatus } from '../kind/shared-config-status.js';
import { defineModule } from '../operator/module.js';
import { configRef } from '../references/config-ref.js';

const group = 'configs.example.com';

const Flavour = defineKind({
  group,
  kind: 'Flavour',
  versions: { v1: {} },
  spec: z.object({ taste: z.string(), strength: z.int().default(1) }),
  status: sharedConfigStatus(),
});

@SharedConfig(Flavour)
class FlavourReconciler {
  @Condition('Valid')
  valid({ spec }: ObjectOf<typeof Flavour>): Verdict {
    if (spec.taste === 'bitter') return verdict.false('TooBitter', 'spec.taste is bitter; choose another');
    if (spec.taste === 'sour') return verdict.false('TooSour', 'spec.taste is sour; choose another');
    return verdict.true('ConfigValid', 'Spec validation passed');
  }
}

const Drink = defineKind({
  group,
  kind: 'Drink',
  versions: { v1: {} },
  spec: z.object({
    flavourRef: z.object({ name: z.string() }).optional(),
    alsoRef: z.object({ name: z.string() }).optional(),
  }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), flavourHash: z.string() }).partial(),
});

const flavourRef = configRef({
  from: Drink,
  to: Flavour,
  name: (drink) => drink.spec.flavourRef?.name,
  condition: 'FlavourValidated',
  hash: 'flavourHash',
  accepts: ({ metadata, spec }) =>
    spec.strength > 5 ? verdict.false('TooStrong', `Flavour ${metadata.name} is too strong for a drink`) : undefined,
});
const alsoRef = configRef({
  from: Drink,
  to: Flavour,
  name: (drink) => drink.spec.alsoRef?.name,
  condition: 'AlsoValidated',
});

@Reconciler(Drink)
@References(flavourRef, alsoRef)
@Owns(ConfigMap)
class DrinkReconciler {
  desired({ metadata }: ObjectOf<typeof Drink>, ctx: Context) {
    const flavour = ctx.reference(flavourRef);
    const data = { taste: flavour.state === 'usable' ? flavour.config.spec.taste : 'plain' };
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name }, data }];
  }
}

const FINALIZER = `flavour.${group}/finalizer`;
const aFlavour = (name: string, taste: string, more: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'Flavour',
  metadata: { name },
  spec: { taste, ...more },
});
const aDrink = (name: string, flavour?: string, also?: string) => ({
  apiVersion: `${group}/v1`,
  kind: 'Drink',
  metadata: { name },
  spec: {
    ...(flavour === undefined ? {} : { flavourRef: { name: flavour } }),
    ...(also === undefined ? {} : { alsoRef: { name: also } }),
  },
});

describe('a shared config and its users', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        defineModule({ name: 'flavours', kinds: [Flavour], reconcilers: [FlavourReconciler] }),
        defineModule({ name: 'drinks', kinds: [Drink], reconcilers: [DrinkReconciler] }),
      ],
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const flavour = (name: string) => harness.require(Flavour, name);
  const drink = (name: string) => harness.require(Drink, name);
  const edit = async (name: string, spec: object) => {
    await harness.patch(Flavour, name, { spec });
    await harness.settle();
  };
  const taste = async (name: string) => (await harness.require(ConfigMap, name)).data?.['taste'];
  const eventsOf = async (name: string) =>
    (await harness.list(Event))
      .filter(({ regarding }) => regarding?.name === name)
      .sort((a, b) => (String(a.eventTime) < String(b.eventTime) ? -1 : 1))
      .map(({ type, reason, action, note, series }) => ({ type, reason, action, note, count: series?.count ?? 1 }));

  describe('judging', () => {
    it('gives a new config its finalizer, verdict and hash, no event, and then makes no write', async () => {
      await given(aFlavour('new', 'sweet'));
      const config = await flavour('new');
      expect(config.metadata.finalizers).toEqual([FINALIZER]);
      expect(config).toHaveCondition('Valid', { status: 'True', reason: 'ConfigValid', observedGeneration: 1 });
      expect(config.status).toMatchObject({
        configHash: expect.stringMatching(/^[0-9a-f]{1,8}$/),
        observedGeneration: 1,
        referenceCount: 0,
      });
      expect(config.status).not.toHaveProperty('referencingWorkloads');
      expect(await eventsOf('new')).toEqual([]);

      harness.forgetWrites();
      await harness.patch(Flavour, 'new', { metadata: { labels: { touched: 'yes' } } });
      await harness.settle();
      expect(harness.writes).toEqual([]);
    });

    it('protects an invalid config, too, tells once, and keeps the hash of the last valid spec', async () => {
      await given(aFlavour('judged', 'bitter'));
      expect(await flavour('judged')).toHaveCondition('Valid', { status: 'False', reason: 'TooBitter' });
      expect((await flavour('judged')).metadata.finalizers).toEqual([FINALIZER]);
      expect((await flavour('judged')).status).not.toHaveProperty('configHash');

      await edit('judged', { taste: 'sour' });
      expect(await flavour('judged')).toHaveCondition('Valid', {
        status: 'False',
        reason: 'TooSour',
        observedGeneration: 2,
      });
      await edit('judged', { taste: 'sweet' });
      const hash = (await flavour('judged')).status?.configHash;
      expect(hash).toBeDefined();
      await edit('judged', { taste: 'bitter' });
      expect((await flavour('judged')).status).toMatchObject({ configHash: hash, observedGeneration: 4 });
      await edit('judged', { taste: 'sweet' });
      expect((await flavour('judged')).status).toMatchObject({ configHash: hash, observedGeneration: 5 });
      expect(await eventsOf('judged')).toEqual([
        {
          type: 'Warning',
          reason: 'ConfigInvalid',
          action: 'Validate',
          note: 'spec validation failed: spec.taste is bitter; choose another',
          count: 2,
        },
        { type: 'Normal', reason: 'ConfigValid', action: 'Validate', note: 'spec validation passed', count: 2 },
      ]);
    });

    it('does not change the hash for a default that is spelled out', async () => {
      await given(aFlavour('defaulted', 'sweet'));
      const { configHash } = (await flavour('defaulted')).status ?? {};
      await given(aFlavour('defaulted', 'sweet', { strength: 1 }));
      expect((await flavour('defaulted')).status?.configHash).toBe(configHash);
    });
  });

  describe('the condition on the user', () => {
    const CONDITION = 'FlavourValidated';

    it('is absent without a reference', async () => {
      await given(aDrink('water'));
      expect(await drink('water')).not.toHaveCondition(CONDITION);
      expect(await taste('water')).toBe('plain');
    });

    it('says NotFound, applies nothing, and heals when the config appears', async () => {
      await given(aDrink('early', 'late'));
      expect(await drink('early')).toHaveCondition(CONDITION, {
        status: 'False',
        reason: 'FlavourNotFound',
        message: `Flavour 'late' not found in namespace '${harness.namespace}'`,
      });
      expect(await harness.get(ConfigMap, 'early')).toBeUndefined();
      await given(aFlavour('late', 'sweet'));
      expect(await drink('early')).toHaveCondition(CONDITION, { status: 'True', reason: 'FlavourValid' });
      expect((await drink('early')).status?.flavourHash).toBe((await flavour('late')).status?.configHash);
      expect(await taste('early')).toBe('sweet');
    });

    it('mirrors an invalid source with its reason and message, keeps what runs and its hash, and heals', async () => {
      await given(aFlavour('mirrored', 'sweet'), aDrink('mirror', 'mirrored'));
      const { flavourHash } = (await drink('mirror')).status ?? {};
      await edit('mirrored', { taste: 'bitter' });
      const broken = await drink('mirror');
      expect(broken).toHaveCondition(CONDITION, {
        status: 'False',
        reason: 'TooBitter',
        message: 'spec.taste is bitter; choose another',
        observedGeneration: 1,
      });
      expect(broken.status?.flavourHash).toBe(flavourHash);
      expect(await taste('mirror')).toBe('sweet');

      const since = broken.status?.conditions?.find(({ type }) => type === CONDITION)?.lastTransitionTime;
      await edit('mirrored', { taste: 'sour' });
      const followed = await drink('mirror');
      expect(followed).toHaveCondition(CONDITION, {
        status: 'False',
        reason: 'TooSour',
        ...(since === undefined ? {} : { lastTransitionTime: since }),
      });

      await edit('mirrored', { taste: 'salty' });
      expect(await drink('mirror')).toHaveCondition(CONDITION, { status: 'True' });
      expect(await taste('mirror')).toBe('salty');
    });

    it('says why a valid config cannot be used by this user', async () => {
      await given(aFlavour('strong', 'sweet', { strength: 9 }), aDrink('weak', 'strong'));
      expect(await drink('weak')).toHaveCondition(CONDITION, { status: 'False', reason: 'TooStrong' });
    });

    it('goes, with the hash, when the reference is removed while it is broken', async () => {
      await given(aFlavour('dropped', 'bitter'), aDrink('dropping', 'dropped'));
      expect(await drink('dropping')).toHaveCondition(CONDITION, { status: 'False' });
      await harness.patch(Drink, 'dropping', { spec: { flavourRef: null } });
      await harness.settle();
      expect(await drink('dropping')).not.toHaveCondition(CONDITION);
      expect((await drink('dropping')).status).not.toHaveProperty('flavourHash');
    });

    it('follows a reference that moves, and both configs learn of it', async () => {
      await given(aFlavour('from', 'sweet'), aFlavour('to', 'salty'), aDrink('mover', 'from'));
      expect((await flavour('from')).status).toMatchObject({ referenceCount: 1 });
      await harness.patch(Drink, 'mover', { spec: { flavourRef: { name: 'to' } } });
      await harness.settle();
      expect(await taste('mover')).toBe('salty');
      expect((await flavour('from')).status).toMatchObject({ referenceCount: 0 });
      expect((await flavour('from')).status).not.toHaveProperty('referencingWorkloads');
      expect((await flavour('to')).status).toMatchObject({
        referenceCount: 1,
        referencingWorkloads: [{ kind: 'Drink', name: 'mover' }],
      });
    });

    it('says NotFound when the config is deleted by force, never what it said before', async () => {
      await given(aFlavour('forced', 'bitter'), aDrink('orphan', 'forced'));
      await harness.delete(Flavour, 'forced');
      await harness.settle();
      await harness.patch(Flavour, 'forced', { metadata: { finalizers: null } });
      await harness.settle();
      expect(await drink('orphan')).toHaveCondition(CONDITION, { status: 'False', reason: 'FlavourNotFound' });
      await given(aFlavour('forced', 'sweet'));
      expect(await drink('orphan')).toHaveCondition(CONDITION, { status: 'True' });
    });

    it('is judged for each reference, whatever the others say', async () => {
      await given(aFlavour('fine', 'sweet'), aDrink('both', 'missing', 'fine'));
      expect(await drink('both')).toHaveCondition(CONDITION, { status: 'False', reason: 'FlavourNotFound' });
      expect(await drink('both')).toHaveCondition('AlsoValidated', { status: 'True' });
    });
  });

  describe('deletion', () => {
    it('lets an unused config go', async () => {
      await given(aFlavour('unused', 'sweet'));
      await harness.delete(Flavour, 'unused');
      await harness.settle();
      expect(await harness.get(Flavour, 'unused')).toBeUndefined();
    });

    it('is not hindered by an object without a spec, which names no config', async () => {
      await given({ apiVersion: `${group}/v1`, kind: 'Drink', metadata: { name: 'bare' } }, aFlavour('alone', 'sweet'));
      await harness.delete(Flavour, 'alone');
      await harness.settle();
      expect(await harness.get(Flavour, 'alone')).toBeUndefined();
    });

    it('is blocked while the config is used, names the users, tells once, and goes on with the last of them', async () => {
      await given(aFlavour('used', 'sweet'), aDrink('user-b', 'used'), aDrink('user-a', 'used', 'used'));
      await harness.delete(Flavour, 'used');
      await harness.settle();
      const blocked = await flavour('used');
      expect(blocked).toHaveCondition('DeletionBlocked', {
        status: 'True',
        reason: 'ReferencedByWorkloads',
        message: 'Cannot delete: referenced by workloads: [{Drink user-a} {Drink user-b}]',
        observedGeneration: 2,
      });
      expect(blocked).toHaveCondition('Valid', { status: 'True', observedGeneration: 1 });
      expect(blocked.status?.observedGeneration).toBe(1);
      expect(await drink('user-a')).toHaveCondition('FlavourValidated', { status: 'True' });

      await harness.delete(Drink, 'user-a');
      await harness.settle();
      expect(await flavour('used')).toHaveCondition('DeletionBlocked', {
        message: 'Cannot delete: referenced by workloads: [{Drink user-b}]',
      });
      expect(await eventsOf('used')).toEqual([
        {
          type: 'Warning',
          reason: 'DeletionBlocked',
          action: 'Delete',
          note: 'deletion blocked while still referenced by workloads: [{Drink user-a} {Drink user-b}]',
          count: 1,
        },
      ]);
      await harness.patch(Drink, 'user-b', { spec: { flavourRef: null } });
      await harness.settle();
      expect(await harness.get(Flavour, 'used')).toBeUndefined();
    });

    it("leaves somebody else's finalizer alone", async () => {
      await given({ ...aFlavour('held', 'sweet'), metadata: { name: 'held', finalizers: ['example.com/theirs'] } });
      await harness.delete(Flavour, 'held');
      await harness.settle();
      expect((await flavour('held')).metadata.finalizers).toEqual(['example.com/theirs']);
      await harness.patch(Flavour, 'held', { metadata: { finalizers: null } });
      await harness.settle();
      expect(await harness.get(Flavour, 'held')).toBeUndefined();
    });

    it('does not judge a spec that is edited while deleting', async () => {
      await given(aFlavour('ending', 'sweet'), aDrink('ender', 'ending'));
      await harness.delete(Flavour, 'ending');
      await harness.settle();
      await edit('ending', { taste: 'bitter' });
      expect(await flavour('ending')).toHaveCondition('Valid', { status: 'True', observedGeneration: 1 });
      await harness.delete(Drink, 'ender');
      await harness.settle();
    });
  });

  it('lists at most 100 users, counts all, and writes its status a handful of times for all of them', async () => {
    await given(aFlavour('popular', 'sweet'));
    harness.forgetWrites();
    const names = Array.from({ length: 120 }, (_, index) => `fan-${String(index).padStart(3, '0')}`);
    await harness.apply(...names.map((name) => aDrink(name, 'popular')));
    await harness.settle();
    const { status } = await flavour('popular');
    expect(status?.referenceCount).toBe(120);
    expect(status?.referencingWorkloads).toHaveLength(100);
    expect(status?.referencingWorkloads?.[0]).toEqual({ kind: 'Drink', name: 'fan-000' });
    const onConfig = harness.writes.filter(({ resource }) => resource.kind === 'Flavour');
    expect(onConfig.length).toBeGreaterThan(0);
    expect(onConfig.length).toBeLessThanOrEqual(10);
  });

  it('reconciles exactly the users of a config that changes', async () => {
    await given(
      aFlavour('mine', 'sweet'),
      aFlavour('other', 'sweet'),
      aDrink('my-drink', 'mine'),
      aDrink('other-drink', 'other'),
    );
    harness.forgetWrites();
    await edit('mine', { taste: 'salty' });
    const written = harness.writes.map(({ resource, name, subresource }) =>
      [resource.kind, name, subresource].filter(Boolean).join(' '),
    );
    expect(written.sort()).toEqual(['ConfigMap my-drink', 'Drink my-drink status', 'Flavour mine status']);
  });
});
