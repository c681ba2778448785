import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { targetOf, WebhookClient, WebhookError } from './webhook-client.js';
import { WebhookServer } from './webhook-server.test-support.js';

let server: WebhookServer;
let client: WebhookClient;

beforeAll(async () => {
  server = await WebhookServer.start();
  client = new WebhookClient();
});
afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

describe('WebhookClient', () => {
  it('gives a webhook no longer than its timeout', async () => {
    const target = targetOf(server.add('/silent', () => new Promise(() => undefined)));

    await expect(client.post(target, {}, 0.05)).rejects.toThrow(
      new WebhookError(
        `Post "https://127.0.0.1:${String(server.port)}/silent?timeout=0.05s": context deadline exceeded`,
      ),
    );
  });

  it('trusts nobody but the authorities it is given', async () => {
    const { url } = server.add('/ok', () => ({}));

    await expect(client.post(targetOf({ url }), {}, 1)).rejects.toThrow(
      /x509: certificate signed by unknown authority$/,
    );
  });

  it('trusts a certificate that is in the bundle itself, without its authority', async () => {
    const { url } = server.add('/trusted', () => ({ yes: true }));
    const caBundle = Buffer.from(server.certificate).toString('base64');

    await expect(client.post(targetOf({ url, caBundle }), {}, 1)).resolves.toEqual({ yes: true });
  });

  it('calls nobody after it was closed', async () => {
    const closed = new WebhookClient();
    closed.close();

    await expect(closed.post(targetOf(server.add('/ok', () => ({}))), {}, 1)).rejects.toThrow(/context canceled$/);
    expect(server.calls('/ok')).toHaveLength(0);
  });

  it.each([
    { status: 404, text: 'the server could not find the requested resource' },
    { status: 500, text: 'an error on the server ("unknown") has prevented the request from succeeding' },
    { status: 302, text: 'the server responded with the status code 302 but did not return more information' },
  ])('takes status $status for a failure', async ({ status, text }) => {
    const target = targetOf(server.add('/status', () => status));

    await expect(client.post(target, {}, 1)).rejects.toThrow(new WebhookError(text));
  });
});

describe('targetOf', () => {
  it('refuses certificates that are none', () => {
    const caBundle = Buffer.from('nothing').toString('base64');

    expect(() => targetOf({ url: 'https://hook.test/', caBundle })).toThrow(
      new WebhookError(
        'could not get REST client: unable to load root certificates: unable to parse bytes as PEM block',
      ),
    );
  });

  it.each([
    { given: '//check', path: '/check' },
    { given: '/a//b/../check/', path: '/a/check' },
    { given: '/', path: '/' },
  ])('calls $given at $path, as client-go does', ({ given, path }) => {
    expect(targetOf({ url: `https://hook.test${given}` })).toMatchObject({ url: `https://hook.test${path}` });
    expect(targetOf({ service: { name: 'hooks', namespace: 'system', path: given } })).toMatchObject({
      url: `https://hooks.system.svc:443${path}`,
    });
  });

  it('finds a service at its port, 443 unless it has another', () => {
    expect(targetOf({ service: { name: 'hooks', namespace: 'system', path: '/check' } })).toEqual({
      url: 'https://hooks.system.svc:443/check',
      address: { host: '127.0.0.1', port: 443 },
    });
  });
});
