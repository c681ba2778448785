import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect } from 'node:tls';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, clusterFromToken, silentLogger, type KubernetesObject } from '@trueup/kube';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { ManualClock } from '../../test-support/manual-clock.js';
import { ConfigMap } from '../builtin-kinds.js';
import { SpecError } from '../errors.js';
import { deny } from './admission-answer.js';
import { admissionEndpoint, type BoundWebhook } from './admission-endpoint.js';
import type { AdmissionRequest } from './admission-request.js';
import { asServingCertificate, renewed, type KeptCertificates } from './certificates/kept-certificates.js';
import { fieldError } from './field-error.js';
import { WebhookServer } from './webhook-server.js';

const PATH = '/validate/configmaps.core/judge';
const NOW_MS = Date.now();

const review = (request: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'b7c2',
    operation: 'CREATE',
    name: 'one',
    namespace: 'default',
    userInfo: { username: 'ann', groups: ['staff'] },
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'default' }, data: { a: '1' } },
    oldObject: null,
    dryRun: false,
    ...request,
  },
});

describe('the server of webhooks', () => {
  const clock = new ManualClock();
  const client = new Client(clusterFromToken({ server: 'http://127.0.0.1:9' }));
  const log = { ...silentLogger, child: () => silentLogger };
  let kept: KeptCertificates;
  let server: WebhookServer;
  let judge: (object: KubernetesObject, request: AdmissionRequest) => unknown;

  beforeAll(async () => {
    kept = await renewed(undefined, ['127.0.0.1'], NOW_MS);
  });
  afterAll(() => client.close());
  afterEach(() => server.close());

  const start = async (type: BoundWebhook['type'] = 'validating', answer: typeof judge = () => undefined) => {
    judge = answer;
    const webhook: BoundWebhook = {
      type,
      kind: ConfigMap,
      method: 'judge',
      options: {},
      target: class {},
      name: 'judge.configmaps.core',
      path: PATH,
      call: (object, request) => judge(object, request),
    };
    server = await WebhookServer.listen({
      address: { host: '127.0.0.1', port: 0 },
      certificate: asServingCertificate(kept),
      endpoints: [admissionEndpoint(webhook, { client, log })],
      clock,
      log,
    });
  };
  const send = async (body: string | undefined, options: RequestOptions = {}) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port: options.port ?? server.port,
      path: PATH,
      method: 'POST',
      ca: asServingCertificate(kept).authorities,
      agent: false,
      headers: { 'content-type': 'application/json' },
      ...options,
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  };
  const ask = async (request?: object) => {
    const { status, body } = await send(JSON.stringify(review(request)));
    return status === 200 ? JSON.parse(body) : { status, body };
  };

  it.each([
    { what: 'another method', options: { method: 'GET' }, body: '', status: 405 },
    { what: 'another path', options: { path: '/validate/other' }, status: 404 },
    { what: 'a path that is no URL', options: { path: '//' }, status: 404 },
    { what: 'another type of content', options: { headers: { 'content-type': 'text/plain' } }, status: 400 },
    { what: 'what is not JSON', body: '{"secret":', status: 400, says: 'the body is not JSON' },
    { what: 'JSON that is no object', body: 'null', status: 400, says: /expected an AdmissionReview.*body/ },
    { what: 'another kind', body: { ...review(), kind: 'Pod' }, status: 400, says: /AdmissionReview.*: kind: / },
    { what: 'another version', body: { ...review(), apiVersion: 'admission.k8s.io/v1beta1' }, status: 400 },
    { what: 'a review without uid', body: review({ uid: '' }), status: 400, says: /: request.uid: / },
    {
      what: 'a review without object',
      body: review({ object: null }),
      status: 400,
      says: 'neither object nor oldObject',
    },
    { what: 'an object that is none', body: review({ object: 'secret' }), status: 400, says: /: request.object: / },
    { what: 'an operation that has no object', body: review({ operation: 'CONNECT' }), status: 400 },
    { what: 'too much', body: 'x'.repeat(7 * 1024 * 1024 + 1), status: 413, says: 'at most 7340032 bytes' },
  ])('refuses $what', async ({ options, body = review(), status, says = '' }) => {
    await start();
    const answer = await send(typeof body === 'string' ? body : JSON.stringify(body), options);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(says);
    expect(answer.body).not.toMatch(/secret/);
  });

  it('tells what is asked, and echoes the uid', async () => {
    const asked: unknown[] = [];
    await start('validating', (object, { operation, old, name, namespace, user, isDryRun }) => {
      asked.push({ data: (object as ConfigMap).data, operation, old, name, namespace, user, isDryRun });
    });
    const { object } = review().request;
    expect(await ask()).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'b7c2', allowed: true },
    });
    await ask({ operation: 'UPDATE', oldObject: { ...object, data: { a: '0' } }, dryRun: true });
    await ask({ operation: 'DELETE', object: null, oldObject: object, name: '', namespace: '' });
    const user = { username: 'ann', groups: ['staff'], extra: {} };
    const common = { data: { a: '1' }, name: 'one', namespace: 'default', user, old: undefined, isDryRun: false };
    expect(asked).toMatchObject([
      { ...common, operation: 'CREATE' },
      { ...common, operation: 'UPDATE', old: { data: { a: '0' } }, isDryRun: true },
      { ...common, operation: 'DELETE', name: undefined, namespace: undefined },
    ]);
  });

  it.each([
    { what: 'no problems', answer: [], response: { allowed: true } },
    {
      what: 'a problem',
      answer: [fieldError.required('data.b', 'say b')],
      response: {
        allowed: false,
        status: {
          status: 'Failure',
          code: 422,
          reason: 'Invalid',
          message: 'ConfigMap "one" is invalid: data.b: Required value: say b',
          details: {
            name: 'one',
            group: '',
            kind: 'ConfigMap',
            causes: [{ reason: 'FieldValueRequired', message: 'Required value: say b', field: 'data.b' }],
          },
        },
      },
    },
    {
      what: 'a problem as validateSpec has it',
      answer: [{ path: 'data.a', message: 'too short' }],
      response: { status: { message: 'ConfigMap "one" is invalid: data.a: Invalid value: too short' } },
    },
    {
      what: 'a denial',
      answer: deny('not today', { code: 429, reason: 'TooManyRequests' }),
      response: {
        allowed: false,
        status: { status: 'Failure', code: 429, reason: 'TooManyRequests', message: 'not today' },
      },
    },
  ])('answers $what', async ({ answer, response }) => {
    await start('validating', () => answer);
    expect(await ask()).toMatchObject({ response: { uid: 'b7c2', ...response } });
  });

  it('takes a SpecError for an answer, and anything else that is thrown for a failure', async () => {
    await start('validating', () => {
      throw new SpecError('a and b exclude each other');
    });
    expect(await ask()).toMatchObject({
      response: { status: { code: 422, message: 'ConfigMap "one" is invalid: a and b exclude each other' } },
    });
    const failure = { status: 500, body: 'the webhook failed; the log of the operator says why\n' };
    for (const mistake of [
      () => Reflect.set(Object.freeze({}), 'a', 1) || (undefined as unknown as { a: 1 }).a,
      (object: KubernetesObject) => void Object.assign(object.metadata, { name: 'two' }),
      (object: KubernetesObject) => object,
      () => true,
      () => Promise.reject(new Error('later')),
    ]) {
      judge = mistake;
      expect(await ask()).toEqual(failure);
    }
  });

  it('makes a JSON patch of the object that a mutator returns', async () => {
    const patchOf = async (answer: typeof judge): Promise<unknown> => {
      judge = answer;
      const { response } = (await ask()) as { readonly response: { readonly patch?: string } };
      return response.patch === undefined ? response : JSON.parse(Buffer.from(response.patch, 'base64').toString());
    };
    await start('mutating');
    const unchanged = { uid: 'b7c2', allowed: true };
    expect(await patchOf((object) => object)).toEqual(unchanged);
    expect(await patchOf((object) => ({ ...object, status: undefined }))).toEqual(unchanged);
    expect(await patchOf(() => undefined)).toEqual(unchanged);
    const operations = await patchOf((object) => ({
      ...object,
      data: { 'x/y': '2' },
      metadata: { ...object.metadata, labels: { a: 'b' } },
    }));
    expect(operations).toEqual(
      expect.arrayContaining([
        { op: 'remove', path: '/data/a' },
        { op: 'add', path: '/data/x~1y', value: '2' },
        { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
      ]),
    );
    judge = (object) => ({ ...object, data: {} });
    expect(await ask()).toMatchObject({ response: { allowed: true, patchType: 'JSONPatch' } });
  });

  it('makes a patch that gives the returned object, whatever changes', async () => {
    await start();
    const webhook = (after: object): BoundWebhook => ({
      type: 'mutating',
      kind: ConfigMap,
      method: 'change',
      options: {},
      target: class {},
      name: 'change.configmaps.core',
      path: PATH,
      call: () => after,
    });
    const json = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
      { maxKeys: 4 },
    );
    const property = fc.asyncProperty(json, json, async (before, after) => {
      const base = review().request.object;
      const wanted = { ...base, ...after, metadata: base.metadata };
      const { answer } = admissionEndpoint(webhook(wanted), { client, log });
      const object = { ...base, ...before, metadata: base.metadata };
      const body = JSON.parse(JSON.stringify(review({ object })));
      const { response } = (await answer(body, AbortSignal.timeout(10_000))) as { response: { patch?: string } };
      const operations =
        response.patch === undefined ? [] : JSON.parse(Buffer.from(response.patch, 'base64').toString());
      const { newDocument } = jsonPatch.applyPatch(JSON.parse(JSON.stringify(object)), operations);
      expect(newDocument).toEqual(JSON.parse(JSON.stringify(wanted)));
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('waits as long as the API server does, and aborts what is looked up meanwhile', async () => {
    let signal: AbortSignal | undefined;
    let begun = (): void => {};
    const isAsked = new Promise<void>((resolve) => (begun = resolve));
    await start('validating', (_object, request) => {
      signal = request.signal;
      begun();
      return new Promise(() => undefined);
    });
    const answer = send(JSON.stringify(review()), { path: `${PATH}?timeout=3s` });
    await isAsked;
    clock.advance(2_999);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    expect(await answer).toMatchObject({ status: 500 });
    expect(signal?.reason).toMatchObject({ message: 'no answer within 3000 ms' });
    expect(clock.timerCount).toBe(0);
  });

  it('answers what is under way before it closes', async () => {
    let release = (): void => {};
    let begun = (): void => {};
    const isAsked = new Promise<void>((resolve) => (begun = resolve));
    await start('validating', () => {
      begun();
      return new Promise<void>((resolve) => (release = resolve));
    });
    const answer = ask();
    await isAsked;
    const { port } = server;
    const closed = server.close(10_000);
    release();
    expect(await answer).toMatchObject({ response: { allowed: true } });
    await closed;
    await expect(send('', { port })).rejects.toThrow('ECONNREFUSED');
  });

  it('shows a new certificate from the next connection on', async () => {
    const serialNumber = async () => {
      const socket = connect({ host: '127.0.0.1', port: server.port, ca: asServingCertificate(kept).authorities });
      await once(socket, 'secureConnect');
      const serial = socket.getPeerX509Certificate()?.serialNumber;
      socket.destroy();
      return serial;
    };
    await start();
    const before = await serialNumber();
    const later = await renewed(kept, ['127.0.0.1', 'localhost'], NOW_MS);
    server.use(asServingCertificate(later));
    expect(await serialNumber()).not.toBe(before);
    expect(await ask()).toMatchObject({ response: { allowed: true } });
  });
});
