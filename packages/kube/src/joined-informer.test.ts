import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from './client.js';
import type { Informer } from './informer.js';
import { Informers } from './informers.js';
import { ManualClock, until } from './test-support/manual-clock.js';
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

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new ManualClock();
  client = new Client(server.connection, { clock });
  informers = new Informers(client, { clock, streamLists: false, random: () => 0.5 });
  informer = informers.inNamespaces<ConfigMap>(configMaps, ['one', 'two']);
});

afterEach(async () => {
  await informers.stop();
  await client.close();
  await server.stop();
});

const inNamespace = (namespace: string, name: string, version: number): ConfigMap => {
  const object = aConfigMap(name, version);
  return { ...object, metadata: { ...object.metadata, namespace } };
};
const namespaceOf = ({ path }: Exchange) => /namespaces\/([^/]+)\//.exec(path)?.[1];

/** Answers the requests for both namespaces, in whatever order they come. */
async function answer(answers: Readonly<Record<string, (exchange: Exchange) => void>>): Promise<void> {
  const exchanges = [await server.next(), await server.next()];
  expect(exchanges.map(namespaceOf).sort()).toEqual(['one', 'two']);
  for (const exchange of exchanges) answers[namespaceOf(exchange) ?? '']?.(exchange);
}

async function sync(): Promise<void> {
  informer.store.addIndex('by name', ({ metadata: { name } }) => [name]);
  informer.start();
  await answer({
    one: (list) => list.answer(200, aList([inNamespace('one', 'a', 1)], 5)),
    two: (list) => list.answer(200, aList([inNamespace('two', 'a', 2), inNamespace('two', 'b', 3)], 6)),
  });
  await answer({ one: (watch) => watch.open(), two: (watch) => watch.open() });
  await until(() => informer.state.phase === 'watching');
}

describe('an informer in several namespaces', () => {
  it('asks for each of them and for nothing else, and finds what is in any', async () => {
    await sync();
    const { store } = informer;
    expect(informer.hasSynced).toBe(true);
    expect(store.size).toBe(3);
    expect(store.get({ namespace: 'two', name: 'a' })?.metadata.resourceVersion).toBe('2');
    expect(store.get({ namespace: 'three', name: 'a' })).toBeUndefined();
    expect(store.list('one').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(store.byIndex('by name', 'a').map(({ metadata }) => metadata.namespace)).toEqual(['one', 'two']);
    expect(informer.counters).toMatchObject({ lists: 2, watches: 2 });
  });

  it('takes a write in where it belongs', async () => {
    await sync();
    const written = inNamespace('one', 'c', 9);
    const heard: string[] = [];
    const unsubscribe = informer.store.subscribe(({ object, origin }) => {
      if (origin !== undefined) heard.push(`${object.metadata.namespace}/${object.metadata.name}`);
    });
    informer.store.recordWrite(written, 'me');
    expect(informer.store.get({ namespace: 'one', name: 'c' })).toEqual(written);
    unsubscribe();
    informer.store.recordDelete(written, 'me');
    expect(informer.store.list('one')).toHaveLength(1);
    expect(heard).toEqual(['one/c']);
  });

  it('is not synced while one of them fails, and says which', async () => {
    informer.start();
    await answer({
      one: (list) => list.answer(200, aList([], 5)),
      two: (list) => list.answer(403, aStatus(403, 'Forbidden', 'not yours')),
    });
    (await server.next()).open();
    await until(() => informer.state.phase === 'backing off');
    expect(informer.hasSynced).toBe(false);
    const outcome = informer.waitForSync({ timeoutMs: 100 }).catch((error: unknown) => error);
    clock.advance(100);
    expect(await outcome).toMatchObject({
      name: 'SyncTimeoutError',
      message: expect.stringMatching(/ConfigMap in two.*not yours/s),
    });
  });
});
