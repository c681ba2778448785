import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { aWidgetDefinition, PlainClient } from '../control-plane.test-support.js';
import type { KubeObject, ManagedFieldsEntry } from '../object.js';

const APPS = '/apis/apps/v1/namespaces/default';
const LABELS = { metadata: { labels: { sent: 'with-status' } }, status: { observedGeneration: 7 } };

function aWorkload(kind: 'Deployment' | 'StatefulSet'): KubeObject {
  const labels = { app: 'a' };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'a' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
}

function entryOf(object: KubeObject, manager: string): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager);
}

describe('managedFields', () => {
  let controlPlane: ControlPlane;
  let client: PlainClient;

  beforeAll(async () => {
    const controllers = { workloads: false, garbageCollection: false };
    controlPlane = await ControlPlane.start({ tls: false, controllers });
    client = new PlainClient(controlPlane);
  });

  afterAll(() => controlPlane.stop());

  it.each([
    ['Deployment', 'deployments', undefined, undefined],
    ['StatefulSet', 'statefulsets', { sent: 'with-status' }, { 'f:labels': { '.': {}, 'f:sent': {} } }],
  ] as const)('of a %s follow what its /status writes of labels', async (kind, plural, labels, owned) => {
    await client.post(`${APPS}/${plural}`, aWorkload(kind));

    const { body } = await client.patch(`${APPS}/${plural}/a/status?fieldManager=m`, 'merge', LABELS);

    expect(body.metadata.labels).toEqual(labels);
    expect(entryOf(body, 'm')).toMatchObject({ subresource: 'status' });
    expect(entryOf(body, 'm')?.fieldsV1?.['f:metadata']).toEqual(owned);
  });

  it('own the data of a ControllerRevision as a whole', async () => {
    const revision = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'a' },
      data: { spec: { any: ['thing'] } },
      revision: 1,
    };

    const { body } = await client.patch(`${APPS}/controllerrevisions/a?fieldManager=m`, 'apply', revision);

    expect(body['data']).toEqual(revision.data);
    expect(entryOf(body, 'm')?.fieldsV1).toEqual({ 'f:data': {}, 'f:revision': {} });
  });

  it('forget what was recorded in a version that is not served', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const entry = {
      operation: 'Update',
      apiVersion: 'v0',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:a': {} } },
    };
    const managedFields = [{ ...entry, manager: 'old' }];
    await client.post(path, { metadata: { name: 'a', managedFields }, data: { a: '1' } });

    const { body } = await client.patch(`${path}/a?fieldManager=m`, 'merge', { data: { b: '1' } });

    expect(entryOf(body, 'old')).toBeUndefined();
    expect(entryOf(body, 'm')).toBeDefined();
  });

  it('leave a null of an applier, and of what only it had, to be refused', async () => {
    const definition = aWidgetDefinition();
    await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    const path = '/apis/example.com/v1/namespaces/default/widgets/a?fieldManager=m';
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } };
    const apply = async (fields: object) => (await client.patch(path, 'apply', { ...widget, ...fields })).body;

    const refusal = (field: string, type: string) =>
      `Widget.example.com "a" is invalid: ${field}: Invalid value: "null": ${field} in body must be of type ${type}: "null"`;

    expect(await apply({ spec: { color: null } })).toMatchObject({ message: refusal('spec.color', 'string') });
    expect(await apply({ spec: { link: { to: 'b' }, size: null } })).toMatchObject({ spec: { size: 1 } });
    expect(await apply({ spec: { link: {} } })).toMatchObject({ message: refusal('spec.link', 'object') });
  });

  it('know the fields of an Event under both of its names', async () => {
    const path = '/namespaces/default/events';
    const event = { metadata: { name: 'e' }, involvedObject: { namespace: 'default' }, message: 'hello', reason: 'R' };
    await client.post(`/api/v1${path}?fieldManager=core`, event);

    const changed = await client.patch(`/apis/events.k8s.io/v1${path}/e?fieldManager=m`, 'merge', { reason: 'S' });
    const taken = await client.patch(`/apis/events.k8s.io/v1${path}/e?fieldManager=m`, 'merge', { note: 'bye' });

    expect(entryOf(changed.body, 'core')?.fieldsV1).toHaveProperty('f:message');
    expect(entryOf(changed.body, 'core')?.fieldsV1).not.toHaveProperty('f:reason');
    expect(entryOf(taken.body, 'core')?.fieldsV1).not.toHaveProperty('f:message');
  });
});
