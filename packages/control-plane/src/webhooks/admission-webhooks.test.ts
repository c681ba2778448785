import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { aWidget, aWidgetDefinition, PlainClient } from '../control-plane.test-support.js';
import type { JsonObject, KubeObject } from '../object.js';
import { allow, deny, patch, register, WebhookServer } from './webhook-server.test-support.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

let server: WebhookServer;

beforeAll(async () => {
  server = await WebhookServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

async function aControlPlane(definition: KubeObject = aWidgetDefinition()): Promise<ControlPlane> {
  const controlPlane = await ControlPlane.start({ tls: false });
  await controlPlane.api.create(DEFINITIONS, definition);
  await controlPlane.settle();
  return controlPlane;
}

describe('mutating webhooks', () => {
  it('change the object one after the other, by the names of their configurations', async () => {
    await using controlPlane = await aControlPlane();
    const second = server.add('/second', patch({ op: 'add', path: '/metadata/labels/second', value: 'yes' }));
    const first = server.add('/first', patch({ op: 'add', path: '/metadata/labels', value: { first: 'yes' } }));
    await register(controlPlane, 'Mutating', 'b', [{ clientConfig: second }]);
    await register(controlPlane, 'Mutating', 'a', [{ clientConfig: first }]);

    const { status, body } = await new PlainClient(controlPlane).post(WIDGETS, aWidget('w'));

    expect(status).toBe(201);
    expect(body.metadata.labels).toEqual({ first: 'yes', second: 'yes' });
    expect(server.calls('/second')).toMatchObject([
      { request: { object: { metadata: { labels: { first: 'yes' } } } } },
    ]);
  });

  it('leave an object that is pruned, defaulted and validated like any other', async () => {
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    const clientConfig = server.add(
      '/odd',
      patch(
        { op: 'add', path: '/spec/unknown', value: 1 },
        { op: 'remove', path: '/spec/size' },
        { op: 'add', path: '/spec/replicas', value: 'three' },
      ),
    );
    await register(controlPlane, 'Mutating', 'a', [{ clientConfig }]);
    const refused = await client.post(WIDGETS, aWidget('w', { size: 4 }));
    server.add('/odd', patch({ op: 'add', path: '/spec/unknown', value: 1 }, { op: 'remove', path: '/spec/size' }));

    const { body } = await client.post(WIDGETS, aWidget('w', { size: 4 }));

    expect(refused.body.message).toMatch(/spec\.replicas in body must be of type integer: "string"/);
    expect(body['spec']).toEqual({ size: 1 });
  });

  it('see no name where it is still to be generated, and no uid', async () => {
    await using controlPlane = await aControlPlane();
    const validating = server.add('/final', allow());
    await register(controlPlane, 'Mutating', 'a', [{ clientConfig: server.add('/draft', allow()) }]);
    await register(controlPlane, 'Validating', 'a', [{ clientConfig: validating }]);

    const { body } = await new PlainClient(controlPlane).post(WIDGETS, aWidget('', {}, { generateName: 'w-' }));

    const [draft] = server.calls('/draft');
    expect(draft?.request).not.toHaveProperty('name');
    expect(draft?.request.object?.metadata).not.toHaveProperty('uid');
    const { name, uid } = body.metadata;
    expect(server.calls('/final')).toMatchObject([{ request: { name, object: { metadata: { name, uid } } } }]);
  });

  it('are called once more when the object changes after them, if they want to be', async () => {
    await using controlPlane = await aControlPlane();
    const annotate = patch({ op: 'add', path: '/metadata/annotations', value: { seen: 'yes' } });
    const eager = { clientConfig: server.add('/eager', annotate), reinvocationPolicy: 'IfNeeded' };
    const once = { clientConfig: server.add('/once', patch({ op: 'add', path: '/spec/color', value: 'red' })) };
    const last = { clientConfig: server.add('/last', allow()), reinvocationPolicy: 'IfNeeded' };
    await register(controlPlane, 'Mutating', 'a', [eager, once, last]);

    await new PlainClient(controlPlane).post(WIDGETS, aWidget('w'));

    expect(['/eager', '/once', '/last'].map((path) => server.calls(path).length)).toEqual([2, 1, 1]);
    expect(server.calls('/eager')[1]?.request.object?.['spec']).toMatchObject({ color: 'red' });
  });

  it('change the replicas of a Scale', async () => {
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    await client.post(WIDGETS, aWidget('w', { replicas: 1 }));
    const clientConfig = server.add('/scale', patch({ op: 'replace', path: '/spec/replicas', value: 5 }));
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['UPDATE'], resources: ['widgets/scale'] }];
    await register(controlPlane, 'Mutating', 'a', [{ clientConfig, rules }]);

    const { body } = await client.patch(`${WIDGETS}/w/scale`, 'merge', { spec: { replicas: 2 } });

    expect(body['spec']).toEqual({ replicas: 5 });
    expect(server.calls('/scale')).toMatchObject([
      {
        request: {
          subResource: 'scale',
          kind: { group: 'autoscaling', kind: 'Scale' },
          object: { spec: { replicas: 2 } },
        },
      },
    ]);
  });

  it.each([
    {
      why: 'has no parent for the value',
      operation: { op: 'add', path: '/nope/x', value: 1 },
      text: 'add operation does not apply: doc is missing path: "/nope/x": missing value',
    },
    {
      why: 'makes an object of another kind',
      operation: { op: 'replace', path: '/kind', value: 'Secret' },
      text: 'v1, Kind=Secret cannot be handled as a ConfigMap',
    },
    {
      why: 'breaks the types of a built-in kind',
      operation: { op: 'add', path: '/data', value: 1 },
      text: 'json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
    },
  ])('fail a request whose patch $why', async ({ operation, text }) => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
    await register(controlPlane, 'Mutating', 'a', [{ clientConfig: server.add('/bad', patch(operation)), rules }]);

    const { status, body } = await new PlainClient(controlPlane).post('/api/v1/namespaces/default/configmaps', {
      metadata: { name: 'c' },
    });

    expect({ status, message: body.message }).toEqual({ status: 500, message: `Internal error occurred: ${text}` });
  });
});

describe('validating webhooks', () => {
  it.each([
    { status: { code: 403, reason: 'Forbidden', message: 'no' }, code: 403, message: ': no' },
    { status: { code: 200, reason: 'Because' }, code: 400, message: ': Because' },
    { status: undefined, code: 400, message: ' without explanation' },
  ])('refuse a request with $code$message', async ({ status, code, message }) => {
    await using controlPlane = await aControlPlane();
    await register(controlPlane, 'Validating', 'a', [{ clientConfig: server.add('/deny', deny(status)) }]);

    const answer = await new PlainClient(controlPlane).post(WIDGETS, aWidget('w'));

    expect(answer).toMatchObject({
      status: code,
      body: { message: `admission webhook "a0.example.com" denied the request${message}` },
    });
  });

  it('see the operation, both states and the options of each kind of write', async () => {
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    await register(controlPlane, 'Validating', 'a', [{ clientConfig: server.add('/all', allow()) }]);

    await client.post(`${WIDGETS}?fieldManager=me`, aWidget('w', { color: 'red' }));
    await client.patch(`${WIDGETS}/w?fieldManager=me&force=true`, 'apply', aWidget('w', { size: 2 }));
    await client.patch(`${WIDGETS}/v?fieldManager=me`, 'apply', aWidget('v'));
    await client.delete(`${WIDGETS}/w`, { propagationPolicy: 'Background' });
    await client.delete(WIDGETS);

    const options = (kind: string, given: JsonObject = {}): JsonObject => ({
      kind,
      apiVersion: 'meta.k8s.io/v1',
      ...given,
    });
    expect(
      server.calls('/all').map(({ request: { operation, name, object, oldObject, options: given } }) => ({
        operation,
        name,
        object: object?.['spec'] ?? object,
        oldObject: oldObject?.['spec'] ?? oldObject,
        options: given,
      })),
    ).toEqual([
      {
        operation: 'CREATE',
        name: 'w',
        object: { color: 'red', size: 1 },
        oldObject: null,
        options: options('CreateOptions', { fieldManager: 'me' }),
      },
      {
        operation: 'UPDATE',
        name: 'w',
        object: { color: 'red', size: 2 },
        oldObject: { color: 'red', size: 1 },
        options: options('UpdateOptions', { fieldManager: 'me' }),
      },
      {
        operation: 'CREATE',
        name: 'v',
        object: { size: 1 },
        oldObject: null,
        options: options('CreateOptions', { fieldManager: 'me' }),
      },
      {
        operation: 'DELETE',
        name: 'w',
        object: null,
        oldObject: { color: 'red', size: 2 },
        options: options('DeleteOptions', { propagationPolicy: 'Background' }),
      },
      { operation: 'DELETE', name: undefined, object: null, oldObject: { size: 1 }, options: options('DeleteOptions') },
    ]);
  });

  it('get the object in the version of their rule', async () => {
    const definition = aWidgetDefinition();
    const [v1] = (definition['spec'] as { versions: JsonObject[] }).versions;
    (definition['spec'] as { versions: JsonObject[] }).versions.push({ ...v1, name: 'v2', storage: false });
    await using controlPlane = await aControlPlane(definition);
    const rule = { apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['*'], resources: ['widgets'] };
    await register(controlPlane, 'Validating', 'a', [
      { clientConfig: server.add('/equivalent', allow()), rules: [rule] },
      { clientConfig: server.add('/exact', allow()), rules: [rule], matchPolicy: 'Exact' },
    ]);

    const widget = { ...aWidget('w'), apiVersion: 'example.com/v2' };
    await new PlainClient(controlPlane).post(WIDGETS.replace('v1', 'v2'), widget);

    expect(server.calls('/equivalent')).toMatchObject([
      {
        request: { kind: { version: 'v1' }, requestKind: { version: 'v2' }, object: { apiVersion: 'example.com/v1' } },
      },
    ]);
    expect(server.calls('/exact')).toHaveLength(0);
  });

  it('are asked only where their conditions hold', async () => {
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    const matchConditions = [
      { name: 'big', expression: 'object.spec.size > 2' },
      { name: 'by-hand', expression: '!request.userInfo.username.startsWith("system:")' },
    ];
    await register(controlPlane, 'Validating', 'a', [{ clientConfig: server.add('/if', allow()), matchConditions }]);

    await client.post(WIDGETS, aWidget('small', { size: 1 }));
    await client.post(WIDGETS, aWidget('big', { size: 3 }));
    await controlPlane.api.create(
      { group: 'example.com', plural: 'widgets' },
      aWidget('own', { size: 9 }, { namespace: 'default' }),
    );

    expect(server.calls('/if').map(({ request }) => request.name)).toEqual(['big']);
  });

  it('whose conditions fail refuse the request, unless they are optional', async () => {
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    const matchConditions = [{ name: 'x', expression: 'object.spec.nope == 1' }];
    const clientConfig = server.add('/never', allow());
    await register(controlPlane, 'Validating', 'a', [{ clientConfig, matchConditions, failurePolicy: 'Ignore' }]);
    const created = await client.post(WIDGETS, aWidget('w'));
    await register(controlPlane, 'Validating', 'b', [{ clientConfig, matchConditions }]);

    const refused = await client.post(WIDGETS, aWidget('v'));

    expect(created.status).toBe(201);
    expect(refused).toMatchObject({
      status: 403,
      body: {
        message: `widgets.example.com "v" is forbidden: expression 'object.spec.nope == 1' resulted in error: no such key: nope`,
      },
    });
  });

  it('never stand in the way of their own configurations', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }];
    await register(controlPlane, 'Validating', 'a', [{ clientConfig: server.add('/deny-all', deny()), rules }]);
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/a';

    await expect(new PlainClient(controlPlane).delete(path)).resolves.toMatchObject({ status: 200 });
  });

  it('are asked about an eviction, not about the deletion it leads to', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false, controllers: { workloads: false } });
    const client = new PlainClient(controlPlane);
    const pods = '/api/v1/namespaces/default/pods';
    await client.post(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods', 'pods/*'] }];
    await register(controlPlane, 'Validating', 'a', [{ clientConfig: server.add('/pods', allow()), rules }]);

    const { status } = await client.post(`${pods}/p/eviction`, { metadata: { name: 'p' } });

    expect(status).toBe(201);
    expect(server.calls('/pods')).toMatchObject([
      {
        request: {
          operation: 'CREATE',
          subResource: 'eviction',
          kind: { group: 'policy', kind: 'Eviction' },
          name: 'p',
        },
      },
    ]);
  });

  it('warn whoever made the request', async () => {
    await using controlPlane = await aControlPlane();
    const clientConfig = server.add('/warn', allow({ warnings: ['mind the gap'] }));
    await register(controlPlane, 'Validating', 'a', [{ clientConfig }]);

    const { headers } = await new PlainClient(controlPlane).post(WIDGETS, aWidget('w'));

    expect(headers.get('warning')).toBe('299 - "mind the gap"');
  });
});

describe('a webhook that fails', () => {
  it.each([
    {
      how: 'answers with an error',
      answer: () => 503,
      reason: 'failed to call webhook: the server is currently unable to handle the request',
    },
    {
      how: 'answers nonsense',
      answer: () => '[]',
      reason: String.raw`failed to call webhook: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`,
    },
    {
      how: 'answers another request',
      answer: allow({ uid: 'other' }),
      reason: /^received invalid webhook response: expected response\.uid="[-0-9a-f]{36}", got "other"$/,
    },
    {
      how: 'patches where it may not',
      answer: patch({ op: 'remove', path: '/spec' }),
      reason: 'received invalid webhook response: validating webhook may not return response.patch',
    },
  ])('because it $how fails the request, unless it is optional', async ({ answer, reason }) => {
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    const clientConfig = server.add('/broken', answer);
    await register(controlPlane, 'Validating', 'a', [{ clientConfig, failurePolicy: 'Ignore' }]);
    const created = await client.post(WIDGETS, aWidget('w'));
    await register(controlPlane, 'Validating', 'b', [{ clientConfig }]);

    const { status, body } = await client.post(WIDGETS, aWidget('v'));

    expect(created.status).toBe(201);
    expect(status).toBe(500);
    const prefix = 'Internal error occurred: failed calling webhook "b0.example.com": ';
    const message = body.message ?? '';
    expect(message.slice(0, prefix.length)).toBe(prefix);
    if (reason instanceof RegExp) expect(message.slice(prefix.length)).toMatch(reason);
    else expect(message.slice(prefix.length)).toBe(reason);
  });

  it('is reached as a service at its port on this machine, by the name in its certificate', async () => {
    await using own = await WebhookServer.start('hooks.system.svc');
    await using other = await WebhookServer.start('other.system.svc');
    await using controlPlane = await aControlPlane();
    const client = new PlainClient(controlPlane);
    const at = ({ port, caBundle }: WebhookServer): JsonObject => ({
      clientConfig: { service: { name: 'hooks', namespace: 'system', port, path: '/check' }, caBundle },
    });
    own.add('/check', allow());
    await register(controlPlane, 'Validating', 'a', [at(own)]);
    const created = await client.post(WIDGETS, aWidget('w'));
    await register(controlPlane, 'Validating', 'b', [at(other)]);

    const refused = await client.post(WIDGETS, aWidget('v'));

    expect(created.status).toBe(201);
    expect(refused.body.message).toMatch(
      /Post "https:\/\/hooks\.system\.svc:\d+\/check\?timeout=10s": tls: failed to verify certificate: x509: certificate is valid for localhost, other\.system\.svc, not hooks\.system\.svc$/,
    );
  });

  it('is not waited for once the server stops', async () => {
    const controlPlane = await aControlPlane();
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const clientConfig = server.add('/silent', () => {
      asked();
      return new Promise(() => undefined);
    });
    await register(controlPlane, 'Validating', 'a', [{ clientConfig }]);
    const write = controlPlane.api.create(
      { group: 'example.com', plural: 'widgets' },
      aWidget('w', {}, { namespace: 'default' }),
    );
    const outcome = expect(write).rejects.toThrow(/context canceled$/);
    await isAsked;

    await controlPlane.stop();

    await outcome;
  });
});

it('refuses a webhook with conditions that do not compile', async () => {
  await using controlPlane = await ControlPlane.start({ tls: false });
  const matchConditions = [{ name: 'x', expression: 'object.spec' }];

  await expect(
    register(controlPlane, 'Validating', 'a', [{ clientConfig: server.add('/x', allow()), matchConditions }]),
  ).rejects.toThrow(
    'webhooks[0].matchConditions[0].expression: Invalid value: "object.spec": must evaluate to bool but got dyn',
  );
});
