import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { int64 } from '../kind/schema-annotations.js';
import { defineModule } from '../operator/module.js';
import { configRefs } from '../references/config-refs.js';
import type { Context } from './context.js';

const group = 'misshapen.example.com';
const status = () => z.object({ conditions: conditions(), observedGeneration: int64() }).partial();

const Spice = defineKind({ group, kind: 'Spice', versions: { v1: {} }, spec: z.object({}), status: status() });
const Dish = defineKind({
  group,
  kind: 'Dish',
  versions: { v1: {} },
  spec: z.object({ name: z.string().default('soup'), spices: z.array(z.string()).default([]) }),
  status: status(),
});
type Dish = ObjectOf<typeof Dish>;

const spiceRefs = configRefs({
  from: Dish,
  to: Spice,
  names: ({ spec }) => Object.fromEntries(spec.spices.map((name) => [name, name])),
  prefix: 'Spice-',
  gate: 'nothing',
});

/** Its author did not think of objects that no rule of the schema ever saw. */
@Reconciler(Dish)
@References(spiceRefs)
@Owns(ConfigMap)
class DishReconciler {
  @Condition('Named')
  named({ spec }: Dish): Verdict {
    return verdict.true('Named', spec.name.toUpperCase());
  }

  desired({ metadata, spec }: Dish, ctx: Context) {
    const data = { spices: spec.spices.join(), count: String(ctx.references(spiceRefs).size) };
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name }, data }];
  }
}

describe('an object with values of other types than its schema has', () => {
  let harness: Harness;

  beforeAll(async () => {
    // The server has a schema that lets everything in, as it may have had when the object was stored.
    const loose = { ...Dish, definition: { ...Dish.definition, spec: z.looseObject({}) } };
    harness = await Harness.start({
      modules: [defineModule({ name: 'dishes', kinds: [loose, Spice], reconcilers: [DishReconciler] })],
    });
  });
  afterAll(() => harness.stop());

  const given = async (spec: object) => {
    await harness.apply({ apiVersion: `${group}/v1`, kind: 'Dish', metadata: { name: 'odd' }, spec });
    await harness.settle();
    return harness.require(Dish, 'odd');
  };

  it('is told which field it is, keeps what runs, is not retried, and heals', async () => {
    await given({ name: 'stew', spices: ['salt'] });
    const odd = await given({ name: 5, spices: ['salt'] });
    expect(odd).toHaveCondition('Named', {
      status: 'False',
      reason: 'SpecInvalid',
      message: 'spec.name: Invalid input: expected string, received number',
    });
    expect(odd).toHaveCondition('Spice-salt', { status: 'False', reason: 'SpiceNotFound' });
    expect(await harness.get(ConfigMap, 'odd')).toMatchObject({ data: { spices: 'salt' } });
    expect(await given({ name: 'stew', spices: ['salt'] })).toHaveCondition('Named', { status: 'True' });
  });

  it('keeps what was said of its references while they cannot be read', async () => {
    await given({ name: 'stew', spices: ['pepper'] });
    const odd = await given({ name: 'stew', spices: 7 });
    expect(odd.status?.observedGeneration).toBe(odd.metadata.generation);
    expect(odd).toHaveCondition('Spice-pepper', { status: 'False', reason: 'SpiceNotFound' });
    expect(await harness.get(ConfigMap, 'odd')).toMatchObject({ data: { spices: 'pepper' } });
  });
});
