import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@trueup/kube';
import { Harness } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { ConfigMap, Event, Secret, ServiceAccount } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { Watches } from '../decorators/watches.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { KindOf, ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import type { Context } from './context.js';
import type { DesiredObject } from './reconciler.js';

const group = 'ownership.example.com';
const apiVersion = `${group}/v1`;

const Nest = defineKind({
  group,
  kind: 'Nest',
  versions: { v1: {} },
  spec: z.object({
    maps: z.array(z.string()).default([]),
    secrets: z.array(z.string()).default([]),
    accounts: z.array(z.string()).default([]),
    looksAtUnserved: z.boolean().default(false),
    elsewhere: z.string().optional(),
  }),
  status: z.object({ conditions: conditions() }).partial(),
});
type Nest = ObjectOf<typeof Nest>;
/** Nobody installs it. */
const Unserved = defineKind({ group, kind: 'Unserved', versions: { v1: {} }, spec: z.object({}) });
const Tree = defineKind({
  group,
  kind: 'Tree',
  scope: 'Cluster',
  versions: { v1: {} },
  spec: z.object({ namespace: z.string().optional() }),
  status: z.object({ conditions: conditions() }).partial(),
});

@Reconciler(Nest)
@Owns(ConfigMap)
@Owns(Secret, { conflicts: 'report', adopt: true })
@Owns(ServiceAccount, { conflicts: 'force', orphan: true })
@Watches(Unserved, { map: () => [] })
class NestReconciler {
  desired({ metadata: { name: owner }, spec }: Nest, ctx: Context): DesiredObject[] {
    if (spec.looksAtUnserved) ctx.list(Unserved);
    const metadata = (name: string) => ({ name, ...(spec.elsewhere && { namespace: spec.elsewhere }) });
    const objects = (kind: string, names: readonly string[], content: object): DesiredObject[] =>
      names.map((name) => ({ apiVersion: 'v1', kind, metadata: metadata(name), ...content }));
    return [
      ...objects('ConfigMap', spec.maps, { data: { owner } }),
      ...objects('Secret', spec.secrets, { stringData: undefined, data: { owner: btoa(owner) } }),
      ...objects('ServiceAccount', spec.accounts, { automountServiceAccountToken: false }),
    ];
  }

  @Condition('Ready', { observes: [ConfigMap] })
  ready(_: Nest, { problems: [problem] }: Context): Verdict {
    return problem ? verdict.false('NotReady', problem.message) : verdict.true('Ready');
  }
}

@Reconciler(Tree)
@Owns(ConfigMap)
class TreeReconciler {
  desired({ metadata: { name }, spec: { namespace } }: ObjectOf<typeof Tree>): DesiredObject[] {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { from: 'tree' } }];
  }

  @Condition('Ready', { observes: [ConfigMap] })
  ready(_: ObjectOf<typeof Tree>, { problems: [problem] }: Context): Verdict {
    return problem ? verdict.false('NotReady', problem.message) : verdict.true('Ready');
  }
}

describe('owning children', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [defineModule({ name: 'nests', kinds: [Nest, Tree], reconcilers: [NestReconciler, TreeReconciler] })],
    });
  });
  afterAll(() => harness.stop());

  const given = async (name: string, spec: object): Promise<Nest> => {
    await harness.apply({ apiVersion, kind: 'Nest', metadata: { name }, spec });
    return settled(name);
  };
  const settled = async (name: string): Promise<Nest> => {
    await harness.settle();
    return harness.require(Nest, name);
  };
  const touch = (name: string) =>
    harness.patch(Nest, name, { metadata: { labels: { touched: String(Math.random()) } } });
  const appliedBy = (fieldManager: string, kind: string, name: string, content: object) =>
    harness.client.apply(
      kind === 'ConfigMap' ? ConfigMap.resource : kind === 'Secret' ? Secret.resource : ServiceAccount.resource,
      { apiVersion: 'v1', kind, metadata: { name, namespace: harness.namespace }, ...content },
      { fieldManager, force: true },
    );
  const eventsOf = async (name: string) =>
    (await harness.list(Event))
      .filter(({ regarding }) => regarding?.name === name)
      .map(({ type, reason, note }) => [type, reason, note?.replaceAll(harness.namespace, 'NS')].join(' '));
  const ownersOf = async <T extends KubernetesObject>(kind: KindOf<T>, name: string) =>
    (await harness.require(kind, name)).metadata.ownerReferences?.map((owner) => owner.name) ?? [];

  it('puts back what somebody edited, and tells who', async () => {
    await given('edited', { maps: ['edited'] });
    await harness.client.mergePatch(
      ConfigMap.resource,
      { namespace: harness.namespace, name: 'edited' },
      { data: { owner: 'mallory' } },
      { fieldManager: 'kubectl-edit' },
    );
    expect(await settled('edited')).toHaveCondition('Ready', { status: 'True' });
    expect((await harness.require(ConfigMap, 'edited')).data).toEqual({ owner: 'edited' });
    expect(await eventsOf('edited')).toEqual([
      'Normal FieldsPutBack ConfigMap NS/edited: .data.owner was set by "kubectl-edit"; it was put back',
    ]);
  });

  it('leaves to another manager what that applies, says so, and goes on when it gives way', async () => {
    await given('contested', { maps: ['contested'] });
    await appliedBy('argocd', 'ConfigMap', 'contested', { data: { owner: 'argocd' } });
    const nest = await settled('contested');
    const message = /^ConfigMap .*\/contested: \.data\.owner is applied by "argocd"; leave it to one of the two/;
    expect(nest).toHaveCondition('ChildConflict', { status: 'True', reason: 'FieldConflict', message });
    expect(nest).toHaveCondition('Ready', { status: 'False', message });
    await touch('contested');
    await harness.settle();
    expect((await harness.require(ConfigMap, 'contested')).data).toEqual({ owner: 'argocd' });
    expect(await eventsOf('contested')).toEqual([
      expect.stringContaining('Warning FieldConflict ConfigMap NS/contested'),
    ]);

    await appliedBy('argocd', 'ConfigMap', 'contested', {});
    const healed = await settled('contested');
    expect(healed).toHaveCondition('Ready', { status: 'True' });
    expect(healed).not.toHaveCondition('ChildConflict');
    expect((await harness.require(ConfigMap, 'contested')).data).toEqual({ owner: 'contested' });
  });

  it('takes nothing from anybody where the author says so, not even an edit', async () => {
    await given('reported', { secrets: ['reported'] });
    await harness.patch(Secret, 'reported', { data: { owner: btoa('mallory') } });
    expect(await settled('reported')).toHaveCondition('ChildConflict', {
      reason: 'FieldConflict',
      message: /\.data\.owner was set by "trueup-harness"/,
    });
    expect((await harness.require(Secret, 'reported')).data).toEqual({ owner: btoa('mallory') });
  });

  it('takes everything where the author says so, and tells from whom', async () => {
    await given('forced', { accounts: ['forced'] });
    await appliedBy('argocd', 'ServiceAccount', 'forced', { automountServiceAccountToken: true });
    expect(await settled('forced')).toHaveCondition('Ready', { status: 'True' });
    expect(await harness.require(ServiceAccount, 'forced')).toMatchObject({ automountServiceAccountToken: false });
    expect(await eventsOf('forced')).toEqual([
      'Normal FieldsPutBack ServiceAccount NS/forced: .automountServiceAccountToken is applied by "argocd"; it was put back',
    ]);
  });

  it('leaves alone what was there before, unless the author adopts it', async () => {
    await appliedBy('somebody', 'ConfigMap', 'taken', { data: { theirs: 'yes' } });
    await appliedBy('somebody', 'Secret', 'taken', { data: { theirs: btoa('yes') } });
    expect(await given('taken', { maps: ['taken'] })).toHaveCondition('ChildConflict', {
      reason: 'NotOwned',
      message: /ConfigMap .*\/taken was there before and belongs to nobody; remove it, or rename Nest .*\/taken/,
    });
    expect(await ownersOf(ConfigMap, 'taken')).toEqual([]);
    expect((await harness.require(ConfigMap, 'taken')).data).toEqual({ theirs: 'yes' });

    await harness.patch(Nest, 'taken', { spec: { maps: [], secrets: ['taken'] } });
    expect(await settled('taken')).not.toHaveCondition('ChildConflict');
    expect(await ownersOf(Secret, 'taken')).toEqual(['taken']);
    expect((await harness.require(Secret, 'taken')).data).toEqual({ theirs: btoa('yes'), owner: btoa('taken') });
  });

  it('takes back a child that somebody took from it', async () => {
    await given('bereft', { maps: ['bereft'] });
    await harness.patch(ConfigMap, 'bereft', { metadata: { ownerReferences: null } });
    await harness.settle();
    expect(await ownersOf(ConfigMap, 'bereft')).toEqual(['bereft']);
  });

  it('says who owns an object that it wants', async () => {
    await given('first', { maps: ['wanted'] });
    expect(await given('second', { maps: ['wanted'] })).toHaveCondition('ChildConflict', {
      reason: 'OwnedByOther',
      message: /ConfigMap .*\/wanted belongs to Nest first/,
    });
  });

  it('waits until the children of a predecessor of its name are gone', async () => {
    const owner = { apiVersion, kind: 'Nest', name: 'heir', uid: 'of-the-predecessor', controller: true };
    await harness.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'heir', ownerReferences: [owner], finalizers: ['example.com/slow'] },
    });
    expect(await given('heir', { maps: ['heir'] })).not.toHaveCondition('ChildConflict');
    await harness.patch(ConfigMap, 'heir', { metadata: { finalizers: null } });
    const heir = await settled('heir');
    expect(heir).toHaveCondition('Ready', { status: 'True' });
    const [{ uid } = {}] = (await harness.require(ConfigMap, 'heir')).metadata.ownerReferences ?? [];
    expect(uid).toBe(heir.metadata.uid);
    expect(await eventsOf('heir')).toEqual([]);
  });

  it('leaves behind what the author says: when it is no longer desired, and when the owner goes', async () => {
    await given('parting', { maps: ['parting'], accounts: ['parting-a', 'parting-b'] });
    await harness.patch(Nest, 'parting', { spec: { accounts: ['parting-b'] } });
    await harness.settle();
    expect(await ownersOf(ServiceAccount, 'parting-a')).toEqual([]);
    await harness.patch(Nest, 'parting', { spec: { accounts: ['parting-a', 'parting-b'] } });
    await harness.settle();
    expect(await ownersOf(ServiceAccount, 'parting-a')).toEqual(['parting']);

    await harness.delete(Nest, 'parting');
    await harness.settle();
    expect(await harness.get(Nest, 'parting')).toBeUndefined();
    expect(await harness.get(ConfigMap, 'parting')).toBeUndefined();
    expect([await ownersOf(ServiceAccount, 'parting-a'), await ownersOf(ServiceAccount, 'parting-b')]).toEqual([
      [],
      [],
    ]);
  });

  it('removes nothing while a kind that was looked at has not been read', async () => {
    await given('cautious', { maps: ['cautious-a', 'cautious-b'], looksAtUnserved: true });
    await harness.patch(Nest, 'cautious', { spec: { maps: ['cautious-b'] } });
    expect(await settled('cautious')).toHaveCondition('Ready', { status: 'True' });
    expect(await harness.get(ConfigMap, 'cautious-a')).toBeDefined();
    await harness.patch(Nest, 'cautious', { spec: { looksAtUnserved: false } });
    await harness.settle();
    expect(await harness.get(ConfigMap, 'cautious-a')).toBeUndefined();
  });

  describe('across scopes', () => {
    it('refuses a child in another namespace before it is made', async () => {
      expect(await given('wanderer', { maps: ['wanderer'], elsewhere: 'default' })).toHaveCondition('Ready', {
        status: 'False',
        message: /an owner and what it owns are in one namespace; leave metadata.namespace out/,
      });
    });

    it('lets an object that is in no namespace own some in any, and puts them right', async () => {
      const tree = (name: string, spec: object) => ({ apiVersion, kind: 'Tree', metadata: { name }, spec });
      const name = `tree-of-${harness.namespace}`;
      await harness.apply(tree(name, { namespace: harness.namespace }), tree(`${name}-nowhere`, {}));
      await harness.settle();
      await harness.patch(ConfigMap, name, { data: { from: 'mallory' } });
      await harness.settle();
      expect((await harness.require(ConfigMap, name)).data).toEqual({ from: 'tree' });
      expect(await harness.require(Tree, `${name}-nowhere`)).toHaveCondition('Ready', {
        status: 'False',
        message: /say in which namespace .* is to be/,
      });
      await harness.delete(Tree, name);
      await harness.delete(Tree, `${name}-nowhere`);
    });
  });
});
