import { beforeEach, describe, expect, it } from '@jest/globals';
import { builtinResources } from '../builtins/builtin-resources.js';
import type { KubeObject } from '../object.js';
import { Store } from '../storage/store.js';
import { Admission, type AdmissionPlugin } from './admission.js';
import { createObject } from './create-object.js';
import { deleteObject } from './delete-object.js';
import { NamespaceLifecycle } from './namespace-lifecycle.js';
import { patchObject } from './patch-object.js';
import { ResourceRegistry } from './registry.js';
import type { Resource } from './resource.js';
import type { WriteContext, WritePipeline } from './write-context.js';

const NOW = new Date('2026-01-02T03:04:05.678Z');

function resource(plural: string): Resource {
  const found = builtinResources.find((candidate) => candidate.group === '' && candidate.plural === plural);
  if (!found) throw new Error(`${plural} is not served`);
  return found;
}

function contextOf(plural: string, namespace?: string): WriteContext {
  return {
    resource: resource(plural),
    ...(namespace === undefined ? {} : { namespace }),
    user: { username: 'tester', groups: [] },
    manager: 'tester',
    dryRun: false,
    fieldValidation: 'Warn',
    warn: () => undefined,
  };
}

function aConfigMap(metadata: KubeObject['metadata'], data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

describe('the write pipeline', () => {
  const inDefault = contextOf('configmaps', 'default');
  let store: Store;
  let pipeline: WritePipeline;

  function withPlugins(...plugins: AdmissionPlugin[]): WritePipeline {
    const lifecycle = new NamespaceLifecycle(store.table('namespaces'));
    return {
      store,
      registry: new ResourceRegistry(builtinResources),
      admission: new Admission([lifecycle, ...plugins]),
      now: () => NOW,
    };
  }

  beforeEach(async () => {
    store = new Store();
    pipeline = withPlugins();
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
    await createObject(pipeline, contextOf('namespaces'), namespace);
  });

  it('replaces what a client may not choose', async () => {
    const stored = await createObject(
      pipeline,
      inDefault,
      aConfigMap({
        name: 'a',
        uid: 'mine',
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
      }),
    );

    expect(stored.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(stored.metadata).toMatchObject({ namespace: 'default', creationTimestamp: '2026-01-02T03:04:05Z' });
    expect(stored.metadata.deletionTimestamp).toBeUndefined();
  });

  it('shows a mutating plugin an object without uid and generated name, a validating one with both', async () => {
    const seen: (string | undefined)[][] = [];
    const look: AdmissionPlugin = {
      name: 'look',
      mutate: ({ object }) => void seen.push([object?.metadata.name, object?.metadata.uid]),
      validate: ({ object }) => void seen.push([object?.metadata.name, object?.metadata.uid]),
    };

    const stored = await createObject(withPlugins(look), inDefault, aConfigMap({ generateName: 'x-' }));

    expect(seen).toEqual([
      [undefined, undefined],
      [stored.metadata.name, stored.metadata.uid],
    ]);
    expect(stored.metadata.name).toMatch(/^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('patches what is there when admission is done, not what was there when it began', async () => {
    await createObject(pipeline, inDefault, aConfigMap({ name: 'a' }, { k: '1' }));
    let isInterrupted = false;
    const interrupt: AdmissionPlugin = {
      name: 'interrupt',
      async mutate({ operation }) {
        if (operation !== 'UPDATE' || isInterrupted) return;
        isInterrupted = true;
        await patchObject(pipeline, inDefault, 'a', {
          type: 'merge',
          document: { data: { other: '1' } },
          duplicates: [],
        });
      },
    };

    const { object } = await patchObject(withPlugins(interrupt), inDefault, 'a', {
      type: 'merge',
      document: { data: { mine: '1' } },
      duplicates: [],
    });

    expect(object['data']).toEqual({ k: '1', other: '1', mine: '1' });
  });

  it('stores nothing that admission refuses', async () => {
    const refuse: AdmissionPlugin = {
      name: 'refuse',
      validate() {
        throw new Error('no');
      },
    };

    await expect(createObject(withPlugins(refuse), inDefault, aConfigMap({ name: 'a' }))).rejects.toThrow('no');
    expect(store.table('configmaps').get('default', 'a')).toBeUndefined();
  });

  it.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ] as const)('leaves a finalizer for the garbage collector: %s', async (propagationPolicy, finalizers) => {
    await createObject(pipeline, inDefault, aConfigMap({ name: 'a' }));

    const { object, gone } = await deleteObject(pipeline, inDefault, 'a', { propagationPolicy });

    expect(gone).toBe(false);
    expect(object.metadata).toMatchObject({ finalizers, deletionTimestamp: '2026-01-02T03:04:05Z' });
  });

  it('deletes nobody but whom the precondition means', async () => {
    const { metadata } = await createObject(pipeline, inDefault, aConfigMap({ name: 'a' }));

    const mistaken = deleteObject(pipeline, inDefault, 'a', { preconditions: { uid: 'other' } });

    await expect(mistaken).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    await deleteObject(pipeline, inDefault, 'a', { preconditions: { uid: metadata.uid ?? '' } });
    expect(store.table('configmaps').size).toBe(0);
  });

  it('gives a pod that runs somewhere its grace, and takes it back when asked for less', async () => {
    const context = contextOf('pods', 'default');
    await createObject(pipeline, context, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 30 },
    });

    const graceful = await deleteObject(pipeline, context, 'p', {});
    const longer = await deleteObject(pipeline, context, 'p', { gracePeriodSeconds: 60 });
    const shorter = await deleteObject(pipeline, context, 'p', { gracePeriodSeconds: 10 });
    const now = await deleteObject(pipeline, context, 'p', { gracePeriodSeconds: 0 });

    const seconds = [graceful, longer, shorter].map(({ object }) => object.metadata.deletionGracePeriodSeconds);
    expect(seconds).toEqual([30, 30, 10]);
    expect(shorter.object.metadata.deletionTimestamp).toBe('2026-01-02T03:04:15Z');
    expect(now.gone).toBe(true);
  });

  it('takes nothing new into a namespace that is going', async () => {
    await createObject(pipeline, contextOf('namespaces'), {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'x' },
    });
    await deleteObject(pipeline, contextOf('namespaces'), 'x', {});

    const late = createObject(pipeline, contextOf('configmaps', 'x'), aConfigMap({ name: 'a' }));

    await expect(late).rejects.toMatchObject({
      code: 403,
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
  });

  it('keeps the namespaces that everything stands on', async () => {
    await expect(deleteObject(pipeline, contextOf('namespaces'), 'default', {})).rejects.toThrow(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });
});
