import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from './client.js';
import type { ListPage } from './client-options.js';
import { clusterFromToken } from './cluster.js';
import type { ApplyConflictError, KubeError } from './errors.js';
import { ManualClock, until } from './test-support/manual-clock.js';
import type { KubernetesObject } from './object.js';
import { describeOperation } from './operation.js';
import type { ResourceType } from './resource-type.js';
import {
  aConfigMap,
  aList,
  aStatus,
  configMaps,
  ScriptedServer,
  type ConfigMap,
} from './test-support/scripted-server.js';
import type { WatchEvent } from './watch-stream.js';

const NAME = { namespace: 'default', name: 'settings' };

let server: ScriptedServer;
let client: Client;
let clock: ManualClock;

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new ManualClock();
  client = new Client(server.connection, { clock, random: () => 0.5 });
});

afterEach(async () => {
  await client.close();
  await server.stop();
});

describe('paths', () => {
  const clusterRoles: ResourceType = {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    namespaced: false,
  };

  it('goes below a base URL with a path, as behind a multi-cluster proxy', async () => {
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
    const behindProxy = new Client(clusterFromToken({ server: `${server.url}/k8s/clusters/c-1/` }));

    await behindProxy.get(configMaps, NAME);

    expect(server.exchanges[0]?.path).toBe('/k8s/clusters/c-1/api/v1/namespaces/default/configmaps/settings');
    await behindProxy.close();
  });

  it.each([
    {
      name: 'a namespaced kind without a namespace',
      call: () => client.get(configMaps, { name: 'settings' }),
      message: 'get ConfigMap settings: ConfigMap is namespaced, but no namespace is given',
    },
    {
      name: 'a new namespaced object without a namespace',
      call: () => client.create(configMaps, { ...aConfigMap('settings', 1), metadata: { name: 'settings' } }),
      message: 'create ConfigMap settings: ConfigMap is namespaced, but no namespace is given',
    },
    {
      name: 'a cluster-scoped kind with a namespace',
      call: () => client.get(clusterRoles, { namespace: 'default', name: 'admin' }),
      message: 'get ClusterRole default/admin: ClusterRole is cluster-scoped, leave out the namespace',
    },
  ])('refuses to guess: $name', async ({ call, message }) => {
    await expect(call()).rejects.toMatchObject({ code: 'ERR_KUBE_REQUEST_INVALID', message });
    expect(server.exchanges).toHaveLength(0);
  });
});

describe('connections', () => {
  it('are all closed by close, requests under way fail', async () => {
    const pending = client.get(configMaps, NAME);
    const failed = expect(pending).rejects.toMatchObject({ code: 'ERR_KUBE_NETWORK' });
    await server.next();

    await client.close();

    await failed;
    await until(() => server.openSockets === 0);
    expect(clock.delays).toEqual([]);
  });
});

describe('answers', () => {
  it('that are not JSON are an error, not an object', async () => {
    server.always((exchange) => exchange.answer(200, '<html>Welcome to nginx</html>'));

    await expect(client.get(configMaps, NAME)).rejects.toMatchObject({
      code: 'ERR_KUBE_SERVER',
      message: 'get ConfigMap default/settings: the answer is not JSON',
    });
  });
});

describe('metadata alone', () => {
  const metadata = { name: 'settings', namespace: 'default', uid: 'u', resourceVersion: '7' };
  const expected = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  const options = { metadataOnly: true };

  it.each([
    {
      name: 'sends them',
      object: { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata },
    },
    { name: 'sends objects whole all the same', object: { ...expected, data: { a: 'b' } } },
  ])('of a get, a list and a watch, from a server that $name', async ({ object }) => {
    server.always((exchange) => {
      if (exchange.isWatch) exchange.open().send('ADDED', object).sendBookmark(8).end();
      else exchange.answer(200, exchange.path.endsWith('settings') ? object : aList([object], 7));
    });

    const got = await client.get(configMaps, NAME, options);
    const { items } = await client.list(configMaps, options);
    const events = await collectEvents(client.watch(configMaps, options));

    expect(got).toEqual(expected);
    expect(items).toEqual([expected]);
    expect(events[0]).toEqual({ type: 'ADDED', object: expected });
    expect(events[1]).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } });
    expect(server.exchanges.map(({ headers }) => headers.accept)).toEqual([
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    ]);
  });
});

describe('pages', () => {
  it('asks for 500 objects at a time until there is no token left', async () => {
    const pages = collect(client.pages<ConfigMap>(configMaps, { labelSelector: 'app=web' }));

    const first = await server.next();
    expect(Object.fromEntries(first.query)).toEqual({ limit: '500', labelSelector: 'app=web' });
    first.answer(200, aList([aConfigMap('a', 1)], 9, 'token'));
    const second = await server.next();
    expect(Object.fromEntries(second.query)).toEqual({ limit: '500', labelSelector: 'app=web', continue: 'token' });
    second.answer(200, aList([aConfigMap('b', 2)], 9));

    expect((await pages).map(({ index, items }) => [index, items[0]?.metadata.name])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  it('starts over when the token expires, and asks for everything at once when that goes on', async () => {
    const expired = aStatus(410, 'Expired', 'The provided continue parameter is too old');
    const pages = collect(client.pages<ConfigMap>(configMaps));

    for (let attempt = 0; attempt < 2; attempt++) {
      (await server.next()).answer(200, aList([aConfigMap('a', 1)], 9, 'token'));
      (await server.next()).answer(410, expired);
    }
    const last = await server.next();
    expect(last.query.has('limit')).toBe(false);
    last.answer(200, aList([aConfigMap('a', 1), aConfigMap('b', 2)], 9));

    expect((await pages).map(({ index, items }) => [index, items.length])).toEqual([
      [0, 1],
      [0, 1],
      [0, 2],
    ]);
  });
});

describe('writes', () => {
  const patchTypes = [
    {
      name: 'apply',
      type: 'application/apply-patch+yaml',
      call: () => client.apply(configMaps, aConfigMap('settings', 1), { fieldManager: 'me', force: true }),
      query: { fieldManager: 'me', force: 'true' },
    },
    {
      name: 'mergePatch',
      type: 'application/merge-patch+json',
      call: () => client.mergePatch(configMaps, NAME, { data: null }, { fieldManager: 'me', dryRun: true }),
      query: { fieldManager: 'me', dryRun: 'All' },
    },
    {
      name: 'jsonPatch',
      type: 'application/json-patch+json',
      call: () => client.jsonPatch(configMaps, NAME, [{ op: 'remove', path: '/data' }], { fieldValidation: 'Strict' }),
      query: { fieldValidation: 'Strict' },
    },
  ];

  it.each(patchTypes)('$name says what kind of patch it is', async ({ type, call, query }) => {
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 2)));

    await call();

    const [sent] = server.exchanges;
    expect(sent?.method).toBe('PATCH');
    expect(sent?.headers['content-type']).toBe(type);
    expect(Object.fromEntries(sent?.query ?? [])).toEqual(query);
  });

  it('leave it to the server to name an object with generateName', async () => {
    server.always((exchange) => exchange.answer(201, aConfigMap('settings-x7k2p', 1)));
    const metadata = { namespace: 'default', generateName: 'settings-' };

    const created = await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });

    expect(created.metadata.name).toBe('settings-x7k2p');
    expect(server.exchanges[0]).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/default/configmaps' });
  });

  it('apply leaves managedFields out, which the server would refuse', async () => {
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 2)));
    const { metadata, ...rest } = aConfigMap('settings', 1);
    const object = { ...rest, metadata: { ...metadata, managedFields: [{ manager: 'kubectl' }] } };

    await client.apply(configMaps, object, { fieldManager: 'me' });

    expect(JSON.parse(server.exchanges[0]?.body ?? '')).toEqual(aConfigMap('settings', 1));
    expect(object.metadata.managedFields).toHaveLength(1);
  });

  it.each([
    { name: 'gone', answer: { kind: 'Status', status: 'Success' }, held: false },
    { name: 'gone, though the kind answers with the object', answer: aConfigMap('settings', 3), held: false },
    { name: 'held by a finalizer', answer: deleting({ finalizers: ['a/b'] }), held: true },
    { name: 'held by its grace period', answer: deleting({ deletionGracePeriodSeconds: 30 }), held: true },
  ])('delete says whether the object is still there: $name', async ({ answer, held }) => {
    server.always((exchange) => exchange.answer(200, answer));

    const left = await client.delete(configMaps, NAME, { preconditions: { uid: 'u' } });

    expect(left?.metadata.name).toBe(held ? 'settings' : undefined);
    expect(JSON.parse(server.exchanges[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u' },
      propagationPolicy: 'Background',
    });
  });
});

describe('errors', () => {
  const managerConflict = {
    causes: [
      { reason: 'FieldManagerConflict', message: 'conflict with "helm" using apps/v1', field: '.spec.replicas' },
    ],
  };

  it.each([
    { status: 404, reason: 'NotFound', code: 'ERR_KUBE_NOT_FOUND' },
    { status: 409, reason: 'AlreadyExists', code: 'ERR_KUBE_ALREADY_EXISTS' },
    { status: 409, reason: 'Conflict', code: 'ERR_KUBE_CONFLICT' },
    { status: 409, reason: 'Conflict', details: managerConflict, code: 'ERR_KUBE_APPLY_CONFLICT' },
    { status: 422, reason: 'Invalid', code: 'ERR_KUBE_INVALID' },
    { status: 403, reason: 'Forbidden', code: 'ERR_KUBE_FORBIDDEN' },
    { status: 401, reason: 'Unauthorized', code: 'ERR_KUBE_UNAUTHORIZED' },
    { status: 410, reason: 'Expired', code: 'ERR_KUBE_GONE' },
    { status: 410, reason: 'Gone', code: 'ERR_KUBE_GONE' },
    { status: 500, reason: 'InternalError', code: 'ERR_KUBE_SERVER' },
    { status: 504, reason: 'Timeout', code: 'ERR_KUBE_TIMEOUT' },
    { status: 400, reason: 'BadRequest', code: 'ERR_KUBE_API' },
  ])('$status $reason is $code', async ({ status, reason, code, details }) => {
    server.always((exchange) => exchange.answer(status, aStatus(status, reason, 'the server said so', details)));

    await expect(client.mergePatch(configMaps, NAME, {})).rejects.toMatchObject({
      code,
      message: 'patch ConfigMap default/settings: the server said so',
    });
  });

  it('name managers and fields when an apply conflicts', async () => {
    server.always((exchange) => exchange.answer(409, aStatus(409, 'Conflict', 'Apply failed', managerConflict)));

    const error = await client
      .apply(configMaps, aConfigMap('settings', 1), { fieldManager: 'me' })
      .catch((reason: ApplyConflictError) => reason);

    expect(error).toMatchObject({ conflicts: [{ manager: 'helm', field: '.spec.replicas' }] });
  });

  it('are not made of a missing object that is looked for, but of anything else that keeps it from being found', async () => {
    server.always((exchange) => exchange.answer(404, aStatus(404, 'NotFound', 'no such ConfigMap')));
    await expect(client.find(configMaps, NAME)).resolves.toBeUndefined();
    server.always((exchange) => exchange.answer(403, aStatus(403, 'Forbidden', 'not yours')));
    await expect(client.find(configMaps, NAME)).rejects.toMatchObject({ code: 'ERR_KUBE_FORBIDDEN' });
  });

  it('are made of the code alone when a proxy answers with a page of its own', async () => {
    server.always((exchange) => exchange.answer(404, '404 page not found\n'));

    await expect(client.get(configMaps, NAME)).rejects.toMatchObject({
      code: 'ERR_KUBE_NOT_FOUND',
      message: 'get ConfigMap default/settings: HTTP 404',
    });
  });

  it('of the network name host and port in one line', async () => {
    const { url } = server;
    await server.stop();

    const failure = client.mergePatch(configMaps, NAME, {}).catch((error: KubeError) => error);

    expect(await failure).toMatchObject({
      code: 'ERR_KUBE_NETWORK',
      message: `patch ConfigMap default/settings: ${new URL(url).host}: connection refused; is the API server running there?`,
    });
    server = await ScriptedServer.start();
  });

  it('never carry the token', async () => {
    const secret = new Client(clusterFromToken({ server: server.url, token: 'hunter2' }));
    server.always((exchange) => exchange.answer(403, aStatus(403, 'Forbidden', 'no')));

    const error = await secret.get(configMaps, NAME).catch((reason: unknown) => reason);

    expect(server.exchanges[0]?.headers.authorization).toBe('Bearer hunter2');
    expect(JSON.stringify(error) + String(error) + (error as Error).stack).not.toContain('hunter2');
    await secret.close();
  });
});

describe('watch', () => {
  it('goes on long after a request would have been given up', async () => {
    const events = client.watch(configMaps)[Symbol.asyncIterator]();
    const first = events.next();
    const watch = (await server.next()).open().send('ADDED', aConfigMap('a', 1));
    await first;

    clock.advance(600_000);
    watch.send('ADDED', aConfigMap('b', 2));

    await expect(events.next()).resolves.toMatchObject({ value: { object: { metadata: { name: 'b' } } } });
    await events.return?.();
    await watch.closed;
  });

  it('ends without an error when its signal aborts', async () => {
    const controller = new AbortController();
    const signal = controller.signal;
    const ended = collectEvents(client.watch(configMaps, { signal }));
    const watch = (await server.next()).open().send('ADDED', aConfigMap('a', 1));
    controller.abort();

    await expect(ended).resolves.toBeInstanceOf(Array);
    await watch.closed;
  });

  it('that is not accepted in time is given up', async () => {
    const ended = expect(collectEvents(client.watch(configMaps))).rejects.toMatchObject({ code: 'ERR_KUBE_TIMEOUT' });
    await server.next();

    clock.advance(30_000);

    await ended;
  });

  it('closes its connection when what it calls throws', async () => {
    const onOpen = (): void => {
      throw new Error('broken');
    };
    const ended = expect(collectEvents(client.watch(configMaps, { onOpen }))).rejects.toThrow('broken');
    const watch = (await server.next()).open();

    await ended;
    await watch.closed;
  });
});

describe('a scoped client', () => {
  it('tells of each call once, retries included, when it begins and how it ended', async () => {
    const told: string[] = [];
    const { signal } = new AbortController();
    const scoped = client.scoped({
      signal,
      onCall: (operation) => {
        const name = describeOperation(operation);
        told.push(name);
        return (error) => told.push(`${name}: ${error instanceof Error ? error.name : 'ok'}`);
      },
    });
    const answer = scoped.get(configMaps, NAME);
    (await server.next()).reset();
    await until(() => clock.delays.length === 2);
    expect(told).toEqual(['get ConfigMap default/settings']);
    clock.advance(1_000);
    (await server.next()).answer(200, aConfigMap('settings', 1));
    await answer;
    const failed = expect(scoped.get(configMaps, NAME)).rejects.toThrow();
    (await server.next()).answer(404, aStatus(404, 'NotFound', 'gone'));
    await failed;

    expect(told.slice(1)).toEqual([
      'get ConfigMap default/settings: ok',
      'get ConfigMap default/settings',
      'get ConfigMap default/settings: NotFoundError',
    ]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('asks before each attempt whether it may be made: what was right may not be when the server lets it in', async () => {
    const lost = new Error('the lease is lost');
    let isLost = false;
    const { signal } = new AbortController();
    const admit = (): void => {
      if (isLost) throw lost;
    };
    const ended = expect(client.scoped({ signal, admit }).create(configMaps, aConfigMap('settings', 1))).rejects.toBe(
      lost,
    );
    (await server.next()).answer(429, aStatus(429, 'TooManyRequests', 'later'), { 'retry-after': '1' });
    await until(() => clock.delays.length === 2);
    isLost = true;
    clock.advance(2_000);

    await ended;
    expect(server.exchanges).toHaveLength(1);
  });

  it('ends its calls with its signal, whatever signal they have of their own, and leaves other clients alone', async () => {
    const scope = new AbortController();
    const scoped = client.scoped({ signal: scope.signal });
    const reason = new Error('the work is over');
    const ended = [
      expect(scoped.get(configMaps, NAME)).rejects.toBe(reason),
      expect(scoped.get(configMaps, NAME, { signal: new AbortController().signal })).rejects.toBe(reason),
    ];
    await server.next();
    await server.next();

    scope.abort(reason);

    await Promise.all(ended);
    const answer = client.get(configMaps, NAME);
    (await server.next()).answer(200, aConfigMap('settings', 1));
    await expect(answer).resolves.toBeDefined();
  });
});

async function collectEvents(events: AsyncIterable<WatchEvent>): Promise<WatchEvent[]> {
  const collected: WatchEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

async function collect<T extends KubernetesObject>(pages: AsyncIterable<ListPage<T>>): Promise<ListPage<T>[]> {
  const collected: ListPage<T>[] = [];
  for await (const page of pages) collected.push(page);
  return collected;
}

function deleting(reason: object): KubernetesObject {
  const object = aConfigMap('settings', 3);
  return { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', ...reason } };
}
