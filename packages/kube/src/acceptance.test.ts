/**
 * What a client of Kubernetes has to get right, row by row as a list of common failures has it: from the outside, over real
 * sockets. Row 12 (no stall while 10,000 pods come in) is in `streamed-list.test.ts` and, for memory, `npm run bench -- cache`;
 * row 17 (the lease is kept while the main thread is busy) in core, `leader-election.test.ts`.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, type ClientOptions } from './client.js';
import { loadCluster } from './cluster.js';
import type { Informer } from './informer.js';
import { Informers } from './informers.js';
import { silentLogger } from './logger.js';
import type { KubernetesObject } from './object.js';
import type { ResourceType } from './resource-type.js';
import { anAuthority } from './test-support/certificates.js';
import { ManualClock, until } from './test-support/manual-clock.js';
import { notedChanges } from './test-support/noted-changes.js';
import {
  aConfigMap,
  aList,
  aStatus,
  configMaps,
  ScriptedServer,
  type ConfigMap,
  type Exchange,
} from './test-support/scripted-server.js';

const NAME = { namespace: 'default', name: 'settings' };
const EXPIRED = aStatus(410, 'Expired', 'too old resource version: 5 (9)');

const clusterRoles: ResourceType = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
};
const networkPolicies: ResourceType = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};
const definitions: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

let clock: ManualClock;
let server: ScriptedServer;
let client: Client;
let directory: string;

beforeEach(async () => {
  clock = new ManualClock();
  server = await ScriptedServer.start();
  client = new Client(server.connection, { clock, random: () => 0.5 });
  directory = await mkdtemp(join(tmpdir(), 'trueup-acceptance-'));
});

afterEach(async () => {
  await client.close();
  await server.stop();
  await rm(directory, { recursive: true });
});

/** In place of the server of every test: one whose certificate an authority has signed, and that authority's. */
async function serveOverTls(): Promise<string> {
  await server.stop();
  const authority = await anAuthority('kubernetes');
  server = await ScriptedServer.start(await authority.server());
  return authority.ca;
}

/** In place of the client of every test: one that finds the server by a kubeconfig. */
async function connectByKubeconfig({ cluster = {}, user }: { cluster?: object; user: object }): Promise<void> {
  const kubeconfig = join(directory, 'kubeconfig');
  const entry = { name: 'here' };
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'here',
      contexts: [{ ...entry, context: { cluster: 'here', user: 'here' } }],
      clusters: [{ ...entry, cluster: { server: server.url, ...cluster } }],
      users: [{ ...entry, user }],
    }),
  );
  const options: ClientOptions = { clock };
  client = new Client(await loadCluster({ kubeconfig }), options);
}

describe('row 1: a thousand calls in a row', () => {
  it('open at most two connections and read the certificate authority once', async () => {
    const ca = await serveOverTls();
    await writeFile(join(directory, 'ca.crt'), ca);
    await connectByKubeconfig({ cluster: { 'certificate-authority': 'ca.crt' }, user: { token: 't' } });
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
    await rm(join(directory, 'ca.crt'));

    for (let call = 0; call < 1000; call++) await client.get(configMaps, NAME);

    expect(server.exchanges).toHaveLength(1000);
    expect(server.connectionCount).toBeLessThanOrEqual(2);
  });
});

describe.each([
  { filled: 'by a streamed list', streamLists: true },
  { filled: 'page by page', streamLists: false },
])('a cache that is filled $filled', ({ streamLists }) => {
  let informers: Informers;
  let informer: Informer<ConfigMap>;
  let changes: string[];
  let errorsLogged: number;

  beforeEach(() => {
    errorsLogged = 0;
    const logger = { ...silentLogger, error: () => void (errorsLogged += 1) };
    informers = new Informers(client, { clock, logger, streamLists, random: () => 0.5 });
    informer = informers.informer<ConfigMap>(configMaps);
    changes = notedChanges(informer.store);
  });

  afterEach(async () => {
    await informers.stop();
    expect(clock.delays).toEqual([]);
  });

  /** Gives what is asked for: the list. */
  function answerList(request: Exchange, items: readonly ConfigMap[], version: number): void {
    expect(request.query.get('resourceVersion')).toBeNull();
    if (streamLists) {
      request.open();
      for (const item of items) request.send('ADDED', item);
      request.sendListEnd(version);
    } else request.answer(200, aList(items, version));
  }

  /** Answers the list that comes next, and gives the watch that follows, accepted. */
  async function fill(
    items: readonly ConfigMap[] = [aConfigMap('a', 1)],
    version = 5,
    next: Exchange | Promise<Exchange> = server.next(),
  ): Promise<Exchange> {
    const request = await next;
    answerList(request, items, version);
    const watch = streamLists ? request : (await server.next()).open();
    await until(() => informer.state.phase === 'watching');
    return watch;
  }

  function sync(items?: readonly ConfigMap[], version?: number): Promise<Exchange> {
    informer.start();
    return fill(items, version);
  }

  /** The request that follows a failure. Time passes until it comes. */
  async function nextAttempt(): Promise<Exchange> {
    // A state that says so may be that of the attempt before; its timer is not.
    await until(() => 'delayMs' in informer.state && clock.delays.includes(informer.state.delayMs));
    clock.advance(29_000);
    return server.next();
  }

  function versionOf(name: string): string | undefined {
    return informer.store.get({ namespace: 'default', name })?.metadata.resourceVersion;
  }

  it('row 2: goes on within a second after a TCP reset, from where it was, with nothing lost and nothing twice', async () => {
    const watch = await sync();
    watch.send('MODIFIED', aConfigMap('a', 6));
    await until(() => versionOf('a') === '6');
    watch.reset();
    await until(() => informer.state.phase === 'backing off');
    expect(Math.max(...clock.delays)).toBeLessThan(1_000);
    clock.advance(1_000);

    const next = (await server.next()).open();
    expect(next.query.get('resourceVersion')).toBe('6');
    next.send('MODIFIED', aConfigMap('a', 7));
    await until(() => versionOf('a') === '7');

    expect(changes).toEqual(['added a@1', 'updated a@6', 'updated a@7']);
  });

  it('row 3: is current again after a minute of 503, without a restart', async () => {
    const watch = await sync();
    const overAtMs = clock.now() + 60_000;
    watch.reset();
    let attempt = await nextAttempt();
    while (clock.now() < overAtMs) {
      attempt.answer(503, aStatus(503, 'ServiceUnavailable', 'starting'));
      attempt = await nextAttempt();
    }
    const watchAgain = await fill([aConfigMap('a', 8)], 9, attempt);
    watchAgain.send('MODIFIED', aConfigMap('a', 10));
    await until(() => versionOf('a') === '10');

    expect(changes).toEqual(['added a@1', 'updated a@8', 'updated a@10']);
  });

  it.each([
    { name: 'as an answer', expire: (watch: Exchange) => watch.answer(410, EXPIRED) },
    { name: 'as an event', expire: (watch: Exchange) => watch.open().send('ERROR', EXPIRED) },
  ])('row 4: lists again after a 410 $name: deletes are found, a new uid is another object', async ({ expire }) => {
    const watch = await sync([aConfigMap('gone', 1), aConfigMap('again', 2), aConfigMap('kept', 3)]);
    clock.advance(2_000);
    watch.end();
    expire(await server.next());

    const next = await fill([aConfigMap('again', 8, { uid: 'second' }), aConfigMap('kept', 3)], 9);
    next.send('MODIFIED', aConfigMap('kept', 10));
    await until(() => versionOf('kept') === '10');

    expect(changes.slice(3)).toEqual(['deleted again@2', 'added again@8', 'deleted gone@1', 'updated kept@10']);
  });

  it('row 5: notices in less than 75 s that the other end is gone without a word', async () => {
    const watch = await sync();
    expect(watch.query.get('allowWatchBookmarks')).toBe('true');

    server.freeze();
    clock.advance(74_000);
    await until(() => informer.state.phase === 'backing off');
    clock.advance(1_000);

    expect((await server.next()).open().query.get('resourceVersion')).toBe('5');
    expect(informer.counters.brokenStreams).toBe(1);
  });

  it('row 6: that cannot be filled says so at the deadline, is not ready, and is tried again until it is', async () => {
    informer.start();
    const rejected = expect(informers.waitForSync({ timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'ERR_KUBE_SYNC_TIMEOUT',
      message: expect.stringMatching(
        /^Not synced after 10000 ms: ConfigMap \((list|watch) ConfigMap: nobody may list\)$/,
      ),
    });
    for (let attempt = 0; attempt < 3; attempt++) {
      (await server.next()).answer(403, aStatus(403, 'Forbidden', 'nobody may list'));
      await until(() => informer.state.phase === 'backing off');
      expect(informer.hasSynced).toBe(false);
      clock.advance(4_000);
    }
    await rejected;

    await fill();

    await informers.waitForSync({ timeoutMs: 10_000 });
    expect(informer.hasSynced).toBe(true);
  });

  it('row 7: takes no harm from a listener that throws, nor do others who listen; each exception is counted and logged', async () => {
    const throwing = new Set<string>();
    informer.store.subscribe(({ type, object }) => {
      throwing.add(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);
      throw new Error('broken');
    });
    const heard: string[] = [];
    informer.store.subscribe(({ type, object }) => heard.push(`${type} ${object.metadata.name}`));

    const watch = await sync([aConfigMap('a', 1), aConfigMap('b', 2)]);
    watch.send('MODIFIED', aConfigMap('a', 6));
    await until(() => versionOf('a') === '6');

    expect(informer.store.size).toBe(2);
    expect(heard).toEqual(['added a', 'added b', 'updated a']);
    expect(informer.counters).toMatchObject({ listenerErrors: throwing.size, failures: 0 });
    expect([throwing.size, errorsLogged]).toEqual([3, 3]);
  });

  const points: readonly { readonly name: string; readonly reach: () => Promise<unknown> }[] = [
    { name: 'before the list is answered', reach: () => server.next() },
    {
      name: 'in the middle of the list',
      reach: async () => {
        const list = await server.next();
        if (streamLists) list.open().send('ADDED', aConfigMap('a', 1));
        else list.answer(200, aList([aConfigMap('a', 1)], 5, 'token'));
        if (!streamLists) await server.next();
      },
    },
    {
      name: 'before the watch is accepted',
      reach: async () => {
        const watch = await fill([]);
        clock.advance(2_000);
        watch.end();
        await server.next();
      },
    },
    { name: 'while it watches', reach: () => fill([]) },
    {
      name: 'while it waits to try again',
      reach: async () => {
        (await server.next()).answer(500, aStatus(500, 'InternalError', 'no'));
        await until(() => informer.state.phase === 'backing off');
      },
    },
  ];

  it.each(points)('row 8: stopped $name leaves no socket, no timer and no call behind', async ({ reach }) => {
    informer.start();
    await reach();
    const before = [...changes];
    const requests = server.exchanges.length;

    await informer.stop();
    await client.close();

    await until(() => server.openSockets === 0);
    expect(clock.delays).toEqual([]);
    expect(informer.state).toEqual({ phase: 'stopped' });
    expect(changes).toEqual(before);
    expect(server.exchanges).toHaveLength(requests);
  });

  it('row 16: ends and resumes a watch that breaks off in the middle of a line, and counts it', async () => {
    const watch = await sync();
    watch.send('MODIFIED', aConfigMap('a', 6)).sendText('{"type":"MODIFIED","object":{"metadata"').end();

    const next = (await nextAttempt()).open();
    expect(next.query.get('resourceVersion')).toBe('6');
    next.send('MODIFIED', aConfigMap('a', 7));
    await until(() => versionOf('a') === '7');

    expect(informer.counters.brokenStreams).toBe(1);
  });
});

describe('row 9: 429 with Retry-After: 2', () => {
  it.each([
    { name: 'in seconds', header: () => '2' },
    { name: 'as a date', header: () => new Date(Math.ceil(clock.now() / 1000) * 1000 + 2_000).toUTCString() },
  ])('$name is waited for, once', async ({ header }) => {
    const answer = client.create(configMaps, aConfigMap('settings', 1));
    (await server.next()).answer(429, aStatus(429, 'TooManyRequests', 'busy'), { 'retry-after': header() });
    await until(() => clock.delays.length === 2);
    const [waitMs = 0] = clock.delays;

    clock.advance(waitMs);
    (await server.next()).answer(201, aConfigMap('settings', 1));

    await answer;
    expect(waitMs).toBeGreaterThanOrEqual(2_000);
    expect(server.exchanges).toHaveLength(2);
  });
});

describe('row 10: what this package never heard of', () => {
  const stored = { ...aConfigMap('settings', 1), brandNewField: { from: [1, { x: null }] } };

  it('survives a read and an apply', async () => {
    server.always((exchange) => exchange.answer(200, exchange.method === 'GET' ? stored : exchange.body));

    const read = await client.get(configMaps, NAME);
    const applied = await client.apply(configMaps, read, { fieldManager: 'me' });

    expect(read).toEqual(stored);
    expect(server.exchanges[1]?.body).toBe(JSON.stringify(stored));
    expect(applied).toEqual(stored);
  });

  it('survives a patch: only what is patched goes out', async () => {
    server.always((exchange) => exchange.answer(200, stored));

    const patched = await client.mergePatch(configMaps, NAME, { data: { a: 'b' } }, { subresource: 'status' });

    expect(server.exchanges[0]?.path).toBe('/api/v1/namespaces/default/configmaps/settings/status');
    expect(server.exchanges[0]?.body).toBe('{"data":{"a":"b"}}');
    expect(patched).toEqual(stored);
  });

  it.each([
    {
      resource: networkPolicies,
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] },
    },
    {
      resource: definitions,
      spec: {
        versions: [
          {
            schema: {
              openAPIV3Schema: {
                type: 'object',
                default: {},
                not: { enum: ['a'] },
                'x-kubernetes-validations': [{ rule: 'self.size > 0' }],
              },
            },
          },
        ],
      },
    },
  ])('a $resource.kind goes out byte for byte and is left alone', async ({ resource, spec }) => {
    server.always((exchange) => exchange.answer(201, exchange.body));
    const { group, version, kind, namespaced } = resource;
    const metadata = { name: 'n', ...(namespaced && { namespace: 'default' }) };
    const object = deepFrozen({ apiVersion: `${group}/${version}`, kind, metadata, spec });

    await client.create(resource, object);

    expect(server.exchanges[0]?.body).toBe(JSON.stringify(object));
  });
});

describe('row 11: an object', () => {
  it('is the same in a list and in a watch', async () => {
    const object = aConfigMap('settings', 7, { data: { a: 'b' } });
    server.always((exchange) => {
      if (exchange.isWatch) exchange.open().send('ADDED', object).end();
      else exchange.answer(200, aList([object], 7));
    });

    const { items } = await client.list(configMaps);
    const watched: KubernetesObject[] = [];
    for await (const event of client.watch(configMaps)) if (event.type === 'ADDED') watched.push(event.object);

    expect(items).toEqual(watched);
  });
});

describe('row 13: a token that was rotated', () => {
  it('costs one refusal and one retry', async () => {
    const token = join(directory, 'token');
    await writeFile(token, 'before\n');
    let accepted = 'before';
    server.always((exchange) => {
      if (exchange.headers.authorization === `Bearer ${accepted}`) exchange.answer(200, aConfigMap('settings', 1));
      else exchange.answer(401, aStatus(401, 'Unauthorized', 'Unauthorized'));
    });
    await connectByKubeconfig({ user: { tokenFile: 'token' } });
    await client.get(configMaps, NAME);

    accepted = 'after';
    await writeFile(token, 'after\n');
    await client.get(configMaps, NAME);
    await client.get(configMaps, NAME);

    expect(server.exchanges.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer before',
      'Bearer before',
      'Bearer after',
      'Bearer after',
    ]);
  });
});

describe('row 14: a credential plugin', () => {
  it('is called once for fifty requests at a time', async () => {
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
    const apiVersion = 'client.authentication.k8s.io/v1';
    const credential = { apiVersion, kind: 'ExecCredential', status: { token: 'from the plugin' } };
    const script = `echo run >> '${directory}/runs'; echo '${JSON.stringify(credential)}'`;
    const exec = { apiVersion, command: 'sh', args: ['-c', script], interactiveMode: 'Never' };
    await connectByKubeconfig({ user: { exec } });

    await Promise.all(Array.from({ length: 50 }, () => client.get(configMaps, NAME)));

    expect(await readFile(join(directory, 'runs'), 'utf8')).toBe('run\n');
    expect(new Set(server.exchanges.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer from the plugin']),
    );
  });
});

describe('row 15: a ClusterRole with capitals in its name', () => {
  it('is found under the name it was created with', async () => {
    const stored = new Map<string, string>();
    server.always((exchange) => {
      const { method, path, body } = exchange;
      if (method === 'POST') {
        const created = JSON.parse(body) as KubernetesObject;
        stored.set(`${path}/${created.metadata.name}`, body);
      }
      const found = method === 'POST' ? body : stored.get(path);
      exchange.answer(found === undefined ? 404 : 200, found ?? aStatus(404, 'NotFound', path));
    });
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'MyRole' } };

    await client.create(clusterRoles, role);

    await expect(client.get(clusterRoles, { name: 'MyRole' })).resolves.toEqual(role);
    expect(server.exchanges[1]?.path).toBe('/apis/rbac.authorization.k8s.io/v1/clusterroles/MyRole');
  });
});

function deepFrozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFrozen(inner);
  return Object.freeze(value);
}
