import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Api } from './api.js';
import type { KubeObject, OwnerReference } from '../object.js';
import { GarbageCollector } from './garbage-collector.js';
import { CONFIG_MAPS, EVENTS, NODES } from './resource-names.js';
import { makeApi, settle } from './controllers.test-support.js';

let api: Api;
let collector: GarbageCollector;

beforeEach(async () => {
  api = await makeApi();
  collector = new GarbageCollector();
  collector.start(api);
});

afterEach(() => {
  collector.stop();
});

function create(name: string, metadata: Partial<KubeObject['metadata']> = {}): Promise<KubeObject> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...metadata } };
  return api.create(CONFIG_MAPS, object);
}

function ownedBy(owner: KubeObject, more: Partial<OwnerReference> = {}): { ownerReferences: OwnerReference[] } {
  const { name = '', uid = '' } = owner.metadata;
  return { ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid, ...more }] };
}

function get(name: string, namespace = 'default'): Readonly<KubeObject> | undefined {
  return api.get(CONFIG_MAPS, namespace, name);
}

async function remove(name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Promise<void> {
  await api.delete(CONFIG_MAPS, 'default', name, { propagationPolicy });
  await settle([collector]);
}

async function release(name: string): Promise<void> {
  await api.update(CONFIG_MAPS, 'default', name, ({ metadata }) => {
    delete metadata.finalizers;
  });
  await settle([collector]);
}

describe('GarbageCollector', () => {
  it('deletes what the owner owned, and what that owned', async () => {
    const owner = await create('owner');
    const child = await create('child', ownedBy(owner));
    await create('grandchild', ownedBy(child));

    await remove('owner', 'Background');

    expect([get('owner'), get('child'), get('grandchild')]).toEqual([undefined, undefined, undefined]);
  });

  it('keeps an owner in the foreground until its blocking dependents are gone', async () => {
    const owner = await create('owner');
    await create('child', { ...ownedBy(owner, { blockOwnerDeletion: true }), finalizers: ['example.com/f'] });

    await remove('owner', 'Foreground');
    expect(get('owner')?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(get('child')?.metadata.deletionTimestamp).toBeDefined();

    await release('child');
    expect([get('owner'), get('child')]).toEqual([undefined, undefined]);
  });

  it('does not wait in the foreground for dependents that do not block', async () => {
    const owner = await create('owner');
    await create('child', { ...ownedBy(owner), finalizers: ['example.com/f'] });

    await remove('owner', 'Foreground');

    expect(get('owner')).toBeUndefined();
    expect(get('child')?.metadata.deletionTimestamp).toBeDefined();
  });

  it('leaves orphans without the reference', async () => {
    const owner = await create('owner');
    await create('child', ownedBy(owner));

    await remove('owner', 'Orphan');

    expect(get('owner')).toBeUndefined();
    expect(get('child')?.metadata).not.toHaveProperty('ownerReferences');
  });

  it('deletes an object whose owner is an older one of the same name', async () => {
    const former = await create('owner');
    await remove('owner', 'Background');
    await create('owner');

    await create('child', ownedBy(former));
    await settle([collector]);

    expect(get('child')).toBeUndefined();
    expect(get('owner')).toBeDefined();
  });

  it('keeps an object as long as one owner is left, without the references to those that are gone', async () => {
    const [first, second] = [await create('first'), await create('second')];
    const ownerReferences = [first, second].flatMap((owner) => ownedBy(owner).ownerReferences);
    await create('child', { ownerReferences });

    await remove('first', 'Background');
    expect(get('child')?.metadata.ownerReferences).toEqual(ownedBy(second).ownerReferences);

    await remove('second', 'Background');
    expect(get('child')).toBeUndefined();
  });

  it('deletes an object whose owner lives in another namespace, and says why', async () => {
    const owner = await create('owner');

    await create('child', { ...ownedBy(owner), namespace: 'kube-public' });
    await settle([collector]);

    expect(get('child', 'kube-public')).toBeUndefined();
    expect(api.list(EVENTS, 'kube-public')).toMatchObject([
      { reason: 'OwnerRefInvalidNamespace', type: 'Warning', involvedObject: { name: 'child' } },
    ]);
  });

  it('leaves a cluster-scoped object alone that names an owner in a namespace', async () => {
    const owner = await create('owner');
    const metadata = { name: 'n', ...ownedBy({ ...owner, metadata: { ...owner.metadata, uid: 'other' } }) };
    await api.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata });
    await settle([collector]);

    expect(api.get(NODES, undefined, 'n')).toBeDefined();
    expect(api.list(EVENTS, 'default')).toMatchObject([{ reason: 'OwnerRefInvalidNamespace' }]);
  });

  it('leaves objects alone whose owner is of a kind that is not served', async () => {
    await create('child', { ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Nope', name: 'a', uid: 'u' }] });
    await settle([collector]);

    expect(get('child')).toBeDefined();
  });

  it('sees what was there before it started', async () => {
    collector.stop();
    const owner = await create('owner');
    await create('child', ownedBy(owner));
    await api.delete(CONFIG_MAPS, 'default', 'owner');

    collector = new GarbageCollector();
    collector.start(api);
    await settle([collector]);

    expect(get('child')).toBeUndefined();
  });
});
