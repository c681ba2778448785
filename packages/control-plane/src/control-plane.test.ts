import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { get, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from './control-plane.js';
import { aWidget, aWidgetDefinition, PlainClient, take, type Answer } from './control-plane.test-support.js';
import { serverCertificate } from './http/certificates.js';
import { PortError } from './http/api-server.js';
import { openApiV2 } from './http/openapi-v2.js';
import type { RequestRecord } from './http/request-recorder.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

describe('a control plane', () => {
  it('serves HTTPS with a certificate that its kubeconfig vouches for', async () => {
    await using controlPlane = await ControlPlane.start();
    const options = {
      headers: { Authorization: `Bearer ${controlPlane.token}` },
      ...(controlPlane.caCertificate === undefined ? {} : { ca: controlPlane.caCertificate }),
    };

    const status = await new Promise((resolve, reject) => {
      get(`${controlPlane.url}/api/v1/namespaces/default`, options, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });

    expect(status).toBe(200);
    expect(controlPlane.kubeconfig()).toMatchObject({
      'current-context': 'trueup',
      clusters: [{ name: 'trueup', cluster: { server: controlPlane.url } }],
      users: [{ name: 'trueup', user: { token: controlPlane.token } }],
    });
  });

  it('recognises users by certificates of its own authority, and by no others', async () => {
    await using controlPlane = await ControlPlane.start();
    const { caCertificate = '' } = controlPlane;
    const own = controlPlane.issueClientCertificate({ user: 'cert', groups: ['a', 'b'] });
    const foreign = serverCertificate('other.example').issueClientCertificate({ username: 'cert', groups: [] });
    const whoAmI = (pair: { certificate: string; key: string } | undefined): Promise<string> =>
      new Promise((resolve, reject) => {
        const options = {
          method: 'POST',
          ca: caCertificate,
          cert: pair?.certificate,
          key: pair?.key,
          headers: { 'Content-Type': 'application/json' },
        };
        request(`${controlPlane.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, options, (response) => {
          text(response).then(resolve, reject);
        })
          .on('error', reject)
          .end('{}');
      });

    expect(JSON.parse(await whoAmI(own))).toMatchObject({
      status: { userInfo: { username: 'cert', groups: ['a', 'b', 'system:authenticated'] } },
    });
    expect(JSON.parse(await whoAmI(foreign))).toMatchObject({ code: 401 });
    expect(JSON.parse(await whoAmI(undefined))).toMatchObject({ code: 403 });
  });

  it('writes a kubeconfig that only its owner can read', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const directory = await mkdtemp(join(tmpdir(), 'trueup-test-'));
    try {
      await controlPlane.writeKubeconfig(join(directory, 'kubeconfig'));

      expect((await stat(join(directory, 'kubeconfig'))).mode & 0o777).toBe(0o600);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('names the port that is taken, and what to do', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const port = Number(new URL(controlPlane.url).port);

    const start = ControlPlane.start({ port, tls: false });

    await expect(start).rejects.toThrow(PortError);
    await expect(start).rejects.toMatchObject({ code: 'ERR_PORT_UNAVAILABLE', port });
    await expect(start).rejects.toThrow(/is in use; .*another port/);
  });

  it('ends watches when it stops', async () => {
    const controlPlane = await ControlPlane.start({ tls: false });
    const events = new PlainClient(controlPlane).watch('/api/v1/namespaces?watch=true');
    await take(events, controlPlane.api.list({ group: '', plural: 'namespaces' }).length);

    await controlPlane.stop();

    await expect(events.next()).resolves.toMatchObject({ done: true });
  });

  it('tells strangers nothing but whether it is well', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const send = async (path: string, token?: string): Promise<number> =>
      (
        await fetch(
          controlPlane.url + path,
          token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
        )
      ).status;

    expect(await send('/readyz')).toBe(200);
    expect(await send('/api/v1/namespaces')).toBe(403);
    expect(await send('/api/v1/namespaces', 'not-a-token')).toBe(401);
  });
});

describe('objects of a CustomResourceDefinition', () => {
  let controlPlane: ControlPlane;
  let client: PlainClient;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    client = new PlainClient(controlPlane);
    await client.post(DEFINITIONS, aWidgetDefinition());
    await controlPlane.settle();
  });

  afterAll(() => controlPlane.stop());

  const created = async (...args: Parameters<typeof aWidget>): Promise<Answer['body']> =>
    (await client.post(WIDGETS, aWidget(...args))).body;

  it('are stored with defaults, without what the schema does not know, and with a warning about that', async () => {
    const { status, body, headers } = await client.post(WIDGETS, aWidget('pruned', { nope: 1 }));

    expect(status).toBe(201);
    expect(body['spec']).toEqual({ size: 1 });
    expect(body.metadata).toMatchObject({ generation: 1, namespace: 'default' });
    expect(headers.get('warning')).toBe(String.raw`299 - "unknown field \"spec.nope\""`);
  });

  it('are refused when they break their schema', async () => {
    const { status, body } = await client.post(WIDGETS, aWidget('broken', { size: 0 }));

    expect(status).toBe(422);
    expect(body.message).toBe(
      'Widget.example.com "broken" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    );
  });

  it('count a generation for a new spec, none for labels or status', async () => {
    await created('generations', { size: 1 });
    const path = `${WIDGETS}/generations`;
    const generationAfter = async (target: string, patch: object): Promise<number | undefined> =>
      (await client.patch(target, 'merge', patch)).body.metadata.generation;

    expect(await generationAfter(path, { metadata: { labels: { a: 'b' } } })).toBe(1);
    expect(await generationAfter(`${path}/status`, { status: { phase: 'Up' } })).toBe(1);
    expect(await generationAfter(path, { spec: { size: 2 } })).toBe(2);
  });

  it('keep spec and status apart', async () => {
    const widget = await created('split', { size: 1 });
    await client.put(`${WIDGETS}/split/status`, { ...widget, spec: { size: 9 }, status: { phase: 'Up' } });

    const { body } = await client.patch(`${WIDGETS}/split`, 'merge', { spec: { size: 2 }, status: { phase: 'Down' } });

    expect(body).toMatchObject({ spec: { size: 2 }, status: { phase: 'Up' } });
  });

  it('are not overwritten by somebody who has an old state, or none', async () => {
    const widget = await created('conflict', { size: 1 });
    await client.patch(`${WIDGETS}/conflict`, 'merge', { spec: { size: 2 } });

    const stale = await client.put(`${WIDGETS}/conflict`, { ...widget, spec: { size: 3 } });
    const blind = await client.put(`${WIDGETS}/conflict`, aWidget('conflict', { size: 3 }));

    expect(stale).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(blind.status).toBe(422);
    expect((await client.get(`${WIDGETS}/conflict`)).body['spec']).toEqual({ size: 2 });
  });

  it('are not written when nothing changes', async () => {
    const widget = await created('same', { size: 1 });

    const put = await client.put(`${WIDGETS}/same`, widget);
    const patched = await client.patch(`${WIDGETS}/same`, 'merge', { spec: { size: 1 } });

    expect([put, patched].map(({ body }) => body.metadata.resourceVersion)).toEqual([
      widget.metadata.resourceVersion,
      widget.metadata.resourceVersion,
    ]);
  });

  it('all come to count when patched at the same time', async () => {
    await created('concurrent', {}, { labels: { l0: '1' } });
    const labels = Array.from({ length: 10 }, (_, index) => `l${String(index)}`);

    await Promise.all(
      labels.map((label) => client.patch(`${WIDGETS}/concurrent`, 'merge', { metadata: { labels: { [label]: '1' } } })),
    );

    const { body } = await client.get(`${WIDGETS}/concurrent`);
    expect(Object.keys(body.metadata.labels ?? {}).sort()).toEqual(labels);
  });

  it('stay until their finalizers are gone, and then end in one DELETED event', async () => {
    await created('finalized', {}, { finalizers: ['example.com/hold'] });
    const marked = (await client.delete(`${WIDGETS}/finalized`)).body;
    const again = (await client.delete(`${WIDGETS}/finalized`)).body;
    const events = client.watch(`${WIDGETS}?watch=true&resourceVersion=${marked.metadata.resourceVersion ?? ''}`);
    const recreated = await client.post(WIDGETS, aWidget('finalized'));
    await client.patch(`${WIDGETS}/finalized`, 'merge', { metadata: { finalizers: null } });
    await created('after-finalized');

    expect(marked.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 0 });
    expect(again).toEqual(marked);
    expect(recreated.body.message).toBe('object is being deleted: widgets.example.com "finalized" already exists');
    const seen = (await take(events, 2)).map(({ type, object }) => [type, object.metadata.name]);
    expect(seen).toEqual([
      ['DELETED', 'finalized'],
      ['ADDED', 'after-finalized'],
    ]);
    await events.return(undefined);
  });

  it('enter and leave a watch with a selector', async () => {
    const { resourceVersion = '' } = (await created('selected', { color: 'blue' })).metadata;
    const events = client.watch(
      `${WIDGETS}?watch=true&fieldSelector=spec.color%3Dred&resourceVersion=${resourceVersion}`,
    );
    for (const spec of [{ color: 'red' }, { size: 2 }, { color: 'green' }]) {
      await client.patch(`${WIDGETS}/selected`, 'merge', { spec });
    }

    const seen = await take(events, 3);

    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(seen.at(-1)?.object['spec']).toEqual({ color: 'red', size: 2 });
    await events.return(undefined);
  });

  it('come page by page from one snapshot', async () => {
    const names = ['page-a', 'page-b', 'page-c'];
    for (const name of names) await created(name, {}, { labels: { page: 'yes' } });
    const list = `${WIDGETS}?labelSelector=page&limit=2`;
    const first = (await client.get(list)).body;
    await client.delete(`${WIDGETS}/page-c`);

    const second = (await client.get(`${list}&continue=${String(first.metadata['continue'])}`)).body;

    const found = [...(first.items ?? []), ...(second.items ?? [])].map(({ metadata }) => metadata.name);
    expect(found).toEqual(names);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('are shown as a table with the columns of their definition', async () => {
    await created('tabled');
    await client.patch(`${WIDGETS}/tabled/status`, 'merge', {
      status: {
        conditions: [
          { type: 'Valid', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    });

    const { body } = await client.get(`${WIDGETS}/tabled`, { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });

    expect(body).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Ready' }],
      rows: [{ cells: ['tabled', 'True'], object: { kind: 'PartialObjectMetadata' } }],
    });
  });

  it('are scaled through their scale', async () => {
    await created('scaled', { replicas: 1 });

    const { body } = await client.patch(`${WIDGETS}/scaled/scale`, 'merge', { spec: { replicas: 3 } });

    expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 3 }, status: { replicas: 0 } });
    expect((await client.get(`${WIDGETS}/scaled`)).body).toMatchObject({
      spec: { replicas: 3 },
      metadata: { generation: 2 },
    });
  });

  it('can be applied after a scale that owns nothing', async () => {
    await created('unowned');
    await client.patch(`${WIDGETS}/unowned`, 'merge', { metadata: { managedFields: [{}] } });
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'unowned' } };
    await client.patch(`${WIDGETS}/unowned/scale?fieldManager=m`, 'apply', scale);

    const { status } = await client.patch(`${WIDGETS}/unowned?fieldManager=m`, 'apply', aWidget('unowned'));
    expect(status).toBe(200);
  });

  it('are not made by a dry run', async () => {
    const { status, body } = await client.post(`${WIDGETS}?dryRun=All`, aWidget('dry'));

    expect(status).toBe(201);
    expect(body.metadata.resourceVersion).toBeUndefined();
    expect((await client.get(`${WIDGETS}/dry`)).status).toBe(404);
  });
});

describe('a watch', () => {
  let controlPlane: ControlPlane;
  let client: PlainClient;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false, controllers: { serviceAccounts: false } });
    client = new PlainClient(controlPlane);
    for (const name of ['a', 'b']) await client.post(CONFIG_MAPS, { metadata: { name } });
  });

  afterAll(() => controlPlane.stop());

  it('begins with what is there when it is asked to stream the list', async () => {
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const events = client.watch(`${CONFIG_MAPS}?${query}`);

    const [first, second, bookmark] = await take(events, 3);

    expect([first, second].map((event) => event?.object.metadata.name)).toEqual(['a', 'b']);
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await events.return(undefined);
  });

  it('from before its history says so in the stream, and ends', async () => {
    const events = await take(client.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=1`), 2);

    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  });

  it('ends by itself after the time that was asked for', async () => {
    const { resourceVersion = '' } = (await client.get(CONFIG_MAPS)).body.metadata;

    const events = await take(
      client.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=1`),
      1,
    );

    expect(events).toEqual([]);
  });

  it('ends when the definition of its kind changes', async () => {
    await client.post(DEFINITIONS, aWidgetDefinition());
    await controlPlane.settle();
    const events = client.watch(`${WIDGETS}?watch=true&allowWatchBookmarks=true`);
    await take(events, 1);

    await client.patch(`${DEFINITIONS}/widgets.example.com`, 'merge', { spec: { names: { categories: ['all'] } } });

    await expect(events.next()).resolves.toMatchObject({ done: true });
  });
});

describe('a CustomResourceDefinition', () => {
  it('takes its objects with it when it is deleted, but waits for their finalizers', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const client = new PlainClient(controlPlane);
    await client.post(DEFINITIONS, aWidgetDefinition());
    await controlPlane.settle();
    await client.post(WIDGETS, aWidget('free'));
    await client.post(WIDGETS, aWidget('held', {}, { finalizers: ['example.com/hold'] }));

    await client.delete(`${DEFINITIONS}/widgets.example.com`);
    await controlPlane.settle();

    expect((await client.get(`${WIDGETS}/free`)).status).toBe(404);
    expect((await client.post(WIDGETS, aWidget('new'))).body.message).toBe(
      'widgets.example.com "new" is forbidden: create not allowed while custom resource definition is terminating',
    );

    await client.patch(`${WIDGETS}/held`, 'merge', { metadata: { finalizers: null } });
    await controlPlane.settle();

    expect((await client.get(`${DEFINITIONS}/widgets.example.com`)).status).toBe(404);
    expect((await client.get(WIDGETS)).headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  it('is discovered once established, and makes discovery new', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const client = new PlainClient(controlPlane);
    const discover = (etag = ''): Promise<Answer> =>
      client.get('/apis', {
        Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        'If-None-Match': etag,
      });
    const etag = (await discover()).headers.get('etag') ?? '';
    const unchanged = await discover(etag);

    await client.post(DEFINITIONS, aWidgetDefinition());
    await controlPlane.settle();
    const changed = await discover(etag);

    expect(unchanged.status).toBe(304);
    expect(changed.status).toBe(200);
    expect(changed.body.items?.at(-1)).toMatchObject({
      metadata: { name: 'example.com' },
      versions: [{ version: 'v1', resources: [{ resource: 'widgets', shortNames: ['wd'] }] }],
    });
  });
});

describe('OpenAPI v2', () => {
  it('describes in one document what v3 does, in what can be said there', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const client = new PlainClient(controlPlane);
    await client.post(DEFINITIONS, aWidgetDefinition());

    const { status, headers, body } = await client.get('/openapi/v2', { Accept: 'application/json' });

    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    const document = JSON.stringify(body);
    const { definitions = {}, paths = {} } = body as { definitions?: object; paths?: object };
    const referred = [...document.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference = '']) => reference);
    expect(
      referred.filter((reference) => !Object.hasOwn(definitions, reference.replace('#/definitions/', ''))),
    ).toEqual([]);
    expect(document.match(/"(oneOf|anyOf|allOf)":\[|"(requestBody|content)":\{"/g)).toBeNull();
    expect(definitions).toMatchObject({
      'com.example.v1.Widget': {
        properties: { spec: { type: 'object' } },
        'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
      },
      'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
    });
    expect(paths).toMatchObject({
      '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}': {
        parameters: expect.arrayContaining([expect.objectContaining({ name: 'name', in: 'path', type: 'string' })]),
        put: {
          parameters: expect.arrayContaining([
            { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/com.example.v1.Widget' } },
          ]),
          responses: { 200: { schema: { $ref: '#/definitions/com.example.v1.Widget' } } },
        },
      },
    });
  });

  it('says nothing of the type of what may be null, and requires it no more', () => {
    const spec = {
      type: 'object',
      required: ['size', 'name'],
      properties: {
        size: { type: 'integer', nullable: true, description: 'in cm' },
        name: { type: 'string', anyOf: [{ minLength: 1 }] },
        port: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
      },
    };

    expect(openApiV2([{ components: { schemas: { spec } } }], 'v1')['definitions']).toEqual({
      spec: {
        type: 'object',
        required: ['name'],
        properties: {
          size: { description: 'in cm' },
          name: { type: 'string' },
          port: { 'x-kubernetes-int-or-string': true },
        },
      },
    });
  });

  it('is not to be had in protobuf alone', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });

    const Accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    expect((await new PlainClient(controlPlane).get('/openapi/v2', { Accept })).status).toBe(406);
  });
});

describe('a connection to a pod', () => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    const containers = ['a', 'b'].map((name) => ({ name, image: `${name}:1` }));
    const pods = { group: '', plural: 'pods' };
    for (const [name, more] of [
      ['running', {}],
      ['waiting', { schedulingGates: [{ name: 'example.com/wait' }] }],
    ] as const) {
      const metadata = { name, namespace: 'default' };
      await controlPlane.api.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...more } });
    }
    await controlPlane.settle();
  });
  afterAll(() => controlPlane.stop());

  it.each([
    [
      'GET',
      'running/exec?container=a&command=ls',
      500,
      'error dialing backend: dial tcp 192.0.2.1:10250: connect: connection refused',
    ],
    [
      'POST',
      'running/attach?container=b',
      500,
      'error dialing backend: dial tcp 192.0.2.1:10250: connect: connection refused',
    ],
    [
      'POST',
      'running/portforward',
      500,
      'error dialing backend: dial tcp 192.0.2.1:10250: connect: connection refused',
    ],
    ['POST', 'running/exec', 400, 'a container name must be specified for pod running, choose one of: [a b]'],
    ['POST', 'running/exec?container=c', 400, 'container c is not valid for pod running'],
    ['POST', 'waiting/portforward', 400, 'pod waiting does not have a host assigned'],
    ['POST', 'gone/exec', 404, 'pods "gone" not found'],
  ])('%s %s is refused at once, as by a server that does not reach its nodes', async (method, path, code, message) => {
    const headers = { Authorization: `Bearer ${controlPlane.token}`, Connection: 'Upgrade', Upgrade: 'SPDY/3.1' };
    const answer = await new Promise<string>((resolve, reject) => {
      const url = `${controlPlane.url}/api/v1/namespaces/default/pods/${path}`;
      plainRequest(url, { method, headers }, (response) => void text(response).then(resolve, reject))
        .on('error', reject)
        .end();
    });

    expect(JSON.parse(answer)).toMatchObject({ kind: 'Status', status: 'Failure', code, message });
  });

  it('is asked for by an upgrade', async () => {
    const answer = await new PlainClient(controlPlane).get('/api/v1/namespaces/default/pods/running/exec?container=a');

    expect(answer).toMatchObject({ status: 400, body: { message: 'Upgrade request required' } });
  });
});

describe('the in-process API', () => {
  it('goes through the same pipeline, and shows what HTTP shows', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const client = new PlainClient(controlPlane);
    const name = { group: '', plural: 'configmaps' };

    await controlPlane.api.create(name, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default' },
      data: { k: '1' },
    });
    await controlPlane.api.update(name, 'default', 'a', (draft) => {
      draft['data'] = { k: '2' };
    });

    const { body } = await client.get(`${CONFIG_MAPS}/a`);
    expect(body).toEqual(controlPlane.api.get(name, 'default', 'a'));
    expect(body.metadata.managedFields).toMatchObject([{ manager: 'trueup', operation: 'Update' }]);
    await expect(
      controlPlane.api.create(name, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', namespace: 'nope' },
      }),
    ).rejects.toMatchObject({ code: 404, message: 'namespaces "nope" not found' });
  });

  it('writes nothing when the change changes nothing', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const name = { group: '', plural: 'namespaces' };
    const before = controlPlane.api.get(name, undefined, 'default');

    const after = await controlPlane.api.update(name, undefined, 'default', () => undefined);

    expect(after).toBe(before);
  });
});

describe('the request recorder', () => {
  it('tells who asked for what, and whether anything changed', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const client = new PlainClient(controlPlane);
    const records: RequestRecord[] = [];
    controlPlane.requests.subscribe((record) => records.push(record));

    await client.post(CONFIG_MAPS, { metadata: { name: 'a' }, data: { k: '1' } }, { 'User-Agent': 'tester/1' });
    await client.patch(`${CONFIG_MAPS}/a`, 'merge', { data: { k: '1' } });
    await client.get(`${CONFIG_MAPS}/nope`);

    expect(records).toMatchObject([
      {
        verb: 'create',
        resource: 'configmaps',
        namespace: 'default',
        userAgent: 'tester/1',
        status: 201,
        changed: true,
      },
      { verb: 'patch', resource: 'configmaps', name: 'a', status: 200, changed: false },
      { verb: 'get', name: 'nope', status: 404, changed: false },
    ]);
  });
});
