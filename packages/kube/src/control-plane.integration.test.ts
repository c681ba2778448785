import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client } from './client.js';
import { clusterFromToken } from './cluster.js';
import { Informers } from './informers.js';
import { until } from './test-support/manual-clock.js';
import type { KubernetesObject } from './object.js';
import type { ResourceType } from './resource-type.js';
import { configMaps, type ConfigMap } from './test-support/scripted-server.js';

const customResourceDefinitions: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const widgets: ResourceType = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

interface Widget extends KubernetesObject {
  readonly spec: { readonly size?: number };
}

let controlPlane: ControlPlane;
let client: Client;
let informers: Informers;

beforeAll(async () => {
  controlPlane = await ControlPlane.start();
});

afterAll(async () => {
  await controlPlane[Symbol.asyncDispose]();
});

beforeEach(() => {
  const { url, token, caCertificate } = controlPlane;
  const ca = caCertificate === undefined ? {} : { ca: caCertificate };
  client = new Client(clusterFromToken({ server: url, token, ...ca }), { fieldManager: 'kube-test' });
  // Short waits: what is waited for here comes at once.
  informers = new Informers(client, { random: () => 0.1 });
});

afterEach(async () => {
  await informers.stop();
  await client.close();
});

function aConfigMap(name: string, more: object = {}, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...more }, data };
}

async function synced(selection: { readonly namespace?: string; readonly labelSelector?: string } = {}) {
  const informer = informers.informer<ConfigMap>(configMaps, selection);
  informer.start();
  await informers.waitForSync({ timeoutMs: 10_000 });
  return informer;
}

describe('client', () => {
  it('creates, reads, changes and deletes', async () => {
    const created = await client.create(configMaps, aConfigMap('crud', {}, { a: '1' }));
    const merged = await client.mergePatch<ConfigMap>(configMaps, created.metadata, { data: { b: '2' } });
    const patched = await client.jsonPatch<ConfigMap>(configMaps, created.metadata, [
      { op: 'test', path: '/data/b', value: '2' },
      { op: 'remove', path: '/data/a' },
    ]);
    const replaced = await client.replace(configMaps, { ...patched, data: { c: '3' } });
    const gone = await client.delete(configMaps, created.metadata);

    expect([merged.data, patched.data, replaced.data]).toEqual([{ a: '1', b: '2' }, { b: '2' }, { c: '3' }]);
    expect(gone).toBeUndefined();
    await expect(client.get(configMaps, created.metadata)).rejects.toMatchObject({
      code: 'ERR_KUBE_NOT_FOUND',
      message: 'get ConfigMap default/crud: configmaps "crud" not found',
    });
  });

  it('tells the kinds of conflict apart', async () => {
    const first = await client.create(configMaps, aConfigMap('conflict', {}, { a: '1' }));
    await client.mergePatch(configMaps, first.metadata, { data: { a: '2' } });

    await expect(client.create(configMaps, aConfigMap('conflict'))).rejects.toMatchObject({
      code: 'ERR_KUBE_ALREADY_EXISTS',
    });
    await expect(client.replace(configMaps, first)).rejects.toMatchObject({ code: 'ERR_KUBE_CONFLICT' });
    await expect(
      client.apply(configMaps, aConfigMap('conflict', {}, { a: '3' }), { fieldManager: 'other' }),
    ).rejects.toMatchObject({
      code: 'ERR_KUBE_APPLY_CONFLICT',
      conflicts: [{ manager: 'kube-test', field: '.data.a' }],
    });
    await expect(
      client.delete(configMaps, first.metadata, { preconditions: { uid: 'another' } }),
    ).rejects.toMatchObject({ code: 'ERR_KUBE_CONFLICT' });
  });

  it('names the fields of an invalid object', async () => {
    await expect(client.create(configMaps, aConfigMap('Not_a_name'))).rejects.toMatchObject({
      code: 'ERR_KUBE_INVALID',
      causes: [{ field: 'metadata.name' }],
    });
  });

  it('says of a delete that finalizers hold the object', async () => {
    const held = await client.create(configMaps, aConfigMap('held', { finalizers: ['example.com/wait'] }));

    const left = await client.delete(configMaps, held.metadata);
    await client.mergePatch(configMaps, held.metadata, { metadata: { finalizers: null } });

    expect(left?.metadata.deletionTimestamp).toBeDefined();
    await expect(client.get(configMaps, held.metadata)).rejects.toMatchObject({ code: 'ERR_KUBE_NOT_FOUND' });
  });

  it('keeps what a typed client would lose', async () => {
    const networkPolicies = await client.discover({ group: 'networking.k8s.io', kind: 'NetworkPolicy' });
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }];
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'narrow', namespace: 'default' },
      spec: { podSelector: {}, ingress, policyTypes: ['Ingress'] },
    };

    await client.create(networkPolicies, policy);
    const read = await client.get<typeof policy>(networkPolicies, policy.metadata);

    expect(read.spec.ingress).toEqual(ingress);
  });

  it('finds a ClusterRole with capitals in its name', async () => {
    const clusterRoles = await client.discover({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' });
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'MyRole' } };

    await client.create(clusterRoles, { ...role, rules: [] });

    await expect(client.get(clusterRoles, { name: 'MyRole' })).resolves.toMatchObject(role);
  });

  it('pages through a list', async () => {
    for (let index = 0; index < 5; index++) {
      await client.create(configMaps, aConfigMap(`page-${index}`, { labels: { paged: 'yes' } }));
    }

    const names: string[] = [];
    const options = { namespace: 'default', labelSelector: 'paged=yes', limit: 2 };
    for await (const page of client.pages(configMaps, options)) {
      names.push(...page.items.map(({ metadata }) => `${page.index} ${metadata.name}`));
    }

    expect(names).toEqual(['0 page-0', '0 page-1', '1 page-2', '1 page-3', '2 page-4']);
  });

  it('gives the same object from a list and from a watch', async () => {
    const created = await client.create(configMaps, aConfigMap('same', { labels: { same: 'yes' } }));
    const { items } = await client.list(configMaps, { labelSelector: 'same=yes' });
    const watched: KubernetesObject[] = [];
    for await (const event of client.watch(configMaps, { labelSelector: 'same=yes' })) {
      if (event.type === 'ADDED') watched.push(event.object);
      break;
    }

    expect(items).toEqual([created]);
    expect(watched).toEqual([created]);
  });

  it('reads and watches metadata alone', async () => {
    const labels = { slim: 'yes' };
    const created = await client.create(configMaps, aConfigMap('slim', { labels }, { a: '1' }));
    const expected = { apiVersion: 'v1', kind: 'ConfigMap', metadata: created.metadata };
    const options = { metadataOnly: true, labelSelector: 'slim=yes' };
    const watched: KubernetesObject[] = [];
    for await (const event of client.watch(configMaps, { ...options, sendInitialEvents: true })) {
      if (event.type === 'BOOKMARK') break;
      watched.push(event.object);
    }

    expect(await client.get(configMaps, created.metadata, { metadataOnly: true })).toEqual(expected);
    expect((await client.list(configMaps, options)).items).toEqual([expected]);
    expect(watched).toEqual([expected]);
  });

  it('acts as somebody else, in every group that is named', async () => {
    const impersonate = { user: 'jane', groups: ['editors', 'viewers'], extra: { 'example.com/why': ['test'] } };
    const jane = new Client({ ...client.connection, impersonate });
    const reviews = await client.discover({ group: 'authentication.k8s.io', kind: 'SelfSubjectReview' });
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: '' } };

    await expect(jane.create(reviews, review)).resolves.toMatchObject({
      status: {
        userInfo: {
          username: 'jane',
          groups: expect.arrayContaining(['editors', 'viewers']),
          extra: { 'example.com/why': ['test'] },
        },
      },
    });
    await jane.close();
  });
});

describe('informers', () => {
  it('follow the server and see a write of ours once', async () => {
    const { store, isCurrent } = await synced().then((informer) => ({
      store: informer.store,
      isCurrent: () => informer.isCurrent(),
    }));
    const changes: string[] = [];
    store.subscribe(({ type, object, isInitialList, origin = 'watch' }) => {
      if (!isInitialList && object.metadata.name === 'followed') changes.push(`${type} by ${origin}`);
    });

    const created = await client.create(configMaps, aConfigMap('followed'));
    store.recordWrite(created, 'us');
    const known = store.get(created.metadata)?.metadata.resourceVersion;
    await client.mergePatch(configMaps, created.metadata, { data: { a: '1' } });
    await until(() => store.get(created.metadata)?.data !== undefined);
    await client.delete(configMaps, created.metadata);
    await until(() => store.get(created.metadata) === undefined);

    expect(known).toBe(created.metadata.resourceVersion);
    // The echo of the create may overtake its answer; it is one change either way.
    expect(changes.map((change) => change.split(' ')[0])).toEqual(['added', 'updated', 'deleted']);
    expect(await isCurrent()).toBe(true);
  });

  it('see a label that is taken away as a delete', async () => {
    const created = await client.create(configMaps, aConfigMap('labelled', { labels: { watched: 'yes' } }));
    const { store } = await synced({ namespace: 'default', labelSelector: 'watched=yes' });
    expect(store.get(created.metadata)).toBeDefined();

    await client.mergePatch(configMaps, created.metadata, { metadata: { labels: { watched: null } } });

    await until(() => store.get(created.metadata) === undefined);
  });

  it('wait for a kind whose definition comes later, goes and comes again', async () => {
    const informer = informers.informer(widgets);
    informer.start();
    await informer.waitForSync({ timeoutMs: 10_000, or: ({ phase }) => phase === 'backing off' });
    expect(informer.hasSynced).toBe(false);

    const { group, version, kind, plural } = widgets;
    const validations = [{ rule: 'self.size > 0', message: 'size must be positive' }];
    const schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          'x-kubernetes-validations': validations,
          properties: { size: { type: 'integer', default: 1 } },
        },
      },
    };
    const asked = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural },
        versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    const definition = await client.create(customResourceDefinitions, asked);
    await informer.waitForSync({ timeoutMs: 10_000 });

    expect(JSON.stringify(definition)).toContain(JSON.stringify(validations));
    await expect(client.discover({ group, kind })).resolves.toEqual(widgets);
    const widget = {
      apiVersion: 'example.com/v1',
      kind,
      metadata: { name: 'w', namespace: 'default' },
      spec: { size: 0 },
    };
    await expect(client.create(widgets, widget)).rejects.toMatchObject({
      code: 'ERR_KUBE_INVALID',
      message: expect.stringContaining('size must be positive'),
    });
    const first = await client.create<Widget>(widgets, { ...widget, spec: {} });
    await until(() => informer.store.size === 1);

    await client.delete(customResourceDefinitions, definition.metadata);
    await until(() => informer.store.size === 0 && informer.state.phase === 'backing off');
    expect(informer.state).toMatchObject({ lastError: { code: 'ERR_KUBE_NOT_FOUND' } });
    await client.create(customResourceDefinitions, asked);
    await until(() => informer.state.phase === 'watching');
    const second = await client.create<Widget>(widgets, { ...widget, spec: {} });
    await until(() => informer.store.get(first.metadata)?.metadata.uid === second.metadata.uid);
  });
});
