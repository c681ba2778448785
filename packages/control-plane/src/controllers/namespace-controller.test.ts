import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Api } from './api.js';
import type { KubeObject } from '../object.js';
import { NamespaceController } from './namespace-controller.js';
import { CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS } from './resource-names.js';
import { ServiceAccountController } from './service-account-controller.js';
import { makeApi, settle } from './controllers.test-support.js';

let api: Api;
let controllers: readonly [NamespaceController, ServiceAccountController];

beforeEach(async () => {
  api = await makeApi();
  controllers = [new NamespaceController(), new ServiceAccountController({ caCertificate: 'PEM' })];
  for (const controller of controllers) controller.start(api);
  await api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
  await settle(controllers);
});

afterEach(() => {
  for (const controller of controllers) controller.stop();
});

function namespace(): Readonly<KubeObject> | undefined {
  return api.get(NAMESPACES, undefined, 'n');
}

async function createConfigMap(name: string, finalizers: string[] = []): Promise<void> {
  const metadata = { name, namespace: 'n', finalizers };
  await api.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

describe('NamespaceController', () => {
  it('empties a deleted namespace and lets it go', async () => {
    await createConfigMap('a');

    await api.delete(NAMESPACES, undefined, 'n');
    expect(namespace()).toMatchObject({ status: { phase: 'Terminating' } });
    await settle(controllers);

    expect(namespace()).toBeUndefined();
    expect(api.list(CONFIG_MAPS, 'n')).toEqual([]);
  });

  it('says what a namespace waits for, and goes on when that is gone', async () => {
    await createConfigMap('a', ['example.com/f']);
    await createConfigMap('b', ['example.com/f', 'example.com/g']);

    await api.delete(NAMESPACES, undefined, 'n');
    await settle(controllers);

    expect(namespace()?.['status']).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: 'Some resources are remaining: configmaps. has 2 resource instances',
        }),
        expect.objectContaining({
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message:
            'Some content in the namespace has finalizers remaining: example.com/f in 2 resource instances, example.com/g in 1 resource instances',
        }),
      ]),
    });

    for (const name of ['a', 'b']) {
      await api.update(CONFIG_MAPS, 'n', name, ({ metadata }) => {
        metadata.finalizers = [];
      });
    }
    await settle(controllers);
    expect(namespace()).toBeUndefined();
  });
});

describe('ServiceAccountController', () => {
  it('gives each namespace its default account and root certificate', () => {
    for (const name of ['default', 'n']) {
      expect(api.get(SERVICE_ACCOUNTS, name, 'default')).toBeDefined();
      expect(api.get(CONFIG_MAPS, name, 'kube-root-ca.crt')).toMatchObject({ data: { 'ca.crt': 'PEM' } });
    }
  });

  it('brings them back when they are deleted or changed', async () => {
    await api.delete(SERVICE_ACCOUNTS, 'n', 'default');
    await api.update(CONFIG_MAPS, 'n', 'kube-root-ca.crt', (draft) => {
      draft['data'] = {};
    });
    await settle(controllers);

    expect(api.get(SERVICE_ACCOUNTS, 'n', 'default')).toBeDefined();
    expect(api.get(CONFIG_MAPS, 'n', 'kube-root-ca.crt')).toMatchObject({ data: { 'ca.crt': 'PEM' } });
  });
});
