import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type Informer,
  type ObjectCache,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { ControlPlane } from '@trueup/control-plane';

const NAMESPACE = 'default';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

type ConfigMaps = Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>;

/** Resolves with the next object, of this name, of which the informer says this. */
function next(informer: ConfigMaps, verb: 'add' | 'update' | 'delete', name: string): Promise<V1ConfigMap> {
  return new Promise((resolve) => {
    informer.on(verb, (object) => {
      if (object.metadata?.name === name) resolve(object);
    });
  });
}

const namesIn = (informer: ConfigMaps) => informer.list(NAMESPACE).map(({ metadata }) => metadata?.name);

describe('client-node on the embedded control plane', () => {
  let controlPlane: ControlPlane;
  let config: KubeConfig;
  let core: CoreV1Api;
  let informer: ConfigMaps;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    config = new KubeConfig();
    config.loadFromString(JSON.stringify(controlPlane.kubeconfig()));
    core = config.makeApiClient(CoreV1Api);
  });
  afterAll(() => controlPlane.stop());

  const create = (name: string, labels: Readonly<Record<string, string>>) =>
    core.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { name, labels } } });

  describe('its informer', () => {
    const labels = { test: 'informer' };

    beforeAll(async () => {
      const labelSelector = 'test=informer';
      const list = () => core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector });
      informer = makeInformer(config, PATH, list, labelSelector);
      await create('before', labels);
      const found = next(informer, 'add', 'before');
      await informer.start();
      await found;
    });
    afterEach(() => {
      controlPlane.faults.clear();
    });
    afterAll(() => informer.stop());

    it('follows objects', async () => {
      const added = next(informer, 'add', 'after');
      await create('after', labels);
      await added;

      const updated = next(informer, 'update', 'after');
      const body = [{ op: 'add', path: '/data', value: { a: 'b' } }];
      await core.patchNamespacedConfigMap({ namespace: NAMESPACE, name: 'after', body });
      expect(await updated).toMatchObject({ data: { a: 'b' } });

      const deleted = next(informer, 'delete', 'after');
      await core.deleteNamespacedConfigMap({ namespace: NAMESPACE, name: 'after' });
      await deleted;
      expect(namesIn(informer)).toEqual(['before']);
    });

    it('lists again when its watch is too old, and misses nothing', async () => {
      const added = next(informer, 'add', 'meanwhile');
      const listed = new Promise<void>((resolve) => {
        const unsubscribe = controlPlane.requests.subscribe(({ verb, resource }) => {
          if (verb !== 'list' || resource !== 'configmaps') return;
          unsubscribe();
          resolve();
        });
      });
      // While watches are silent, only a list can tell of it.
      controlPlane.faults.inject({ type: 'stall-watch', match: { resource: 'configmaps' } });
      await create('meanwhile', labels);
      controlPlane.faults.inject({ type: 'expire-watch', times: 1, match: { resource: 'configmaps' } });
      await Promise.all([listed, added]);

      expect(namesIn(informer)).toEqual(['before', 'meanwhile']);
    });

    it('starts again, as its users do, when its connection is cut', async () => {
      const cut = new Promise<void>((resolve) => {
        informer.on('error', () => {
          resolve();
        });
      });
      controlPlane.faults.inject({ type: 'cut-watch', times: 1, match: { resource: 'configmaps' } });
      await cut;
      await create('afterwards', labels);
      const added = next(informer, 'add', 'afterwards');
      await informer.start();
      await added;

      expect(namesIn(informer)).toContain('afterwards');
    });
  });

  it('reads, applies and deletes objects of any kind', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'any-kind', namespace: NAMESPACE },
      data: { a: 'b' },
    };
    const header = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'any-kind', namespace: NAMESPACE } };

    await objects.create(object);
    await objects.patch(
      { ...object, data: { c: 'd' } },
      undefined,
      undefined,
      'client-node',
      true,
      PatchStrategy.ServerSideApply,
    );
    expect(await objects.read(header)).toMatchObject({ data: { a: 'b', c: 'd' } });
    await objects.delete(header);
    await expect(objects.read(header)).rejects.toMatchObject({ code: 404 });
  });

  it('reads times as dates, and lists in pages', async () => {
    const labels = { test: 'pages' };
    for (const name of ['one', 'three', 'two']) await create(`page-${name}`, labels);
    const query = { namespace: NAMESPACE, labelSelector: 'test=pages', limit: 2 };

    const first = await core.listNamespacedConfigMap(query);
    const second = await core.listNamespacedConfigMap({ ...query, _continue: first.metadata?._continue ?? '' });

    expect(first.items[0]?.metadata?.creationTimestamp).toBeInstanceOf(Date);
    expect([first.items.length, second.items.length, second.metadata?._continue]).toEqual([2, 1, undefined]);
  });
});
