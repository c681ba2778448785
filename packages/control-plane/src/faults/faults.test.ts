import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainClient, take } from '../control-plane.test-support.js';
import { ControlPlane } from '../control-plane.js';
import type { Fault } from './fault.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const FAULTS = '/trueup/faults';

const aConfigMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describe('faults on request', () => {
  let controlPlane: ControlPlane;
  let client: PlainClient;

  beforeEach(async () => {
    controlPlane = await ControlPlane.start({ tls: false, controllers: { serviceAccounts: false } });
    client = new PlainClient(controlPlane);
  });
  afterEach(() => controlPlane.stop());

  const create = (name: string) => client.post(CONFIG_MAPS, aConfigMap(name));
  const watch = (query = '') => client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=0${query}`);

  it('answers with a status as often as asked, to those requests that match', async () => {
    const match = { verb: 'get', resource: 'configmaps', name: 'a' };
    controlPlane.faults.inject({ type: 'status', code: 429, retryAfterSeconds: 1, times: 2, match });
    await create('a');
    await create('b');

    const refused = await client.get(`${CONFIG_MAPS}/a`);
    expect(refused).toMatchObject({
      status: 429,
      body: { kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } },
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await client.get(`${CONFIG_MAPS}/b`)).status).toBe(200);
    expect((await client.get(`${CONFIG_MAPS}/a`)).status).toBe(429);
    expect((await client.get(`${CONFIG_MAPS}/a`)).status).toBe(200);
  });

  it.each([
    { match: { verb: 'create' }, meets: true },
    { match: { verb: 'update' }, meets: false },
    { match: { group: '' }, meets: true },
    { match: { group: 'apps' }, meets: false },
    { match: { namespace: 'default' }, meets: true },
    { match: { namespace: 'kube-system' }, meets: false },
    { match: { user: 'admin' }, meets: true },
    { match: { user: 'somebody' }, meets: false },
    { match: { subresource: 'status' }, meets: false },
    { match: {}, meets: true },
  ])('meets a creation in default by the administrator: $meets for $match', async ({ match, meets }) => {
    controlPlane.faults.inject({ type: 'status', code: 503, match });

    expect((await create('a')).status).toBe(meets ? 503 : 201);
  });

  it.each([
    { when: 'before', stored: 404 },
    { when: 'after', stored: 200 },
  ] as const)('cuts the connection $when a write is done', async ({ when, stored }) => {
    controlPlane.faults.inject({ type: 'reset', when, times: 1 });

    await expect(create('a')).rejects.toThrow('fetch failed');

    expect((await client.get(`${CONFIG_MAPS}/a`)).status).toBe(stored);
  });

  it('keeps requests waiting', async () => {
    controlPlane.faults.inject({ type: 'latency', ms: 50, match: { verb: 'create' } });
    const begin = performance.now();
    await create('a');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(49);
  });

  it('cuts open watches, and those opened after them while there are times left', async () => {
    await create('a');
    const open = watch();
    await take(open, 1);
    controlPlane.faults.inject({ type: 'cut-watch', times: 2, match: { verb: 'watch', resource: 'configmaps' } });

    await expect(open.next()).rejects.toThrow();
    await expect(take(watch(), 1)).rejects.toThrow();
    expect(await take(watch(), 1)).toMatchObject([{ type: 'ADDED' }]);
  });

  it('holds events back until the fault is removed, and loses none', async () => {
    await create('a');
    const [open, other] = [watch(), watch()];
    await take(open, 1);
    const remove = controlPlane.faults.inject({ type: 'stall-watch', times: 1 });
    await take(other, 1);
    await create('b');
    await create('c');
    // The other watch has had them: the first would have, too.
    expect(await take(other, 2)).toMatchObject([{ type: 'ADDED' }, { type: 'ADDED' }]);
    const next = take(open, 2);
    let arrived = false;
    void next.then(() => (arrived = true));
    await client.get(`${CONFIG_MAPS}/a`);
    expect(arrived).toBe(false);

    remove();

    expect(await next).toMatchObject([
      { object: { metadata: { name: 'b' } } },
      { object: { metadata: { name: 'c' } } },
    ]);
  });

  it('ends a watch with 410', async () => {
    await create('a');
    const open = watch();
    await take(open, 1);
    controlPlane.faults.inject({ type: 'expire-watch' });

    expect(await take(open, 2)).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });

  it('drops bookmarks', async () => {
    await create('a');
    controlPlane.faults.inject({ type: 'drop-bookmarks', times: 1 });
    const query = '&allowWatchBookmarks=true&timeoutSeconds=1';

    expect(await take(watch(query), 5)).toMatchObject([{ type: 'ADDED' }]);
    expect(await take(watch(query), 5)).toMatchObject([{ type: 'ADDED' }, { type: 'BOOKMARK' }]);
  });

  it('sends an event twice', async () => {
    await create('a');
    controlPlane.faults.inject({ type: 'repeat-events', times: 1, match: { resource: 'configmaps' } });
    await create('b');

    const names = (await take(watch(), 3)).map(({ object }) => object.metadata.name);
    expect(names).toEqual(['a', 'a', 'b']);
  });

  it('sends half an event, and ends the watch', async () => {
    await create('a');
    controlPlane.faults.inject({ type: 'halve-events', times: 1 });

    await expect(take(watch(), 1)).rejects.toThrow(SyntaxError);
    expect(await take(watch(), 1)).toMatchObject([{ type: 'ADDED' }]);
  });

  it('leaves a group out of discovery, and serves it', async () => {
    const groups = async () => {
      const { body } = await client.get('/apis');
      return (body['groups'] as { name: string }[]).map(({ name }) => name);
    };
    const remove = controlPlane.faults.inject({ type: 'hide-group', group: 'apps' });

    expect(await groups()).not.toContain('apps');
    expect((await client.get('/apis/apps/v1')).status).toBe(404);
    expect((await client.get('/apis/apps/v1/deployments')).status).toBe(200);
    remove();
    expect(await groups()).toContain('apps');
  });

  it('puts the clock forward: what is made now is from the future', async () => {
    const hour = 3_600_000;
    controlPlane.faults.inject({ type: 'skew-clock', ms: hour });
    const { body, headers } = await create('a');

    const { creationTimestamp = '' } = body.metadata;
    expect(Date.parse(creationTimestamp) - Date.now()).toBeGreaterThan(hour - 60_000);
    expect(Date.parse(headers.get('date') ?? '') - Date.now()).toBeGreaterThan(hour - 60_000);
  });

  it('forgets history: pages and watches from before are too old', async () => {
    await create('a');
    const version = (await create('b')).body.metadata.resourceVersion ?? '';
    const page = await client.get(`${CONFIG_MAPS}?limit=1`);
    await create('c');
    controlPlane.faults.compact();

    expect(await take(client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${version}`), 1)).toMatchObject([
      { type: 'ERROR', object: { code: 410 } },
    ]);
    const next = await client.get(`${CONFIG_MAPS}?limit=1&continue=${String(page.body.metadata['continue'])}`);
    expect(next).toMatchObject({ status: 410, body: { reason: 'Expired' } });
  });

  it('are injected, listed and removed over HTTP', async () => {
    const fault: Fault = { type: 'status', code: 500, times: 3, match: { verb: 'create' } };
    const { status, body } = await client.post(FAULTS, fault);
    expect({ status, body }).toEqual({ status: 201, body: { id: '1' } });
    await client.post(FAULTS, { type: 'latency', ms: 1 });
    expect((await create('a')).status).toBe(500);

    expect((await client.get(FAULTS)).body).toEqual({
      items: [
        { id: '1', ...fault, remaining: 2 },
        { id: '2', type: 'latency', ms: 1 },
      ],
    });
    expect((await client.delete(`${FAULTS}/1`)).status).toBe(200);
    expect((await client.delete(`${FAULTS}/1`)).status).toBe(404);
    expect((await create('a')).status).toBe(201);
    await client.delete(FAULTS);
    expect((await client.get(FAULTS)).body).toEqual({ items: [] });
    expect((await client.post('/trueup/compact', {})).status).toBe(200);
  });

  it.each([
    ['what is no object', [], 'a fault is an object'],
    ['an unknown type', { type: 'typo' }, 'type: must be one of status, latency,'],
    ['a status that is no error', { type: 'status', code: 200 }, 'code: must be an integer from 400 to 599'],
    ['an unknown field', { type: 'reset', when: 'before', ms: 1 }, 'ms: unknown field'],
    ['an unknown field to match', { type: 'latency', ms: 1, match: { kind: 'Pod' } }, 'match.kind: unknown field'],
    ['no time at all', { type: 'latency', ms: 1, times: 0 }, 'times: must be an integer from 1'],
    ['to match what meets everybody', { type: 'skew-clock', ms: 1, match: {} }, 'match: a fault of type skew-clock'],
    ['to count what lasts', { type: 'hide-group', group: 'apps', times: 1 }, 'times: a fault of type hide-group'],
    ['what is no JSON', '{', 'the body must be JSON'],
  ])('refuse %s', async (_, body, message) => {
    expect(await client.post(FAULTS, body)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
  });

  it('are for administrators', async () => {
    const somebody = new PlainClient(controlPlane, controlPlane.issueToken({ user: 'somebody' }));

    expect((await somebody.post(FAULTS, { type: 'latency', ms: 1 })).status).toBe(403);
    expect((await somebody.post('/trueup/compact', {})).status).toBe(403);
  });
});
