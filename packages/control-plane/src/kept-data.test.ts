import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aWidget, aWidgetDefinition, PlainClient, take } from './control-plane.test-support.js';
import { ControlPlane } from './control-plane.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

const aConfigMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('a control plane that keeps its data', () => {
  let data: string;

  beforeEach(async () => {
    data = await mkdtemp(path.join(tmpdir(), 'trueup-data-'));
  });
  afterEach(() => rm(data, { recursive: true, force: true }));

  const start = (options: { tls?: boolean } = {}) => ControlPlane.start({ data, tls: false, ...options });

  it('goes on with the objects, kinds and deletions of the server before it', async () => {
    let kept: string;
    {
      await using first = await start();
      const client = new PlainClient(first);
      await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', aWidgetDefinition());
      await first.settle();
      await client.post(WIDGETS, aWidget('one', { color: 'red' }));
      await client.post(CONFIG_MAPS, aConfigMap('kept', { ['__proto__']: 'a key like any other' }));
      await client.post(CONFIG_MAPS, aConfigMap('removed'));
      await client.delete(`${CONFIG_MAPS}/removed`);
      kept = JSON.stringify((await client.get(`${CONFIG_MAPS}/kept`)).body);
    }
    await using second = await start();
    await second.settle();
    const client = new PlainClient(second);

    expect(JSON.stringify((await client.get(`${CONFIG_MAPS}/kept`)).body)).toBe(kept);
    expect(await client.get(`${CONFIG_MAPS}/removed`)).toMatchObject({ status: 404 });
    expect(await client.get(`${WIDGETS}/one`)).toMatchObject({
      status: 200,
      body: { spec: { color: 'red', size: 1 } },
    });
    expect(await client.post(WIDGETS, aWidget('two', { size: 0 }))).toMatchObject({ status: 422 });
  });

  it('tells a watch from before that its version is too old, and never uses one again', async () => {
    let before: string;
    {
      await using first = await start();
      before = (await new PlainClient(first).post(CONFIG_MAPS, aConfigMap('a'))).body.metadata.resourceVersion ?? '';
    }
    await using second = await start();
    const client = new PlainClient(second);
    const events = client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${before}`);

    expect(await take(events, 1)).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
    const { body } = await client.post(CONFIG_MAPS, aConfigMap('b'));
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(Number(before));
  });

  it('finishes what the controllers had begun', async () => {
    {
      await using first = await ControlPlane.start({ data, tls: false, controllers: { namespaces: false } });
      const client = new PlainClient(first);
      await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } });
      await client.delete('/api/v1/namespaces/going');
      expect(await client.get('/api/v1/namespaces/going')).toMatchObject({ status: 200 });
    }
    await using second = await start();
    await second.settle();

    expect(await new PlainClient(second).get('/api/v1/namespaces/going')).toMatchObject({ status: 404 });
  });

  it('knows its administrator, its service accounts and its clients know its certificate', async () => {
    const first = await start({ tls: true });
    const { token, caCertificate } = first;
    await first.settle();
    await first.stop();

    const second = await start();
    const account = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const issued = await new PlainClient(second, token).post(account, request);
    await second.stop();
    const { token: accountToken } = issued.body['status'] as { token: string };

    await using third = await start({ tls: true });
    expect({ token: third.token, caCertificate: third.caCertificate }).toEqual({ token, caCertificate });
    await third.stop();
    await using fourth = await start();
    // Known, but without rights.
    expect(await new PlainClient(fourth, accountToken).get(CONFIG_MAPS)).toMatchObject({ status: 403 });
    expect(await new PlainClient(fourth, 'nobody').get(CONFIG_MAPS)).toMatchObject({ status: 401 });
  });

  it('is alone with it', async () => {
    await using first = await start();
    await expect(start()).rejects.toMatchObject({
      code: 'ERR_DATA_IN_USE',
      message: expect.stringContaining(`${data} is in use by process ${String(process.pid)}`),
    });
    await first.stop();
    // As a process leaves it that was killed: no process has such a number.
    await writeFile(path.join(data, 'server.pid'), '4194305');
    await using next = await start();
    expect(await new PlainClient(next).get('/readyz')).toMatchObject({ status: 200 });
  });
});
