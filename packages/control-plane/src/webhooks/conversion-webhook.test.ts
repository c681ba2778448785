import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { aWidget, aWidgetDefinition, PlainClient, take } from '../control-plane.test-support.js';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { convert, WebhookServer } from './webhook-server.test-support.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };
const WIDGETS = { group: 'example.com', plural: 'widgets' };
const V1 = '/apis/example.com/v1/namespaces/default/widgets';
const V2 = '/apis/example.com/v2/namespaces/default/widgets';

let server: WebhookServer;

beforeAll(async () => {
  server = await WebhookServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

/** What v1 calls `color` is `tint` in v2. */
const rename = convert((object, apiVersion) => {
  const spec = isJsonObject(object['spec']) ? object['spec'] : {};
  const { color, tint, ...rest } = spec;
  const value = color ?? tint;
  return { ...object, spec: { ...rest, ...(apiVersion.endsWith('v2') ? { tint: value } : { color: value }) } };
});

/** Stores Widgets as v1 and serves v2 as well. */
function aDefinition(clientConfig: JsonObject): KubeObject {
  const definition = aWidgetDefinition();
  const version = (name: string, field: string): JsonObject => ({
    name,
    served: true,
    storage: name === 'v1',
    subresources: { status: {} },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { [field]: { type: 'string' } } } },
      },
    },
  });
  return {
    ...definition,
    spec: {
      ...(isJsonObject(definition['spec']) ? definition['spec'] : {}),
      versions: [version('v1', 'color'), version('v2', 'tint')],
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } },
    },
  };
}

async function aControlPlane(clientConfig: JsonObject): Promise<ControlPlane> {
  const controlPlane = await ControlPlane.start({ tls: false });
  await controlPlane.api.create(DEFINITIONS, aDefinition(clientConfig));
  await controlPlane.settle();
  return controlPlane;
}

const inV2 = (name: string, tint: string): KubeObject => ({ ...aWidget(name, { tint }), apiVersion: 'example.com/v2' });

describe('a kind with a conversion webhook', () => {
  it('is read and written in each version, and stored in one', async () => {
    await using controlPlane = await aControlPlane(server.add('/both', rename));
    const client = new PlainClient(controlPlane);

    await client.post(V1, aWidget('a', { color: 'red' }));
    const created = await client.post(V2, inV2('b', 'blue'));
    const patched = await client.patch(`${V2}/a`, 'merge', { spec: { tint: 'pink' } });

    expect(created).toMatchObject({ status: 201, body: { apiVersion: 'example.com/v2', spec: { tint: 'blue' } } });
    expect(patched.body['spec']).toEqual({ tint: 'pink' });
    const specs = async (path: string): Promise<unknown[]> =>
      (await client.get(path)).body.items?.map(({ spec }) => spec) ?? [];
    expect(await specs(V1)).toEqual([{ color: 'pink' }, { color: 'blue' }]);
    expect(await specs(V2)).toEqual([{ tint: 'pink' }, { tint: 'blue' }]);
    expect(controlPlane.api.get(WIDGETS, 'default', 'b')).toMatchObject({
      apiVersion: 'example.com/v1',
      spec: { color: 'blue' },
    });
  });

  it('asks once for each state of an object', async () => {
    await using controlPlane = await aControlPlane(server.add('/once', rename));
    const client = new PlainClient(controlPlane);
    await client.post(V1, aWidget('a', { color: 'red' }));

    await client.get(`${V2}/a`);
    await client.get(V2);
    await client.get(`${V2}/a`);

    expect(server.calls('/once')).toHaveLength(1);
  });

  it('is watched in each version, in the order of events', async () => {
    await using controlPlane = await aControlPlane(server.add('/watch', rename));
    const client = new PlainClient(controlPlane);
    await client.post(V1, aWidget('a', { color: 'red' }));
    const events = client.watch(`${V2}?watch=true`);
    const [initial] = await take(events, 1);

    await client.patch(`${V1}/a`, 'merge', { spec: { color: 'green' } });
    await client.post(V2, inV2('b', 'blue'));
    await client.delete(`${V1}/a`);

    expect([initial, ...(await take(events, 3))].map((event) => [event?.type, event?.object['spec']])).toEqual([
      ['ADDED', { tint: 'red' }],
      ['MODIFIED', { tint: 'green' }],
      ['ADDED', { tint: 'blue' }],
      ['DELETED', { tint: 'green' }],
    ]);
  });

  it('takes labels and annotations from the webhook, and the rest of metadata from nobody', async () => {
    const meddling = convert((object) => ({
      ...object,
      unknown: 1,
      metadata: { ...object.metadata, labels: { from: 'webhook' }, generation: 9, finalizers: ['example.com/x'] },
    }));
    await using controlPlane = await aControlPlane(server.add('/meddling', meddling));
    const client = new PlainClient(controlPlane);
    await client.post(V1, aWidget('a', {}, { labels: { from: 'client' } }));

    const { body } = await client.get(`${V2}/a`);

    expect(body.metadata).toMatchObject({ labels: { from: 'webhook' }, generation: 1 });
    expect(body.metadata).not.toHaveProperty('finalizers');
    expect(body).not.toHaveProperty('unknown');
  });

  it.each([
    {
      how: 'is down',
      answer: undefined,
      message: 'failed: Post "https://127.0.0.1:1/x?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused',
    },
    {
      how: 'refuses',
      answer: ({
        apiVersion,
        kind,
        request: { uid },
      }: {
        apiVersion: string;
        kind: string;
        request: { uid: string };
      }) => ({
        apiVersion,
        kind,
        response: { uid, result: { status: 'Failure', message: 'no way' } },
      }),
      message: 'failed: no way',
    },
    {
      how: 'returns another object',
      answer: convert((object) => ({ ...object, metadata: { ...object.metadata, name: 'b' } })),
      message: 'returned invalid object: must have the same name: a != b',
    },
    {
      how: 'does not convert',
      answer: convert((object) => ({ ...object, apiVersion: 'example.com/v1' })),
      message:
        'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
    },
  ])('cannot be read in another version while the webhook $how', async ({ answer, message }) => {
    const clientConfig = answer ? server.add('/failing', answer) : { url: 'https://127.0.0.1:1/x' };
    await using controlPlane = await aControlPlane(clientConfig);
    const client = new PlainClient(controlPlane);
    await client.post(V1, aWidget('a'));

    const { status, body } = await client.get(`${V2}/a`);

    expect(status).toBe(500);
    expect(body.message).toBe(`conversion webhook for example.com/v1, Kind=Widget ${message}`);
    expect((await client.get(`${V1}/a`)).status).toBe(200);
  });

  it('goes with its definition even if the webhook is gone already', async () => {
    await using controlPlane = await aControlPlane({ url: 'https://127.0.0.1:1/x' });
    await new PlainClient(controlPlane).post(V1, aWidget('a'));

    await controlPlane.api.delete(DEFINITIONS, undefined, 'widgets.example.com');
    await controlPlane.settle();

    expect(controlPlane.api.get(DEFINITIONS, undefined, 'widgets.example.com')).toBeUndefined();
  });
});
