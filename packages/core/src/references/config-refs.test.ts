import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { findCondition } from '../conditions/condition.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { SharedConfig } from '../decorators/shared-config.js';
import type { Context } from '../engine/context.js';
import { done, requeueAfter, type Outcome } from '../engine/outcome.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { KindOf, ObjectOf } from '../kind/kind.js';
import { int64 } from '../kind/schema-annotations.js';
import { sharedConfigStatus } from '../kind/shared-config-status.js';
import { defineModule } from '../operator/module.js';
import { configRef } from './config-ref.js';
import { configRefs } from './config-refs.js';

const group = 'families.example.com';
const versions = { v1: {} };

const Flavour = defineKind({
  group,
  kind: 'Flavour',
  versions,
  spec: z.object({ taste: z.string() }),
  status: sharedConfigStatus(),
});

@SharedConfig(Flavour)
class FlavourReconciler {
  @Condition('Valid')
  valid({ spec }: ObjectOf<typeof Flavour>): Verdict {
    if (spec.taste === 'bitter') return verdict.false('TooBitter', 'spec.taste is bitter; choose another');
    return verdict.true('ConfigValid', 'Spec validation passed');
  }
}

/** A config that nobody judges but the test. */
const Draft = defineKind({
  group,
  kind: 'Draft',
  versions,
  spec: z.object({ v: z.int() }),
  status: sharedConfigStatus(),
});

const reference = z.object({ name: z.string() }).optional();
const Menu = defineKind({
  group,
  kind: 'Menu',
  versions,
  spec: z.object({
    dishes: z.record(z.string(), z.object({ flavourRef: reference })).default({}),
    musts: z.array(z.string()).default([]),
    houseRef: reference,
  }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), houseHash: z.string() }).partial(),
});

const dishRefs = configRefs({
  from: Menu,
  to: Flavour,
  names: ({ spec }) =>
    Object.fromEntries(Object.entries(spec.dishes).map(([dish, use]) => [dish, use.flavourRef?.name])),
  prefix: 'Dish-',
  gate: 'judged',
  accepts: ({ spec }) =>
    spec.taste === 'odd' ? verdict.false('TooOdd', 'spec.taste is too odd for a dish') : undefined,
  unreferenced: (_menu, dish) => (dish === 'plain' ? verdict.true('DishPlain', 'needs no flavour') : undefined),
});
const mustRefs = configRefs({
  from: Menu,
  to: Flavour,
  names: ({ spec }) => Object.fromEntries(spec.musts.map((name) => [name, name])),
  prefix: 'MustValidated-',
});
const houseRef = configRef({
  from: Menu,
  to: Draft,
  name: ({ spec }) => spec.houseRef?.name,
  condition: 'HouseValidated',
  hash: 'houseHash',
  gate: 'judged',
});

@Reconciler(Menu)
@References(dishRefs, mustRefs, houseRef)
@Owns(ConfigMap)
class MenuReconciler {
  desired({ metadata }: ObjectOf<typeof Menu>, ctx: Context) {
    const served = [...ctx.references(dishRefs)].flatMap(([dish, found]) =>
      found.state === 'usable' ? [[dish, found.config.spec.taste]] : [],
    );
    const house = ctx.reference(houseRef);
    const data = { ...Object.fromEntries(served), ...(house.state === 'usable' ? { house: house.name } : {}) };
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name }, data }];
  }

  finalize({ metadata }: ObjectOf<typeof Menu>): Outcome {
    return metadata.labels?.['hold'] === 'yes' ? requeueAfter(30_000) : done;
  }
}

const aFlavour = (name: string, taste: string): ManifestObject => ({
  apiVersion: `${group}/v1`,
  kind: 'Flavour',
  metadata: { name },
  spec: { taste },
});
const aMenu = (name: string, spec: object): ManifestObject => ({
  apiVersion: `${group}/v1`,
  kind: 'Menu',
  metadata: { name },
  spec,
});
const uses = (flavour: string) => ({ flavourRef: { name: flavour } });

describe('references to shared configs', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        defineModule({ name: 'flavours', kinds: [Flavour], reconcilers: [FlavourReconciler] }),
        defineModule({ name: 'menus', kinds: [Menu, Draft], reconcilers: [MenuReconciler] }),
      ],
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const change = async (kind: KindOf, name: string, spec: object) => {
    await harness.patch(kind, name, { spec });
    await harness.settle();
  };
  const menu = (name: string) => harness.require(Menu, name);
  const typesOf = async (name: string) => (await menu(name)).status?.conditions?.map(({ type }) => type) ?? [];
  const served = async (name: string) => {
    const made = await harness.get(ConfigMap, name);
    return made && { ...made.data };
  };

  describe('in a family', () => {
    it('has a condition for each member, and none for what names no config', async () => {
      await given(
        aFlavour('sweet', 'sweet'),
        aMenu('each', { dishes: { cake: uses('sweet'), pie: uses('sweet'), bread: {} } }),
      );
      expect(await typesOf('each')).toEqual(['Dish-cake', 'Dish-pie']);
      expect(await menu('each')).toHaveCondition('Dish-cake', {
        status: 'True',
        reason: 'DishValid',
        message: "Flavour 'sweet' is valid",
        observedGeneration: 1,
      });
    });

    it('goes on without the members whose config is missing, invalid or refused, and takes them in when it heals', async () => {
      await given(
        aFlavour('good', 'sweet'),
        aFlavour('bad', 'bitter'),
        aFlavour('strange', 'odd'),
        aMenu('mixed', { dishes: { a: uses('good'), b: uses('bad'), c: uses('nowhere'), d: uses('strange') } }),
      );
      const mixed = await menu('mixed');
      expect(mixed).toHaveCondition('Dish-a', { status: 'True' });
      expect(mixed).toHaveCondition('Dish-b', { status: 'False', reason: 'TooBitter' });
      expect(mixed).toHaveCondition('Dish-c', { status: 'False', reason: 'DishNotFound' });
      expect(mixed).toHaveCondition('Dish-d', { status: 'False', reason: 'TooOdd' });
      expect(await served('mixed')).toEqual({ a: 'sweet' });

      await change(Flavour, 'bad', { taste: 'salty' });
      await given(aFlavour('nowhere', 'umami'));
      expect(await menu('mixed')).toHaveCondition('Dish-b', { status: 'True' });
      expect(await menu('mixed')).toHaveCondition('Dish-c', { status: 'True' });
      expect(await served('mixed')).toEqual({ a: 'sweet', b: 'salty', c: 'umami' });
    });

    it('drops the condition of a member that goes, and keeps the time of those that stay', async () => {
      await given(
        aFlavour('kept', 'sweet'),
        aMenu('shrinking', { dishes: { stays: uses('kept'), goes: uses('absent') } }),
      );
      const before = findCondition((await menu('shrinking')).status?.conditions, 'Dish-stays');
      await change(Menu, 'shrinking', { dishes: { goes: null } });
      expect(await typesOf('shrinking')).toEqual(['Dish-stays']);
      expect(findCondition((await menu('shrinking')).status?.conditions, 'Dish-stays')).toEqual({
        ...before,
        observedGeneration: 2,
      });
    });

    it('can speak of a member that names no config', async () => {
      await given(aMenu('spoken', { dishes: { plain: {} } }));
      expect(await menu('spoken')).toHaveCondition('Dish-plain', { status: 'True', reason: 'DishPlain' });
    });

    it('is a gate unless it says otherwise: while one config cannot be used nothing is applied', async () => {
      await given(aFlavour('here', 'sweet'), aMenu('gated', { musts: ['here', 'missing'] }));
      expect(await menu('gated')).toHaveCondition('MustValidated-here', { status: 'True', reason: 'MustValid' });
      expect(await menu('gated')).toHaveCondition('MustValidated-missing', { status: 'False', reason: 'MustNotFound' });
      expect(await served('gated')).toBeUndefined();
      await given(aFlavour('missing', 'sweet'));
      expect(await served('gated')).toEqual({});
    });

    it('stands in for a key that cannot be part of a type, so that the status can be written', async () => {
      await given(aMenu('odd-key', { dishes: { 'soup of the day': uses('none') } }));
      expect(await typesOf('odd-key')).toEqual([expect.stringMatching(/^Dish-soup_of_the_day-[0-9a-f]+$/)]);
    });

    it('keeps its conditions as they are while the object is being deleted', async () => {
      const held = aMenu('leaving', { dishes: { a: uses('gone') } });
      await given({ ...held, metadata: { name: 'leaving', labels: { hold: 'yes' } } });
      await harness.delete(Menu, 'leaving');
      await harness.settle();
      await change(Menu, 'leaving', { dishes: { a: null, b: uses('gone') } });
      expect(await typesOf('leaving')).toEqual(['Dish-a']);
      await harness.patch(Menu, 'leaving', { metadata: { labels: { hold: null } } });
      await harness.settle();
      expect(await harness.get(Menu, 'leaving')).toBeUndefined();
    });

    it('counts each user once on every config it names, and lets go of a config with its last member', async () => {
      await given(
        aFlavour('shared', 'sweet'),
        aFlavour('single', 'sweet'),
        aMenu('user', { dishes: { a: uses('shared'), b: uses('shared'), c: uses('single') }, musts: ['shared'] }),
      );
      for (const name of ['shared', 'single']) {
        expect((await harness.require(Flavour, name)).status).toMatchObject({
          referenceCount: 1,
          referencingWorkloads: [{ kind: 'Menu', name: 'user' }],
        });
      }
      await harness.delete(Flavour, 'single');
      await harness.settle();
      expect(await harness.require(Flavour, 'single')).toHaveCondition('DeletionBlocked', {
        message: 'Cannot delete: referenced by workloads: [{Menu user}]',
      });
      await change(Menu, 'user', { dishes: { c: null } });
      expect(await harness.get(Flavour, 'single')).toBeUndefined();
      expect((await harness.require(Flavour, 'shared')).status?.referenceCount).toBe(1);
    });

    it('reconciles the users of a config that changes, whichever member names it, and no others; then makes no write', async () => {
      await given(
        aFlavour('first', 'sweet'),
        aFlavour('second', 'sweet'),
        aMenu('of-both', { dishes: { a: uses('first'), b: uses('second') } }),
        aMenu('of-first', { dishes: { a: uses('first') } }),
      );
      harness.forgetWrites();
      await change(Flavour, 'second', { taste: 'salty' });
      expect(harness.writes.map(({ resource, name }) => `${resource.kind} ${name}`).sort()).toEqual([
        'ConfigMap of-both',
        'Flavour second',
      ]);
      harness.forgetWrites();
      await harness.patch(Menu, 'of-both', { metadata: { labels: { touched: 'yes' } } });
      await harness.settle();
      expect(harness.writes).toEqual([]);
    });
  });

  describe('that hold nothing back', () => {
    const aHouse = (name: string, draft: string) => aMenu(name, { dishes: {}, houseRef: { name: draft } });
    const aDraft = (name: string) =>
      given({ apiVersion: `${group}/v1`, kind: 'Draft', metadata: { name }, spec: { v: 1 } });
    const judge = async (name: string, status: 'True' | 'False', observedGeneration: number) => {
      const lastTransitionTime = '2026-01-01T00:00:00Z';
      const valid = { type: 'Valid', status, reason: 'Judged', message: 'so', lastTransitionTime, observedGeneration };
      await harness.patchStatus(Draft, name, { conditions: [valid], configHash: `h${observedGeneration}` });
      await harness.settle();
    };

    it('still wait for a first verdict, then go on without a config that is invalid', async () => {
      await aDraft('young');
      await given(aHouse('waiting', 'young'));
      expect(await menu('waiting')).toHaveCondition('HouseValidated', { status: 'Unknown', reason: 'HousePending' });
      expect(await served('waiting')).toBeUndefined();
      await judge('young', 'False', 1);
      expect(await menu('waiting')).toHaveCondition('HouseValidated', { status: 'False', reason: 'Judged' });
      expect(await served('waiting')).toEqual({});
    });

    it('keep what runs as it is while a config is judged anew', async () => {
      await aDraft('edited');
      await judge('edited', 'True', 1);
      await given(aHouse('steady', 'edited'));
      expect(await served('steady')).toEqual({ house: 'edited' });
      await harness.patch(Draft, 'edited', { spec: { v: 2 } });
      await harness.settle();
      expect(await menu('steady')).toHaveCondition('HouseValidated', { status: 'True' });
      expect(await served('steady')).toEqual({ house: 'edited' });
      await judge('edited', 'False', 2);
      expect(await served('steady')).toEqual({});
      expect((await menu('steady')).status?.houseHash).toBe('h1');
    });
  });
});
