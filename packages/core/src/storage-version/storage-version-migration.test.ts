import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken, type KubernetesObject } from '@trueup/kube';
import { pino } from 'pino';
import { z } from 'zod';
import { Event } from '../builtin-kinds.js';
import { CUSTOM_RESOURCE_DEFINITION } from '../kind/custom-resource-definition.js';
import { defineKind } from '../kind/define-kind.js';
import { installKinds } from '../operator/install-kinds.js';
import { Operator } from '../operator/operator.js';
import { operatorPermissions } from '../rbac/operator-permissions.js';
import { storageVersionMigration } from './storage-version-migration.js';

const LABEL = 'example.com/migrate';
const MANY = 120;

const gadget = (storage: 'v1' | 'v2') =>
  defineKind({
    group: 'stored.example.com',
    kind: 'Gadget',
    labels: { [LABEL]: 'true' },
    versions: { v1: { storage: storage === 'v1' }, v2: { storage: storage === 'v2' } },
    spec: z.object({}),
  });
const Before = gadget('v1');
const Gadget = gadget('v2');
const module = storageVersionMigration({ kinds: [Gadget], label: LABEL });

type Definition = KubernetesObject & { readonly status: { readonly storedVersions: readonly string[] } };

describe('the migration of stored objects', () => {
  let controlPlane: ControlPlane;
  let client: Client;
  let operator: Operator | undefined;

  beforeEach(async () => {
    operator = undefined;
    controlPlane = await ControlPlane.start({ tls: false });
    client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    await installKinds(client, [Before], AbortSignal.timeout(10_000));
    const names = Array.from({ length: MANY }, (_, index) => `g${index}`);
    await Promise.all(
      names.map((name) =>
        client.create(Before.resource, {
          apiVersion: 'stored.example.com/v1',
          kind: 'Gadget',
          metadata: { name, namespace: 'default' },
        }),
      ),
    );
    await installKinds(client, [Gadget], AbortSignal.timeout(10_000));
  });
  afterEach(async () => {
    await operator?.stop();
    await client.close();
    await controlPlane.stop();
  });

  const storedVersions = async () =>
    (await client.get<Definition>(CUSTOM_RESOURCE_DEFINITION, { name: 'gadgets.stored.example.com' })).status
      .storedVersions;

  /** Runs it until nothing is left to do. @returns how often an object was written, and what was told. */
  async function migrated() {
    let written = 0;
    const { connection } = client;
    operator = await Operator.create({ modules: [module], connection, logger: pino({ level: 'silent' }) });
    operator.client.onRequest(({ verb }) => {
      if (verb === 'update') written += 1;
    });
    await operator.start();
    await operator.settle();
    const { items } = await client.list<KubernetesObject & { reason?: string; note?: string }>(Event.resource);
    return { written, told: items.map(({ reason, note }) => [reason, note]) };
  }

  it('writes each of them back once, and takes the old version out of the definition', async () => {
    expect(await storedVersions()).toEqual(['v1', 'v2']);
    const { written, told } = await migrated();
    expect(written).toBe(MANY);
    expect(await storedVersions()).toEqual(['v2']);
    expect(told).toEqual([['StorageVersionMigrationSucceeded', 'storage version migrated to v2']]);
    const items = (await client.list<KubernetesObject & { status?: object }>(Gadget.resource)).items;
    expect(items).toHaveLength(MANY);
    expect(items.filter(({ metadata }) => metadata.generation !== 1)).toEqual([]);
  });

  it('goes on where it was when an object could not be written', async () => {
    controlPlane.faults.inject({ type: 'status', code: 500, times: 1, match: { verb: 'update', name: 'g5' } });
    const { written, told } = await migrated();
    expect(written).toBe(MANY + 1);
    expect(told).toEqual(
      expect.arrayContaining([
        ['StorageVersionMigrationFailed', expect.stringMatching(/^storage version migration failed: default\/g5: /)],
        ['StorageVersionMigrationSucceeded', 'storage version migrated to v2'],
      ]),
    );
    expect(await storedVersions()).toEqual(['v2']);
  });

  it('leaves the definition as it is while others change objects again and again', async () => {
    controlPlane.faults.inject({ type: 'status', code: 409, times: 3, match: { verb: 'update', name: 'g5' } });
    const { written, told } = await migrated();
    expect(written).toBe(MANY + 2);
    expect(told).toEqual([]);
    expect(await storedVersions()).toEqual(['v1', 'v2']);
  });

  it('says that it could not take the version out', async () => {
    const match = { verb: 'patch', resource: 'customresourcedefinitions', subresource: 'status' };
    controlPlane.faults.inject({ type: 'status', code: 500, times: 1, match });
    const { told } = await migrated();
    expect(told).toContainEqual([
      'StorageVersionMigrationFailed',
      expect.stringMatching(/^storedVersions patch failed: /),
    ]);
    expect(await storedVersions()).toEqual(['v2']);
  });

  it('asks to read definitions and to write the objects, and for nothing more', () => {
    const { cluster, namespaced } = operatorPermissions([module]);
    expect(cluster).toEqual([
      {
        apiGroups: ['apiextensions.k8s.io'],
        resources: ['customresourcedefinitions'],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions/status'], verbs: ['patch'] },
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    ]);
    expect(namespaced).toContainEqual({
      apiGroups: ['stored.example.com'],
      resources: ['gadgets'],
      verbs: ['get', 'list', 'update'],
    });
  });
});
