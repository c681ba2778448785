import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from './client.js';
import type { Informer } from './informer.js';
import { Informers } from './informers.js';
import { ManualClock, until } from './test-support/manual-clock.js';
import { notedChanges } from './test-support/noted-changes.js';
import type { KubernetesObject } from './object.js';
import {
  aConfigMap,
  aList,
  aStatus,
  configMaps,
  ScriptedServer,
  type ConfigMap,
  type Exchange,
} from './test-support/scripted-server.js';

const EXPIRED = aStatus(410, 'Expired', 'too old resource version: 5 (9)');

let server: ScriptedServer;
let clock: ManualClock;
let client: Client;
let informers: Informers;
let informer: Informer<ConfigMap>;
let changes: string[];

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new ManualClock();
  client = new Client(server.connection, { clock });
  informers = new Informers(client, { clock, streamLists: false, random: () => 0.5 });
  informer = informers.informer<ConfigMap>(configMaps);
  changes = notedChanges(informer.store);
});

afterEach(async () => {
  await informers.stop();
  await client.close();
  await server.stop();
  expect(clock.delays).toEqual([]);
});

/** Answers the list that comes next, and gives the watch that follows, accepted. */
async function sync(items: readonly ConfigMap[] = [aConfigMap('a', 1)], version = 5): Promise<Exchange> {
  informer.start();
  (await server.next()).answer(200, aList(items, version));
  return accept(await server.next());
}

/** Accepts a watch and waits until the client knows. */
async function accept(watch: Exchange): Promise<Exchange> {
  watch.open();
  await until(() => informer.state.phase === 'watching');
  return watch;
}

/** The request that follows a failure. Time passes until it comes. */
async function nextAttempt(): Promise<Exchange> {
  await until(() => informer.state.phase === 'backing off');
  clock.advance(29_000);
  return server.next();
}

/** The watch that follows a failure, accepted. */
async function nextWatch(): Promise<Exchange> {
  return accept(await nextAttempt());
}

function versionOf(name: string): string | undefined {
  return informer.store.get({ namespace: 'default', name })?.metadata.resourceVersion;
}

describe('a synced cache', () => {
  it('holds what was listed and follows what is watched', async () => {
    const watch = await sync([aConfigMap('a', 1), aConfigMap('b', 2)]);
    expect(Object.fromEntries(watch.query)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '450',
    });

    watch.send('MODIFIED', aConfigMap('a', 6)).send('DELETED', aConfigMap('b', 7)).send('ADDED', aConfigMap('c', 8));
    await until(() => versionOf('c') === '8');

    expect(changes).toEqual(['added a@1', 'added b@2', 'updated a@6', 'deleted b@7', 'added c@8']);
    expect(informer.hasSynced).toBe(true);
  });

  it('is filled page by page, at once', async () => {
    informer.start();
    (await server.next()).answer(200, aList([aConfigMap('a', 1)], 5, 'token'));
    const second = await server.next();
    expect(informer.store.size).toBe(0);
    second.answer(200, aList([aConfigMap('b', 2)], 5));
    await server.next();

    expect(informer.store.size).toBe(2);
  });

  it('holds nothing of a list that had to start over', async () => {
    informer.start();
    (await server.next()).answer(200, aList([aConfigMap('gone', 1)], 5, 'token'));
    (await server.next()).answer(410, EXPIRED);
    (await server.next()).answer(200, aList([aConfigMap('a', 7)], 9));
    await accept(await server.next());

    expect(changes).toEqual(['added a@7']);
  });

  it('holds frozen objects without managedFields and the copy kubectl leaves', async () => {
    const { metadata, ...rest } = aConfigMap('a', 1, { data: { key: 'value' } });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'kept' };
    await sync([{ ...rest, metadata: { ...metadata, annotations, managedFields: [{ manager: 'kubectl' }] } }]);

    const held = informer.store.get({ namespace: 'default', name: 'a' });

    expect(held).toEqual({ ...rest, metadata: { ...metadata, annotations: { note: 'kept' } } });
    expect(Object.isFrozen(held?.data)).toBe(true);
  });

  it('reads characters that arrive in two pieces', async () => {
    const watch = await sync();
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: aConfigMap('u', 6, { data: { text: 'naïve — 日本' } }) })}\n`,
    );
    for (const byte of line) watch.sendText(Buffer.from([byte]));
    await until(() => versionOf('u') === '6');

    expect(informer.store.get({ namespace: 'default', name: 'u' })?.data).toEqual({ text: 'naïve — 日本' });
  });

  it('can be compared with the server', async () => {
    await sync();

    const same = informer.isCurrent();
    (await server.next()).answer(200, aList([aConfigMap('a', 1)], 6));
    const other = informer.isCurrent();
    (await server.next()).answer(200, aList([aConfigMap('a', 6)], 6));

    expect([await same, await other]).toEqual([true, false]);
  });
});

describe('a watch that ends', () => {
  it('in good order is taken up where it ended', async () => {
    const watch = await sync();
    watch.send('MODIFIED', aConfigMap('a', 6)).end();

    const next = await server.next();

    expect(next.query.get('resourceVersion')).toBe('6');
    expect(informer.counters).toMatchObject({ lists: 1, failures: 0 });
  });

  it('after it had worked is no worse than the first that ends', async () => {
    let watch = await sync();
    for (let version = 6; version < 9; version++) {
      watch.send('MODIFIED', aConfigMap('a', version));
      await until(() => versionOf('a') === String(version));
      watch.reset();
      await until(() => informer.state.phase === 'backing off');
      expect(informer.state).toMatchObject({ delayMs: 250 });
      watch = await nextWatch();
    }
  });

  it('because the kind is gone is followed by a list: it may come back as another', async () => {
    informer.start();
    (await server.next()).answer(200, aList([], 5));
    (await server.next()).answer(404, '404 page not found\n');

    expect((await nextAttempt()).isWatch).toBe(false);
  });

  it('after a bookmark is taken up at the bookmark', async () => {
    const watch = await sync();
    watch.sendBookmark(40);
    clock.advance(2_000);
    watch.end();

    expect((await server.next()).query.get('resourceVersion')).toBe('40');
  });

  it('because of silence is taken up soon, however often: a quiet kind is no failing server', async () => {
    await sync();
    for (let silence = 0; silence < 6; silence++) {
      clock.advance(70_000);
      await until(() => informer.state.phase === 'backing off');
      expect(informer.state).toMatchObject({ delayMs: 250 });
      await nextWatch();
    }
  });

  it.each([
    { name: 'a line that is no JSON', line: '{"type":"MODIFIED","object":{"metadata"\n' },
    { name: 'a line that is no event', line: '{"type":"MODIFIED","object":{}}\n' },
  ])('in $name is counted and taken up before it', async ({ line }) => {
    const watch = await sync();
    watch.send('MODIFIED', aConfigMap('a', 6)).sendText(line);

    const next = await nextWatch();

    expect(next.query.get('resourceVersion')).toBe('6');
    expect(informer.counters.brokenStreams).toBe(1);
    expect(informer.store.size).toBe(1);
  });

  it('in an ERROR event is taken up where it was', async () => {
    const watch = await sync();
    watch.send('MODIFIED', aConfigMap('a', 6)).send('ERROR', aStatus(500, 'InternalError', 'etcd went away'));

    expect((await nextWatch()).query.get('resourceVersion')).toBe('6');
  });

  it('in the same error again and again leads to a list', async () => {
    let watch = await sync();
    for (let attempt = 0; attempt < 2; attempt++) {
      watch.sendText('nonsense\n');
      watch = await nextWatch();
    }
    watch.sendText('nonsense\n');

    const list = await nextAttempt();
    expect(list.isWatch).toBe(false);
    list.answer(200, aList([aConfigMap('a', 9)], 9));
    await until(() => versionOf('a') === '9');
  });

  it('at once each time is not asked for in a loop', async () => {
    const watch = await sync();
    watch.end();
    await until(() => informer.state.phase === 'backing off');

    expect(informer.state).toMatchObject({
      lastError: { message: 'watch ConfigMap: the server ended the watch at once' },
    });
  });
});

describe('an expired version', () => {
  it('time and again is not answered with lists in a loop', async () => {
    informer.start();
    (await server.next()).answer(200, aList([], 5));
    (await server.next()).answer(410, EXPIRED);
    (await server.next()).answer(200, aList([], 5));
    (await server.next()).answer(410, EXPIRED);
    await until(() => informer.state.phase === 'backing off');

    expect(informer.state).toMatchObject({ delayMs: 500, lastError: { code: 'ERR_KUBE_GONE' } });
  });
});

describe('a list that fails', () => {
  it('is not tried before the time the server asks for', async () => {
    informer.start();
    (await server.next()).answer(429, aStatus(429, 'TooManyRequests', 'busy'), { 'retry-after': '20' });
    await until(() => informer.state.phase === 'backing off');

    expect(informer.state).toMatchObject({ delayMs: 20_250 });
  });

  it('because the kind is not there need not be waited for', async () => {
    informer.start();
    const good = informer.waitForSync({
      timeoutMs: 10_000,
      or: (state) =>
        state.phase === 'backing off' && 'code' in state.lastError && state.lastError.code === 'ERR_KUBE_NOT_FOUND',
    });
    (await server.next()).answer(404, '404 page not found\n');

    await good;
    expect(informer.hasSynced).toBe(false);
  });
});

describe('waitForSync', () => {
  it('ends with the reason of its signal', async () => {
    informer.start();
    const controller = new AbortController();
    const waiting = expect(informers.waitForSync({ timeoutMs: 10_000, signal: controller.signal })).rejects.toThrow(
      'shutting down',
    );

    controller.abort(new Error('shutting down'));

    await waiting;
  });

  it('names every kind that is missing', async () => {
    informer.start();
    informers
      .informer({ ...configMaps, kind: 'Secret', plural: 'secrets' }, { namespace: 'a', labelSelector: 'x=y' })
      .start();

    const waiting = expect(informers.waitForSync({ timeoutMs: 1_000 })).rejects.toThrow(
      'Not synced after 1000 ms: ConfigMap (no answer yet); Secret in a where x=y (no answer yet)',
    );
    clock.advance(1_000);

    await waiting;
  });
});

describe('the log', () => {
  it.each([
    {
      trouble: 'a trouble',
      code: 403,
      reason: 'Forbidden',
      line: 'warn ConfigMap: A watch failed; it is tried again until it works',
    },
    {
      trouble: 'a kind that is not served yet',
      code: 404,
      reason: 'NotFound',
      line: 'info ConfigMap: The kind is not served; it is waited for',
    },
  ])(
    'has one line for $trouble and one for its end, however many attempts there were',
    async ({ code, reason, line }) => {
      const lines: string[] = [];
      const log = (level: string) => (fields: object, message: string) => {
        lines.push(`${level} ${'informer' in fields ? String(fields.informer) : ''}: ${message}`);
      };
      const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
      const logged = new Informers(client, { clock, streamLists: false, random: () => 0.5, logger });
      informer = logged.informer<ConfigMap>(configMaps);
      informer.start();
      let list = await server.next();
      for (let attempt = 0; attempt < 3; attempt++) {
        list.answer(code, aStatus(code, reason, 'no'));
        list = await nextAttempt();
      }
      list.answer(200, aList([], 5));
      await accept(await server.next());

      expect(lines).toEqual([line, 'info ConfigMap: A watch that had failed works again']);
      await logged.stop();
    },
  );
});

describe('sharing', () => {
  it('gives one informer to those who want the same objects', () => {
    expect(informers.informer(configMaps)).toBe(informer);
    expect(informers.informer(configMaps, { namespace: 'default' })).not.toBe(informer);
  });

  it('ends with stop: who asks later gets a new one', async () => {
    await informer.stop();

    expect(informers.informer(configMaps)).not.toBe(informer);
  });

  it('lists and watches the same selection', async () => {
    const some = informers.informer(configMaps, {
      namespace: 'a',
      labelSelector: 'app in (x,y)',
      fieldSelector: 'metadata.name=n',
    });
    some.start();
    const list = await server.next();
    list.answer(200, aList([], 5));
    const watch = await server.next();

    for (const { path, query } of [list, watch]) {
      expect(path).toBe('/api/v1/namespaces/a/configmaps');
      expect(query.get('labelSelector')).toBe('app in (x,y)');
      expect(query.get('fieldSelector')).toBe('metadata.name=n');
    }
  });
});

describe('stop', () => {
  it('while a list is taken in leaves the cache as it was', async () => {
    const stopping: Promise<void>[] = [];
    const transform = (object: KubernetesObject): KubernetesObject => {
      stopping.push(subject.stop());
      return object;
    };
    const subject = new Informers(client, { clock, streamLists: false, transform }).informer<ConfigMap>(configMaps);
    subject.start();
    (await server.next()).answer(200, aList([aConfigMap('a', 1)], 5));
    await until(() => stopping.length > 0);
    await Promise.all(stopping);

    expect(subject.store.size).toBe(0);
    expect(subject.hasSynced).toBe(false);
  });

  it('ends those who wait for the cache', async () => {
    informer.start();
    const waiting = expect(informer.waitForSync({ timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'ERR_KUBE_SYNC_TIMEOUT',
    });
    await server.next();

    await informer.stop();

    await waiting;
  });
});
