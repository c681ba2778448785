import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from './client.js';
import type { Informer } from './informer.js';
import { Informers } from './informers.js';
import type { KubernetesObject } from './object.js';
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
  informers = new Informers(client, { clock, random: () => 0.5 });
  informer = informers.informer<ConfigMap>(configMaps);
  changes = notedChanges(informer.store);
});

afterEach(async () => {
  await informers.stop();
  await client.close();
  await server.stop();
  expect(clock.delays).toEqual([]);
});

async function synced(): Promise<void> {
  await until(() => informer.hasSynced);
}

async function nextAttempt(): Promise<Exchange> {
  await until(() => informer.state.phase === 'backing off');
  clock.advance(29_000);
  return server.next();
}

function versions(): string[] {
  return informer.store.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
}

describe('a cache that is filled by a stream', () => {
  it('takes one request, which goes on as the watch', async () => {
    informer.start();
    const stream = (await server.next()).open();
    expect(Object.fromEntries(stream.query)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      timeoutSeconds: '450',
    });
    stream.send('ADDED', aConfigMap('a', 1)).send('ADDED', aConfigMap('b', 2)).sendListEnd(5);
    await synced();
    expect(informer.state.phase).toBe('watching');
    stream.send('MODIFIED', aConfigMap('a', 6));
    await until(() => changes.length === 3);

    expect(changes).toEqual(['added a@1', 'added b@2', 'updated a@6']);
    expect(server.exchanges).toHaveLength(1);
    expect(informer.counters).toMatchObject({ lists: 1, watches: 1, events: 1, failures: 0 });
  });

  it('is not synced before the list is complete, and has its last word on every object', async () => {
    informer.start();
    const stream = (await server.next()).open();
    stream.send('ADDED', aConfigMap('a', 1)).send('ADDED', aConfigMap('gone', 2));
    stream.send('MODIFIED', aConfigMap('a', 6)).send('DELETED', aConfigMap('gone', 7));
    await until(() => informer.state.phase === 'listing');
    expect(informer.hasSynced).toBe(false);
    stream.sendListEnd(7);
    await synced();

    expect(changes).toEqual(['added a@6']);
  });

  it('is watched from the end of the list on when the stream ends', async () => {
    informer.start();
    const stream = (await server.next()).open().sendListEnd(40);
    await synced();
    clock.advance(2_000);
    stream.end();

    expect((await server.next()).query.get('resourceVersion')).toBe('40');
  });

  it('is filled anew by a stream when its version has expired; what has not changed stays the same object', async () => {
    informer.start();
    const stream = (await server.next()).open();
    stream.send('ADDED', aConfigMap('a', 1)).send('ADDED', aConfigMap('gone', 2)).sendListEnd(5);
    await synced();
    const held = informer.store.get({ namespace: 'default', name: 'a' });
    stream.send('ERROR', aStatus(410, 'Expired', 'too old'));
    const again = await server.next();
    expect(again.query.get('sendInitialEvents')).toBe('true');
    again.open().send('ADDED', aConfigMap('a', 1)).sendListEnd(9);
    await until(() => informer.counters.lists === 2);

    expect(versions()).toEqual(['a@1']);
    expect(informer.store.get({ namespace: 'default', name: 'a' })).toBe(held);
  });

  it.each([
    { name: 'that breaks', cut: (stream: Exchange) => stream.reset() },
    { name: 'that ends before its end', cut: (stream: Exchange) => stream.end() },
  ])('by a stream $name is filled by another one', async ({ cut }) => {
    informer.start();
    const stream = (await server.next()).open().send('ADDED', aConfigMap('half', 1));
    await until(() => informer.counters.watches === 1);
    cut(stream);
    const again = await nextAttempt();
    expect(again.query.get('sendInitialEvents')).toBe('true');
    again.open().send('ADDED', aConfigMap('whole', 1)).sendListEnd(5);
    await synced();

    expect(versions()).toEqual(['whole@1']);
  });

  it('holds nothing of a list during which it was stopped', async () => {
    informer.start();
    (await server.next()).open().send('ADDED', aConfigMap('a', 1));
    await until(() => informer.counters.watches === 1);

    await informer.stop();

    expect(informer.store.size).toBe(0);
    expect(informer.state).toEqual({ phase: 'stopped' });
  });
});

describe('a server that does not stream lists', () => {
  it.each([
    { name: 'refuses, as before 1.32', refuse: (request: Exchange) => request.answer(422, INVALID) },
    { name: 'does not know the parameter', refuse: (request: Exchange) => request.answer(400, BAD_REQUEST) },
    { name: 'takes no notice', refuse: (request: Exchange) => request.open().sendBookmark(4) },
  ])('and $name is asked for pages, at once and from then on', async ({ refuse }) => {
    informer.start();
    refuse(await server.next());
    (await server.next()).answer(200, aList([aConfigMap('a', 1)], 5));
    await synced();
    (await server.next()).answer(410, aStatus(410, 'Expired', 'too old'));
    const again = await server.next();

    expect(again.isWatch).toBe(false);
    expect(informer.counters.failures).toBe(1);
    again.answer(200, aList([aConfigMap('a', 1)], 9));
    await until(() => informer.counters.lists === 2);
  });

  it('because something cuts long answers is asked for pages in the end', async () => {
    informer.start();
    let request = await server.next();
    for (let attempt = 0; attempt < 2; attempt++) {
      request.open();
      await until(() => informer.counters.watches === attempt + 1);
      request.reset();
      request = await nextAttempt();
    }
    request.open();
    await until(() => informer.counters.watches === 3);
    request.reset();

    expect((await server.next()).isWatch).toBe(false);
  });

  const INVALID = aStatus(422, 'Invalid', 'sendInitialEvents is forbidden for watch');
  const BAD_REQUEST = aStatus(400, 'BadRequest', 'unknown parameter');
});

describe('taking in a large list', () => {
  const COUNT = 2_000;
  const names = Array.from({ length: COUNT }, (_, index) => `object-${index}`);

  it.each([
    { form: 'a stream', streamLists: true },
    { form: 'pages', streamLists: false },
  ])('from $form never keeps the event loop for more than a slice', async ({ streamLists }) => {
    // Every object costs a millisecond to prepare and another to tell listeners of.
    let done = 0;
    const work = (): void => {
      clock.advance(1);
      done += 1;
    };
    const transform = (object: KubernetesObject): KubernetesObject => {
      work();
      return object;
    };
    const subject = new Informers(client, { clock, transform, streamLists }).informer<ConfigMap>(configMaps);
    subject.store.subscribe(work);
    let longestMs = 0;
    subject.start();
    const request = await server.next();
    const turns = until(() => {
      longestMs = Math.max(longestMs, done);
      done = 0;
      return subject.hasSynced;
    });
    if (streamLists) {
      request.open();
      for (const name of names) request.send('ADDED', aConfigMap(name, 1));
      request.sendListEnd(5);
    } else {
      request.answer(
        200,
        aList(
          names.map((name) => aConfigMap(name, 1)),
          5,
        ),
      );
    }
    await turns;

    expect(subject.store.size).toBe(COUNT);
    expect(longestMs).toBeLessThanOrEqual(11);
    await subject.stop();
  });
});

describe('an informer of metadata', () => {
  it('asks for nothing else, and holds nothing else of what was written', async () => {
    const metadata = informers.metadataInformer(configMaps);
    metadata.start();
    const stream = await server.next();
    expect(stream.headers.accept).toContain('as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
    const { metadata: meta } = aConfigMap('a', 1);
    stream
      .open()
      .send('ADDED', { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: meta })
      .sendListEnd(5);
    await until(() => metadata.hasSynced);
    metadata.store.recordWrite(aConfigMap('b', 6, { data: { key: 'value' } }), 'me');

    expect(metadata.store.list()).toEqual(
      [aConfigMap('a', 1), aConfigMap('b', 6)].map(({ apiVersion, kind, metadata: own }) => ({
        apiVersion,
        kind,
        metadata: own,
      })),
    );
    expect(metadata).not.toBe(informer);
    await metadata.stop();
  });
});
