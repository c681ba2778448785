import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import type { KubeObject } from '../object.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const aConfigMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('HTTP/2', () => {
  let controlPlane: ControlPlane;
  let session: ClientHttp2Session;

  beforeEach(async () => {
    controlPlane = await ControlPlane.start({ controllers: { serviceAccounts: false } });
    session = await connected();
  });
  afterEach(async () => {
    session.destroy();
    await controlPlane.stop();
  });

  async function connected(options: { cert?: string; key?: string } = {}): Promise<ClientHttp2Session> {
    const opened = connect(controlPlane.url, { ca: controlPlane.caCertificate, ...options });
    // What became of requests is told by each of them.
    opened.on('error', () => undefined);
    await once(opened, 'connect');
    return opened;
  }

  function open(method: string, path: string, headers: Record<string, string | string[]> = {}): ClientHttp2Stream {
    const authorization = `Bearer ${controlPlane.token}`;
    return session.request({ ':method': method, ':path': path, authorization, ...headers });
  }

  async function send(method: string, path: string, body?: unknown, headers: Record<string, string | string[]> = {}) {
    const stream = open(method, path, headers);
    stream.end(body === undefined ? undefined : JSON.stringify(body));
    const [answered] = (await once(stream, 'response')) as [Record<string, string> & { ':status': number }];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = (answered['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    return {
      status: answered[':status'],
      headers: answered,
      body: JSON.parse(text) as KubeObject & { items?: unknown[] },
    };
  }

  it('is spoken with whom asks for it, HTTP/1.1 with everybody else', async () => {
    expect(session.alpnProtocol).toBe('h2');
    const headers = { authorization: `Bearer ${controlPlane.token}` };
    const options = { ca: controlPlane.caCertificate, headers, agent: false };
    const plain = request(controlPlane.url + CONFIG_MAPS, options).end();
    const [response] = (await once(plain, 'response')) as [{ httpVersion: string; statusCode: number; resume(): void }];
    response.resume();
    expect(response).toMatchObject({ httpVersion: '1.1', statusCode: 200 });
  });

  it('carries many requests and watches by one connection', async () => {
    const watch = open('GET', `${CONFIG_MAPS}?watch=1&resourceVersion=0`);
    const lines = createInterface({ input: watch })[Symbol.asyncIterator]();
    const names = Array.from({ length: 50 }, (_, index) => `cm-${String(index).padStart(2, '0')}`);
    const created = await Promise.all(names.map((name) => send('POST', CONFIG_MAPS, aConfigMap(name))));
    expect(new Set(created.map(({ status }) => status))).toEqual(new Set([201]));

    const seen: string[] = [];
    while (seen.length < names.length) {
      const line = await lines.next();
      seen.push((JSON.parse(String(line.value)) as { object: KubeObject }).object.metadata.name ?? '');
    }
    expect(seen.sort()).toEqual(names);
    expect((await send('GET', CONFIG_MAPS)).body.items).toHaveLength(names.length);
    watch.close();
  });

  it('answers errors, warnings and compressed bodies as HTTP/1.1 does', async () => {
    expect(await send('GET', `${CONFIG_MAPS}/nobody`)).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
    const unknown = { ...aConfigMap('a', { text: 'x'.repeat(200_000) }), unknown: true };
    const created = await send('POST', `${CONFIG_MAPS}?fieldValidation=Warn`, unknown);
    expect(created.headers['warning']).toBe('299 - "unknown field \\"unknown\\""');
    const got = await send('GET', `${CONFIG_MAPS}/a`, undefined, { 'accept-encoding': 'gzip' });
    expect(got.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(got.body).toMatchObject({ data: unknown.data });
  });

  it('knows who asks by a certificate, and whom by several headers of one name', async () => {
    const { certificate: cert = '', key = '' } =
      controlPlane.issueClientCertificate({ user: 'jane', groups: ['devs'] }) ?? {};
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const impersonating = { 'impersonate-user': 'joe', 'impersonate-group': ['a', 'b'] };
    expect(await send('POST', path, review, impersonating)).toMatchObject({
      body: { status: { userInfo: { username: 'joe', groups: ['a', 'b', 'system:authenticated'] } } },
    });

    session.destroy();
    session = await connected({ cert, key });
    const asJane = session.request({ ':method': 'POST', ':path': path });
    asJane.end(JSON.stringify(review));
    const text = (await asJane.setEncoding('utf8').toArray()).join('');
    expect(JSON.parse(text)).toMatchObject({ status: { userInfo: { username: 'jane' } } });
  });

  it('loses the connection when a fault cuts it', async () => {
    controlPlane.faults.inject({ type: 'reset', when: 'before', times: 1 });
    const stream = open('GET', CONFIG_MAPS);
    stream.on('error', () => undefined);
    await once(session, 'close');
    session = await connected();
    expect((await send('GET', CONFIG_MAPS)).status).toBe(200);
  });

  it('says goodbye when the server stops, and ends watches', async () => {
    const watch = open('GET', `${CONFIG_MAPS}?watch=1`);
    await once(watch, 'response');
    const goodbye = once(session, 'goaway');
    const ended = once(watch.resume(), 'close');
    await controlPlane.stop();
    expect(await goodbye).toContain(constants.NGHTTP2_NO_ERROR);
    await ended;
  });
});
