import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@trueup/kube';
import { Harness } from '@trueup/testing';
import { embeddedOnly } from '@trueup/testing/embedded-only';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { ConfigMap, Event, Secret, Service } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition, ConditionFamily } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { Watches } from '../decorators/watches.js';
import { SpecError } from '../errors.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { int64, rawObject } from '../kind/schema-annotations.js';
import { defineModule } from '../operator/module.js';
import type { Context } from './context.js';
import { done, requeueAfter } from './outcome.js';
import type { DesiredObject } from './reconciler.js';

const Widget = defineKind({
  group: 'engine.example.com',
  kind: 'Widget',
  versions: { v1: {} },
  spec: z.object({
    maps: z.array(z.string()).optional(),
    backends: z.array(z.string()).optional(),
    isBroken: z.boolean().optional(),
    isRehearsed: z.boolean().optional(),
    fails: z.enum(['spec', 'once', 'prototype']).optional(),
    secretName: z.string().optional(),
    raw: rawObject().optional(),
  }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), phase: z.string() }).partial(),
});
type Widget = ObjectOf<typeof Widget>;

/** How often things were called, by object. */
const calls = { desired: new Map<string, number>(), finalized: [] as string[], holdFinalizer: false };
const count = (name: string) => calls.desired.set(name, (calls.desired.get(name) ?? 0) + 1);

function widgetOf({ metadata }: KubernetesObject) {
  const name = metadata.labels?.['widget'];
  return name === undefined ? [] : [{ ...metadata, name }];
}

@Reconciler(Widget, { formerFinalizers: ['example.com/former'] })
@Owns(ConfigMap, { rehearse: ({ spec }: Widget) => spec.isRehearsed === true })
@Watches(Secret, { map: widgetOf })
@Watches(Service, { map: widgetOf, tells: ({ spec }: Service) => spec?.ports })
class WidgetReconciler {
  @Condition('Sound', {
    gate: true,
    event: { onFalse: { reason: 'Broken', action: 'Check', note: ({ message }) => `100% ${message}` } },
  })
  sound({ spec }: Widget): Verdict {
    return spec.isBroken === true
      ? verdict.false('Broken', 'spec.isBroken is true; set it to false')
      : verdict.true('Sound');
  }

  @ConditionFamily('Backend-')
  backends({ spec }: Widget): Record<string, Verdict> {
    return Object.fromEntries((spec.backends ?? []).map((name) => [name, verdict.true('Known')]));
  }

  @Condition('SecretFound')
  secretFound({ spec }: Widget, ctx: Context): Verdict {
    if (spec.secretName === undefined) return verdict.absent;
    return ctx.get(Secret, spec.secretName)
      ? verdict.true('Found')
      : verdict.false('NotFound', `Secret "${spec.secretName}" does not exist`);
  }

  desired({ metadata, spec }: Widget): DesiredObject[] {
    count(metadata.name);
    if (spec.fails === 'spec') throw new SpecError('spec.fails is "spec"; remove it');
    if (spec.fails === 'once' && calls.desired.get(metadata.name) === 1) throw new Error('the network is down');
    return (spec.maps ?? []).map((name) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { owner: metadata.name },
    }));
  }

  @Condition('Ready', { observes: [ConfigMap] })
  ready(_: Widget, ctx: Context): Verdict {
    const [problem] = ctx.problems;
    if (problem) return verdict.false('NotReady', problem.message);
    return verdict.true('Ready', `${ctx.owned(ConfigMap).length} maps`);
  }

  status(_: Widget, ctx: Context) {
    return { phase: ctx.isDeleting ? 'Terminating' : ctx.problems.length > 0 ? 'Failed' : 'Ready' };
  }

  finalize({ metadata }: Widget) {
    if (calls.holdFinalizer) return requeueAfter(60_000);
    calls.finalized.push(metadata.name);
    return done;
  }
}

const FINALIZER = 'widget.engine.example.com/finalizer';
const aWidget = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'engine.example.com/v1',
  kind: 'Widget',
  metadata: { name, ...metadata },
  spec,
});

describe('the engine', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [defineModule({ name: 'widgets', kinds: [Widget], reconcilers: [WidgetReconciler] })],
      formerManagers: ['former-operator'],
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const settled = async (name: string) => {
    await harness.settle();
    return harness.require(Widget, name);
  };
  const writes = () =>
    harness.writes.map(({ verb, resource, subresource }) =>
      [verb, resource.plural, subresource ?? ''].join(' ').trim(),
    );

  it('applies children, owns them, and reports in one status write', async () => {
    await harness.apply(aWidget('plain', { maps: ['plain-a', 'plain-b'] }));
    const widget = await settled('plain');

    expect(widget.status).toMatchObject({ phase: 'Ready', observedGeneration: 1 });
    expect(widget).toHaveCondition('Ready', { status: 'True', message: '2 maps', observedGeneration: 1 });
    const child = await harness.require(ConfigMap, 'plain-a');
    expect(child.data).toEqual({ owner: 'plain' });
    expect(child.metadata.ownerReferences).toEqual([
      expect.objectContaining({
        kind: 'Widget',
        name: 'plain',
        uid: widget.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      }),
    ]);
    expect(writes()).toEqual(['patch widgets', 'patch configmaps', 'patch configmaps', 'patch widgets status']);
  });

  it('writes nothing for a label, nor for a second run on a steady state', async () => {
    await harness.apply(aWidget('steady', { maps: ['steady-a'] }));
    await harness.settle();
    harness.forgetWrites();
    const { metadata } = await harness.patch(Widget, 'steady', { metadata: { labels: { touched: 'yes' } } });
    const widget = await settled('steady');
    expect(widget.metadata.resourceVersion).toBe(metadata.resourceVersion);
    expect(writes()).toEqual([]);
  });

  it('puts back what somebody changed or deleted of a child', async () => {
    await harness.apply(aWidget('healing', { maps: ['healing-a'] }));
    await harness.settle();
    await harness.patch(ConfigMap, 'healing-a', { data: { owner: 'mallory', theirs: 'stays' } });
    await harness.settle();
    expect((await harness.require(ConfigMap, 'healing-a')).data).toEqual({ owner: 'healing', theirs: 'stays' });
    await harness.delete(ConfigMap, 'healing-a');
    await harness.settle();
    expect(await harness.get(ConfigMap, 'healing-a')).toBeDefined();
  });

  it('removes children that are no longer desired, and only those it made', async () => {
    await harness.apply(aWidget('pruned', { maps: ['pruned-a', 'pruned-b'] }));
    const { metadata } = await settled('pruned');
    const owner = {
      apiVersion: 'engine.example.com/v1',
      kind: 'Widget',
      name: 'pruned',
      uid: metadata.uid ?? '',
      controller: true,
    };
    await harness.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'pruned-foreign', ownerReferences: [owner] },
    });
    await harness.patch(Widget, 'pruned', { spec: { maps: ['pruned-b'] } });
    await harness.settle();
    expect(await harness.get(ConfigMap, 'pruned-a')).toBeUndefined();
    expect(await harness.get(ConfigMap, 'pruned-b')).toBeDefined();
    expect(await harness.get(ConfigMap, 'pruned-foreign')).toBeDefined();
  });

  it('refuses to remove an implausible share of the children at once', async () => {
    const maps = Array.from({ length: 12 }, (_, index) => `many-${index}`);
    await harness.apply(aWidget('many', { maps }));
    await harness.settle();
    await harness.patch(Widget, 'many', { spec: { maps: [] } });
    const widget = await settled('many');
    expect(widget).toHaveCondition('Ready', { status: 'False', message: /12 of 12 children are no longer desired/ });
    expect((await harness.list(ConfigMap)).filter(({ metadata }) => metadata.name.startsWith('many-'))).toHaveLength(
      12,
    );
    await harness.patch(Widget, 'many', { spec: { maps } });
    await harness.settle();
  });

  it('never overwrites an object that another controller owns', async () => {
    await harness.apply(aWidget('owner', { maps: ['contested'] }));
    await harness.settle();
    await harness.apply(aWidget('late', { maps: ['contested'] }));
    await harness.settle();
    expect(await harness.require(Widget, 'late')).toHaveCondition('Ready', {
      status: 'False',
      message: /ConfigMap .*contested belongs to Widget owner/,
    });
    expect((await harness.require(ConfigMap, 'contested')).data).toEqual({ owner: 'owner' });
    await harness.patch(Widget, 'late', { spec: { maps: [] } });
    await harness.settle();
  });

  it('shows what the API server refuses of a child, retries it no more, and heals', async () => {
    await harness.apply(aWidget('refused', { maps: ['Not A Name'] }));
    expect(await settled('refused')).toHaveCondition('Ready', { status: 'False', message: /Not A Name.* is invalid/ });
    harness.forgetWrites();
    await harness.patch(Widget, 'refused', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(writes()).toEqual([]);
    await harness.patch(Widget, 'refused', { spec: { maps: ['refused-a'] } });
    expect(await settled('refused')).toHaveCondition('Ready', { status: 'True' });
    expect(await harness.get(ConfigMap, 'refused-a')).toBeDefined();
  });

  it('asks first whether the API server takes a child, where the class says so, and leaves all as it is if not', async () => {
    await harness.apply(aWidget('rehearsed', { isRehearsed: true, maps: ['rehearsed-a'] }));
    expect(await settled('rehearsed')).toHaveCondition('Ready', { status: 'True' });
    expect(harness.writes.filter(({ dryRun }) => dryRun)).toHaveLength(1);

    await harness.patch(Widget, 'rehearsed', { spec: { maps: ['rehearsed-b', 'Not A Name'] } });
    expect(await settled('rehearsed')).toHaveCondition('Ready', {
      status: 'False',
      message: /Not A Name.* is invalid/,
    });
    expect(await harness.get(ConfigMap, 'rehearsed-a')).toBeDefined();
    expect(await harness.get(ConfigMap, 'rehearsed-b')).toBeUndefined();

    harness.forgetWrites();
    await harness.patch(Widget, 'rehearsed', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(writes()).toEqual([]);
  });

  it('applies nothing while a gate is False, keeps what runs, heals, and tells the transition once', async () => {
    await harness.apply(aWidget('gated', { maps: ['gated-a'] }));
    await harness.settle();
    await harness.patch(Widget, 'gated', { spec: { isBroken: true, maps: ['gated-b'] } });
    let widget = await settled('gated');
    expect(widget).toHaveCondition('Sound', { status: 'False', reason: 'Broken', observedGeneration: 2 });
    expect(widget).toHaveCondition('Ready', { status: 'False', message: 'spec.isBroken is true; set it to false' });
    expect(await harness.get(ConfigMap, 'gated-a')).toBeDefined();
    expect(await harness.get(ConfigMap, 'gated-b')).toBeUndefined();

    await harness.patch(Widget, 'gated', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    const events = (await harness.list(Event)).filter(({ regarding }) => regarding?.name === 'gated');
    expect(events.map(({ type, reason, note }) => ({ type, reason, note }))).toEqual([
      { type: 'Warning', reason: 'Broken', note: '100% spec.isBroken is true; set it to false' },
    ]);

    await harness.patch(Widget, 'gated', { spec: { isBroken: null } });
    widget = await settled('gated');
    expect(widget).toHaveCondition('Ready', { status: 'True', observedGeneration: 3 });
    expect(await harness.get(ConfigMap, 'gated-a')).toBeUndefined();
    expect(await harness.get(ConfigMap, 'gated-b')).toBeDefined();
  });

  it('removes a condition nobody states any more, also of a family, and leaves those of others', async () => {
    await harness.apply(aWidget('family', { backends: ['one', 'two'], secretName: 'absent' }));
    const before = await settled('family');
    expect(before).toHaveCondition('Backend-one', { status: 'True' });
    expect(before).toHaveCondition('SecretFound', { status: 'False' });
    await harness.client.apply(
      Widget.resource,
      {
        apiVersion: 'engine.example.com/v1',
        kind: 'Widget',
        metadata: { namespace: harness.namespace, name: 'family' },
        status: {
          conditions: [
            {
              type: 'Foreign',
              status: 'True',
              reason: 'Theirs',
              message: '',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
        },
      } as never,
      { fieldManager: 'somebody-else', subresource: 'status' },
    );
    await harness.patch(Widget, 'family', { spec: { backends: ['two'], secretName: null } });
    const { status } = await settled('family');
    expect(status?.conditions?.map(({ type }) => type).sort()).toEqual(['Backend-two', 'Foreign', 'Ready', 'Sound']);
  });

  it('keeps lastTransitionTime while the status stays, whatever else changes', async () => {
    await harness.apply(aWidget('times', { maps: ['times-a'] }));
    const time = (widget: Widget) =>
      widget.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    const before = time(await settled('times'));
    await harness.patch(Widget, 'times', { spec: { maps: [] } });
    const after = await settled('times');
    expect(after).toHaveCondition('Ready', { message: '0 maps', observedGeneration: 2 });
    expect(time(after)).toBe(before);
  });

  it('does not retry a spec error, and shows it', async () => {
    await harness.apply(aWidget('hopeless', { fails: 'spec' }));
    const widget = await settled('hopeless');
    expect(widget.status).toMatchObject({ phase: 'Failed' });
    expect(widget).toHaveCondition('Ready', { status: 'False', message: 'spec.fails is "spec"; remove it' });
    expect(calls.desired.get('hopeless')).toBe(1);
  });

  it('retries any other error, and heals by itself', async () => {
    await harness.apply(aWidget('flaky', { fails: 'once', maps: ['flaky-a'] }));
    const widget = await settled('flaky');
    expect(widget).toHaveCondition('Ready', { status: 'True' });
    expect(calls.desired.get('flaky')).toBe(2);
  });

  it('reconciles what a watched object maps to, before and after its change', async () => {
    await harness.apply(
      aWidget('watching', { secretName: 'shared' }),
      aWidget('watching-too', { secretName: 'shared' }),
    );
    await harness.settle();
    await harness.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'shared', labels: { widget: 'watching' } },
    });
    expect(await settled('watching')).toHaveCondition('SecretFound', { status: 'True' });
    expect(await harness.require(Widget, 'watching-too')).toHaveCondition('SecretFound', { status: 'False' });
    await harness.patch(Secret, 'shared', { metadata: { labels: { widget: 'watching-too' } } });
    expect(await settled('watching-too')).toHaveCondition('SecretFound', { status: 'True' });
    await harness.delete(Secret, 'shared');
    expect(await settled('watching-too')).toHaveCondition('SecretFound', { status: 'False' });
  });

  it('reconciles for what a watched object tells, a burst taken together, and for nothing else of it', async () => {
    const passesAfter = async (change: () => Promise<unknown>) => {
      calls.desired.delete('served');
      await change();
      await harness.settle();
      return calls.desired.get('served') ?? 0;
    };
    const aService = (name: string, labels: Record<string, string> = { widget: 'served' }) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels },
      spec: { ports: [{ port: 80 }] },
    });
    const names = Array.from({ length: 20 }, (_, index) => `serves-${index}`);
    await harness.apply(aWidget('served'));
    await harness.settle();
    const ofMany = await passesAfter(() => Promise.all(names.map((name) => harness.apply(aService(name)))));
    expect(ofMany).toBeGreaterThan(0);
    expect(ofMany).toBeLessThan(10);
    const aPort = { spec: { ports: [{ port: 81 }] } };
    const aLabel = { metadata: { labels: { colour: 'red' } } };
    expect(await passesAfter(() => harness.patch(Service, 'serves-0', aLabel))).toBe(0);
    expect(await passesAfter(() => harness.patch(Service, 'serves-0', aPort))).toBe(1);
    expect(await passesAfter(() => harness.apply(aService('serves-1', {})))).toBe(1);
    expect(await passesAfter(() => harness.patch(Service, 'serves-1', { spec: { ports: [{ port: 82 }] } }))).toBe(0);
    expect(await passesAfter(() => harness.delete(Service, 'serves-0'))).toBe(1);
  });

  embeddedOnly('sees an edit that the answer to its own status write tells of before the watch does', async () => {
    await harness.apply(aWidget('overtaken', { secretName: 'overtaking' }));
    await harness.settle();
    const release = harness.controlPlane?.faults.inject({ type: 'stall-watch', match: { resource: 'widgets' } });
    await harness.patch(Widget, 'overtaken', { spec: { maps: ['overtaken-a'] } });
    const metadata = { name: 'overtaking', labels: { widget: 'overtaken' } };
    await harness.apply({ apiVersion: 'v1', kind: 'Secret', metadata });
    const widget = await settled('overtaken');
    release?.();

    expect(widget).toHaveCondition('SecretFound', { status: 'True', observedGeneration: 2 });
    expect(widget).toHaveCondition('Ready', { message: '1 maps', observedGeneration: 2 });
  });

  it("holds its finalizer until clean-up is done, and never loses somebody else's", async () => {
    calls.holdFinalizer = true;
    await harness.apply(aWidget('leaving', {}, { finalizers: ['example.com/theirs'] }));
    expect((await settled('leaving')).metadata.finalizers).toEqual(['example.com/theirs', FINALIZER]);
    await harness.delete(Widget, 'leaving');
    const held = await settled('leaving');
    expect(held.metadata.finalizers).toContain(FINALIZER);
    expect(held.status?.phase).toBe('Terminating');
    calls.holdFinalizer = false;
    await harness.patch(Widget, 'leaving', { metadata: { labels: { again: 'please' } } });
    expect((await settled('leaving')).metadata.finalizers).toEqual(['example.com/theirs']);
    expect(calls.finalized).toEqual(['leaving']);
    await harness.patch(Widget, 'leaving', { metadata: { finalizers: null } });
    await harness.settle();
    expect(await harness.get(Widget, 'leaving')).toBeUndefined();
  });

  it('takes off a finalizer that nobody serves any more, before and during deletion', async () => {
    await harness.apply(aWidget('former', {}, { finalizers: ['example.com/theirs', 'example.com/former'] }));
    expect((await settled('former')).metadata.finalizers).toEqual(['example.com/theirs', FINALIZER]);
    await harness.patch(Widget, 'former', { metadata: { finalizers: ['example.com/former', FINALIZER] } });
    await harness.delete(Widget, 'former');
    await harness.settle();
    expect(await harness.get(Widget, 'former')).toBeUndefined();
  });

  it.each([
    { who: 'an operator it takes over from', manager: 'former-operator', left: undefined },
    { who: 'somebody else', manager: 'kubectl-edit', left: 'x' },
  ])('what $who set in a child and in the status stays: $left', async ({ manager, left }) => {
    const name = `set-by-${manager}`;
    await harness.apply(aWidget(name, { maps: [name] }));
    await harness.settle();
    const where = { namespace: harness.namespace, name };
    const condition = {
      type: 'Old',
      status: 'True',
      reason: 'Old',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const conditions = [...((await harness.require(Widget, name)).status?.conditions ?? []), condition];
    const by = { fieldManager: manager };
    await harness.client.mergePatch(ConfigMap.resource, where, { data: { extra: 'x' } }, by);
    await harness.client.mergePatch(
      Widget.resource,
      where,
      { status: { conditions } },
      { ...by, subresource: 'status' },
    );
    await harness.patch(Widget, name, { metadata: { labels: { touched: 'yes' } } });
    const widget = await settled(name);

    expect((await harness.require(ConfigMap, name)).data?.['extra']).toBe(left);
    expect(widget.status?.conditions?.find(({ type }) => type === 'Old')?.status).toBe(left && 'True');
    expect(widget).toHaveCondition('Sound', { status: 'True' });
    harness.forgetWrites();
    await harness.patch(Widget, name, { metadata: { labels: { touched: 'again' } } });
    await harness.settle();
    expect(writes()).toEqual([]);
  });

  it('restores a status that was wiped by hand', async () => {
    await harness.apply(aWidget('wiped', { backends: ['one'] }));
    const { status } = await settled('wiped');
    const live = await harness.require(Widget, 'wiped');
    await harness.client.replace(Widget.resource, { ...live, status: {} }, { subresource: 'status' });
    const restored = await settled('wiped');
    expect(restored.status?.conditions?.map(({ type, status: value }) => ({ type, value }))).toEqual(
      status?.conditions?.map(({ type, status: value }) => ({ type, value })),
    );
    expect(restored.status?.phase).toBe('Ready');
  });

  it('leaves unknown fields alone', async () => {
    await harness.apply(aWidget('raw', { raw: { anything: [1, { goes: true }] } }));
    expect((await settled('raw')).spec.raw).toEqual({ anything: [1, { goes: true }] });
  });
});
