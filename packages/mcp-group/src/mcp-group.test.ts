import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  conditions,
  customResourceDefinition,
  defineKind,
  defineModule,
  int64,
  Reconciler,
  referencePage,
  References,
  type CustomObject,
  type KindOf,
  type ObjectOf,
} from '@trueup/core';
import { Harness } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { groupRef } from './group-ref.js';
import { mcpGroup } from './module.js';
import { MCPGroup } from './resource.js';

/** Stand-ins for the kinds that can belong to a group: what they do besides is no matter here. */
const aMemberKind = (kind: string, plural: string) =>
  defineKind({
    group: 'toolhive.stacklok.dev',
    kind,
    plural,
    versions: { v1beta1: {} },
    spec: z.object({ groupRef: z.object({ name: z.string() }).optional(), note: z.string().optional() }),
    status: z.object({ observedGeneration: int64().optional(), conditions: conditions().optional() }),
  });
const Server = aMemberKind('MCPServer', 'mcpservers');
const Proxy = aMemberKind('MCPRemoteProxy', 'mcpremoteproxies');
const Entry = aMemberKind('MCPServerEntry', 'mcpserverentries');
const Aggregator = aMemberKind('VirtualMCPServer', 'virtualmcpservers');

const passes = new Map<string, number>();

@Reconciler(Server)
@References(groupRef(Server))
class ServerReconciler {
  status({ metadata: { name } }: ObjectOf<typeof Server>) {
    passes.set(name, (passes.get(name) ?? 0) + 1);
    return {};
  }
}
@Reconciler(Proxy)
@References(groupRef(Proxy))
class ProxyReconciler {}
@Reconciler(Entry)
@References(groupRef(Entry))
class EntryReconciler {}
@Reconciler(Aggregator)
@References(
  groupRef(Aggregator, {
    validReason: 'GroupRefValid',
    messages: {
      notFound: (group) => `Referenced MCPGroup ${group} not found`,
      notReady: (group, phase) => `Referenced MCPGroup ${group} is not ready (phase: ${phase})`,
    },
  }),
)
class AggregatorReconciler {}

const members = defineModule({
  name: 'members',
  kinds: [Server, Proxy, Entry, Aggregator],
  reconcilers: [ServerReconciler, ProxyReconciler, EntryReconciler, AggregatorReconciler],
});

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({ modules: [members, mcpGroup] });
});
afterAll(() => harness.stop());
beforeEach(async () => {
  for (const kind of [Server, Proxy, Entry, Aggregator, MCPGroup] as readonly KindOf<CustomObject>[]) {
    for (const { metadata } of await harness.list(kind)) {
      await harness.delete(kind, metadata.name);
      if (metadata.finalizers) await harness.patch(kind, metadata.name, { metadata: { finalizers: null } });
    }
  }
  await harness.settle();
  passes.clear();
});

const object = (kind: string, name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind,
  metadata: { name, ...metadata },
  spec,
});
const aGroup = (name = 'team', metadata: object = {}) => object('MCPGroup', name, { description: 'g' }, metadata);
const member = (kind: string, name: string, group = 'team') => object(kind, name, { groupRef: { name: group } });

/** The status of a group without its conditions and generation. */
async function membership(name = 'team'): Promise<object> {
  await harness.settle();
  const { conditions: _, observedGeneration: __, ...rest } = (await harness.require(MCPGroup, name)).status ?? {};
  return rest;
}

const EMPTY = { phase: 'Ready' };
const FULL = {
  phase: 'Ready',
  servers: ['a-server', 'github'],
  serverCount: 2,
  remoteProxies: ['github'],
  remoteProxyCount: 1,
  entries: ['github'],
  entryCount: 1,
};
const someMembers = () => [
  member('MCPServer', 'github'),
  member('MCPServer', 'a-server'),
  member('MCPRemoteProxy', 'github'),
  member('MCPServerEntry', 'github'),
];

describe('an MCPGroup', () => {
  it('is ready when it is empty, says so without counts, and is then left alone', async () => {
    await harness.apply(aGroup());
    expect(await membership()).toEqual(EMPTY);
    const { metadata, status } = await harness.require(MCPGroup, 'team');
    expect(metadata.finalizers).toBeUndefined();
    expect(status?.observedGeneration).toBe(1);
    expect(status?.conditions?.map(({ lastTransitionTime: _, ...condition }) => condition)).toEqual([
      {
        type: 'MCPServersChecked',
        status: 'True',
        reason: 'ListMCPServersCheckSucceeded',
        message: 'Successfully listed MCPServers, MCPRemoteProxies, and MCPServerEntries in namespace',
        observedGeneration: 1,
      },
      {
        type: 'Ready',
        status: 'True',
        reason: 'Ready',
        message: 'Members of the group are known',
        observedGeneration: 1,
      },
    ]);

    harness.forgetWrites();
    await harness.patch(MCPGroup, 'team', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('lists its members by kind and name, and nobody else', async () => {
    await harness.apply(
      aGroup(),
      aGroup('other'),
      ...someMembers(),
      member('MCPServer', 'elsewhere', 'other'),
      member('VirtualMCPServer', 'aggregator'),
      object('MCPServer', 'loner'),
    );
    expect(await membership()).toEqual(FULL);
    expect(await membership('other')).toEqual({ phase: 'Ready', servers: ['elsewhere'], serverCount: 1 });
  });

  it.each<[string, () => Promise<unknown>, object]>([
    ['collects those who were there before it', () => harness.apply(...someMembers(), aGroup()), FULL],
    [
      'follows a member that moves to another group',
      async () => {
        await harness.apply(aGroup('from'), aGroup(), member('MCPServer', 'moving', 'from'));
        await harness.settle();
        await harness.patch(Server, 'moving', { spec: { groupRef: { name: 'team' } } });
        expect(await membership('from')).toEqual(EMPTY);
      },
      { phase: 'Ready', servers: ['moving'], serverCount: 1 },
    ],
    [
      'is ready whatever becomes of its members',
      async () => {
        await harness.apply(aGroup(), member('MCPServer', 'failing'));
        const condition = { type: 'Ready', status: 'False', reason: 'Failed', message: '' };
        await harness.patchStatus(Server, 'failing', {
          conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
        });
      },
      { phase: 'Ready', servers: ['failing'], serverCount: 1 },
    ],
    [
      'loses a member that leaves',
      async () => {
        await harness.apply(aGroup(), member('MCPRemoteProxy', 'leaving'));
        await harness.settle();
        await harness.patch(Proxy, 'leaving', { spec: { groupRef: null } });
      },
      EMPTY,
    ],
    [
      'loses a member that is deleted',
      async () => {
        await harness.apply(aGroup(), member('MCPServerEntry', 'doomed'));
        await harness.settle();
        await harness.delete(Entry, 'doomed');
      },
      EMPTY,
    ],
    [
      'keeps a member until it is gone',
      async () => {
        await harness.apply(aGroup(), {
          ...member('MCPServer', 'held'),
          metadata: { name: 'held', finalizers: ['example.com/theirs'] },
        });
        await harness.settle();
        await harness.delete(Server, 'held');
      },
      { phase: 'Ready', servers: ['held'], serverCount: 1 },
    ],
    [
      'adopts the members again when it is made anew',
      async () => {
        await harness.apply(aGroup(), ...someMembers());
        await harness.settle();
        await harness.delete(MCPGroup, 'team');
        await harness.settle();
        await harness.apply(aGroup());
      },
      FULL,
    ],
  ])('%s', async (_, change, expected) => {
    await change();
    expect(await membership()).toEqual(expected);
  });

  it('is gone at once when it is deleted, also one that another operator held', async () => {
    const finalizers = ['toolhive.stacklok.dev/mcpgroup-finalizer'];
    await harness.apply(aGroup(), member('MCPServer', 'github'));
    await harness.settle();
    await harness.patch(MCPGroup, 'team', { metadata: { finalizers } });
    await harness.settle();
    expect((await harness.require(MCPGroup, 'team')).metadata.finalizers).toBeUndefined();
    await harness.patch(MCPGroup, 'team', { metadata: { finalizers } });
    await harness.delete(MCPGroup, 'team');
    await harness.settle();
    expect(await harness.get(MCPGroup, 'team')).toBeUndefined();
  });
});

describe('the condition GroupRefValidated of a member', () => {
  const judged = async (kind: KindOf<CustomObject>, name = 'm') => {
    await harness.settle();
    return harness.require(kind, name);
  };
  const TYPE = 'GroupRefValidated';

  it.each([
    [Server, 'GroupRefIsValid', "MCPGroup 'team' is valid and ready"],
    [Aggregator, 'GroupRefValid', "MCPGroup 'team' is valid and ready"],
  ] as const)('is True for a group that is ready, in the words of its kind', async (kind, reason, message) => {
    await harness.apply(aGroup(), member(kind.resource.kind, 'm'));
    expect(await judged(kind)).toHaveCondition(TYPE, { status: 'True', reason, message });
  });

  it.each([
    [Server, (namespace: string) => `MCPGroup 'team' not found in namespace '${namespace}'`],
    [Aggregator, () => 'Referenced MCPGroup team not found'],
  ] as const)('is False without the group, and heals when it comes', async (kind, message) => {
    await harness.apply(member(kind.resource.kind, 'm'));
    expect(await judged(kind)).toHaveCondition(TYPE, {
      status: 'False',
      reason: 'GroupRefNotFound',
      message: message(harness.namespace),
    });
    await harness.apply(aGroup());
    expect(await judged(kind)).toHaveCondition(TYPE, { status: 'True' });
    await harness.delete(MCPGroup, 'team');
    expect(await judged(kind)).toHaveCondition(TYPE, { status: 'False', reason: 'GroupRefNotFound' });
  });

  it('is False while the group is being deleted', async () => {
    await harness.apply(aGroup('team', { finalizers: ['example.com/theirs'] }), member('MCPServer', 'm'));
    await harness.settle();
    await harness.delete(MCPGroup, 'team');
    expect(await judged(Server)).toHaveCondition(TYPE, {
      status: 'False',
      reason: 'GroupRefNotFound',
      message: 'Referenced MCPGroup is being deleted',
    });
  });

  it('is gone with the reference', async () => {
    await harness.apply(member('MCPServer', 'm'));
    await harness.settle();
    await harness.patch(Server, 'm', { spec: { groupRef: null } });
    expect(await judged(Server)).not.toHaveCondition(TYPE);
  });
});

describe('the MCPGroup kind', () => {
  const crd = customResourceDefinition(MCPGroup);
  const stored = crd.spec.versions.find(({ storage }) => storage);

  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcpgroups.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['mcpg', 'mcpgroup']);
    expect(crd.spec.versions.map(({ name, deprecated }) => [name, deprecated])).toEqual([
      ['v1alpha1', true],
      ['v1beta1', undefined],
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows how many members there are of each kind', () => {
    const columns = stored?.additionalPrinterColumns?.map(({ name }) => name);
    expect(columns).toEqual(['Servers', 'Proxies', 'Entries', 'Phase', 'Checked', 'Age']);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPGroup)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });
});

describe('a crowd in one MCPGroup', () => {
  it('is taken in a few writes, and nobody in it is woken when one more joins', async () => {
    await harness.apply(aGroup());
    await harness.settle();
    const crowd = Array.from({ length: 300 }, (_, n) => `s-${String(n).padStart(4, '0')}`);
    harness.forgetWrites();
    await Promise.all(
      crowd.map((name) => {
        const server = member('MCPServer', name);
        const metadata = { name, namespace: harness.namespace };
        return harness.client.create(Server.resource, { ...server, metadata });
      }),
    );
    expect(await membership()).toEqual({ phase: 'Ready', servers: crowd, serverCount: crowd.length });
    const ofGroup = harness.writes.filter(({ resource }) => resource.kind === 'MCPGroup');
    expect(ofGroup.length).toBeLessThan(20);
    expect(harness.writes.length - ofGroup.length).toBe(crowd.length);

    harness.forgetWrites();
    passes.clear();
    await harness.apply(member('MCPServer', 'one-more'));
    await harness.settle();
    expect([...passes.keys()]).toEqual(['one-more']);
    expect(harness.writes.map(({ resource, name }) => [resource.kind, name])).toEqual([
      ['MCPServer', 'one-more'],
      ['MCPGroup', 'team'],
    ]);
  }, 60_000);
});
