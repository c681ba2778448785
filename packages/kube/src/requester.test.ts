import { getEventListeners } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, type ClientOptions } from './client.js';
import { ManualClock, until } from './test-support/manual-clock.js';
import type { RequestRecord } from './requester.js';
import { aConfigMap, aStatus, configMaps, ScriptedServer, type Exchange } from './test-support/scripted-server.js';
import type { WatchEvent } from './watch-stream.js';

const NAME = { namespace: 'default', name: 'settings' };

let server: ScriptedServer;
let client: Client;
let clock: ManualClock;

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new ManualClock();
  client = aClient({});
});

afterEach(async () => {
  await client.close();
  await server.stop();
});

/** In place of the one of every test. */
function aClient(options: ClientOptions): Client {
  client = new Client(server.connection, { clock, random: () => 0.5, ...options });
  return client;
}

describe('time', () => {
  it('ends a request that gets no answer', async () => {
    const answer = expect(client.get(configMaps, NAME, { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'ERR_KUBE_TIMEOUT',
      message: 'get ConfigMap default/settings: no answer within 5000 ms',
    });
    const exchange = await server.next();

    clock.advance(5_000);

    await answer;
    await exchange.closed;
  });

  it('ends a request whose answer breaks off in the middle and never goes on', async () => {
    const answer = expect(client.get(configMaps, NAME)).rejects.toMatchObject({ code: 'ERR_KUBE_TIMEOUT' });
    (await server.next()).open().sendText('{"kind":');

    clock.advance(30_000);

    await answer;
  });

  it('leaves no timer behind', async () => {
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));

    await client.get(configMaps, NAME);

    expect(clock.delays).toEqual([]);
  });

  it('leaves nothing behind on a signal that lives on', async () => {
    server.always((exchange) => {
      if (exchange.isWatch) exchange.open().end();
      else exchange.answer(200, aConfigMap('settings', 1));
    });
    const { signal } = new AbortController();

    await client.get(configMaps, NAME, { signal });
    await collectEvents(client.watch(configMaps, { signal }));

    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('stops for a signal at once, with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const answer = expect(client.get(configMaps, NAME, { signal: controller.signal })).rejects.toBe(reason);
    const exchange = await server.next();

    controller.abort(reason);

    await answer;
    await exchange.closed;
  });
});

describe('retries', () => {
  it('give up at once when the wait would end after the deadline', async () => {
    server.always((exchange) => exchange.answer(429, aStatus(429, 'TooManyRequests', 'busy'), { 'retry-after': '60' }));

    await expect(client.get(configMaps, NAME)).rejects.toMatchObject({
      code: 'ERR_KUBE_TOO_MANY_REQUESTS',
      retryAfterMs: 60_000,
    });
    expect(server.exchanges).toHaveLength(1);
  });

  it('repeat a read whose connection was reset', async () => {
    const answer = client.get(configMaps, NAME);
    (await server.next()).reset();
    await until(() => clock.delays.length === 2);
    clock.advance(1_000);
    (await server.next()).answer(200, aConfigMap('settings', 1));

    await expect(answer).resolves.toMatchObject({ metadata: { name: 'settings' } });
  });

  it('do not repeat a write whose connection was reset: it may have happened', async () => {
    const answer = expect(client.mergePatch(configMaps, NAME, {})).rejects.toMatchObject({ code: 'ERR_KUBE_NETWORK' });
    (await server.next()).reset();

    await answer;
    expect(server.exchanges).toHaveLength(1);
  });

  it('are told of, each request with whether another follows', async () => {
    const told: object[] = [];
    client.onRequest(({ status, isRetried }) => told.push({ status, isRetried }));
    const answer = client.get(configMaps, NAME);
    (await server.next()).answer(503, aStatus(503, 'ServiceUnavailable', 'starting'));
    await until(() => clock.delays.length === 2);
    clock.advance(1_000);
    (await server.next()).answer(200, aConfigMap('settings', 1));
    await answer;

    expect(told).toEqual([
      { status: 503, isRetried: true },
      { status: 200, isRetried: false },
    ]);
  });

  it('can be declined', async () => {
    server.always((exchange) => exchange.answer(429, aStatus(429, 'TooManyRequests', 'busy'), { 'retry-after': '1' }));

    await expect(client.get(configMaps, NAME, { retry: false })).rejects.toMatchObject({ retryAfterMs: 1_000 });
  });
});

describe('onRequest', () => {
  it('hears of every request, its outcome and the warnings of the server', async () => {
    const records: RequestRecord[] = [];
    client.onRequest((record) => records.push(record));
    server.always((exchange) =>
      exchange.answer(200, aConfigMap('settings', 1), { warning: '299 - "unknown field \\"spec.x\\"", 299 - "old"' }),
    );

    await client.mergePatch(configMaps, NAME, {}, { subresource: 'status', dryRun: true });

    expect(records).toEqual([
      {
        verb: 'patch',
        resource: configMaps,
        subresource: 'status',
        namespace: 'default',
        name: 'settings',
        dryRun: true,
        status: 200,
        durationMs: 0,
        heldBackMs: 0,
        requestBytes: 2,
        responseBytes: JSON.stringify(aConfigMap('settings', 1)).length,
        isRetried: false,
        warnings: ['unknown field "spec.x"', 'old'],
      },
    ]);
  });

  it('hears of requests without an answer', async () => {
    const records: RequestRecord[] = [];
    const stop = client.onRequest((record) => records.push(record));
    const failed = expect(client.mergePatch(configMaps, NAME, {})).rejects.toThrow();
    (await server.next()).reset();
    await failed;

    expect(records).toHaveLength(1);
    expect(records[0]?.status).toBeUndefined();

    stop();
    const again = expect(client.mergePatch(configMaps, NAME, {})).rejects.toThrow();
    (await server.next()).reset();
    await again;
    expect(records).toHaveLength(1);
  });
});

describe('a rate limit', () => {
  it('lets a burst through, and then one request after the other', async () => {
    aClient({ rateLimit: { perSecond: 10, burst: 2 } });
    const heldBack: number[] = [];
    client.onRequest(({ heldBackMs }) => heldBack.push(heldBackMs));
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));

    const answers = Array.from({ length: 4 }, () => client.get(configMaps, NAME));
    await Promise.all(answers.slice(0, 2));
    expect(server.exchanges).toHaveLength(2);
    clock.advance(100);
    await answers[2];
    expect(server.exchanges).toHaveLength(3);
    clock.advance(100);
    await answers[3];

    expect(heldBack.map(Math.round)).toEqual([0, 0, 100, 200]);
  });

  it('does not count a request that is called off while it waits', async () => {
    aClient({ rateLimit: { perSecond: 10, burst: 1 } });
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
    await client.get(configMaps, NAME);
    const controller = new AbortController();
    const calledOff = expect(client.get(configMaps, NAME, { signal: controller.signal })).rejects.toThrow('enough');
    await until(() => clock.delays.length === 2);

    controller.abort(new Error('enough'));
    await calledOff;
    const next = client.get(configMaps, NAME);
    await until(() => clock.delays.length === 2);
    clock.advance(100);

    await expect(next).resolves.toBeDefined();
  });

  it('counts the beginnings of watches', async () => {
    aClient({ rateLimit: { perSecond: 1, burst: 1 } });
    server.always((exchange) => exchange.open().end());
    await collectEvents(client.watch(configMaps));

    const second = collectEvents(client.watch(configMaps));
    await until(() => clock.delays.includes(1_000));
    expect(server.exchanges).toHaveLength(1);
    clock.advance(1_000);

    await second;
  });

  it.each([
    {
      options: { rateLimit: { perSecond: 0, burst: 1 } },
      problem: 'rateLimit: perSecond must be more than 0 and burst at least 1, not 0 and 1',
    },
    { options: { maxConcurrentRequests: 0 }, problem: 'maxConcurrentRequests: must be at least 1, not 0' },
  ])('that lets nothing through is refused: $problem', ({ options, problem }) => {
    expect(() => new Client(server.connection, options)).toThrow(problem);
  });
});

describe('requests at once', () => {
  it('are no more than allowed; others wait their turn', async () => {
    aClient({ maxConcurrentRequests: 2 });
    const answers = Array.from({ length: 3 }, () => client.get(configMaps, NAME));
    const first = await server.next();
    await server.next().then((second) => second.answer(200, aConfigMap('settings', 1)));
    const third = await server.next();

    expect(client.concurrency).toMatchObject({ limit: 2, underWay: 2, waiting: 0 });

    for (const exchange of [first, third]) exchange.answer(200, aConfigMap('settings', 1));
    await Promise.all(answers);
    expect(client.concurrency).toMatchObject({ limit: 2, underWay: 0 });
  });

  it('leave their place when they are called off while they wait', async () => {
    aClient({ maxConcurrentRequests: 1 });
    const answer = client.get(configMaps, NAME);
    const held = await server.next();
    const calledOff = expect(client.get(configMaps, NAME, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'ERR_KUBE_TIMEOUT',
    });
    await until(() => client.concurrency.waiting === 1);

    clock.advance(1_000);
    await calledOff;
    held.answer(200, aConfigMap('settings', 1));
    await answer;

    expect(client.concurrency).toMatchObject({ underWay: 0, waiting: 0 });
    expect(server.exchanges).toHaveLength(1);
  });

  it('become fewer for a server that takes four at once, and more again', async () => {
    const held: Exchange[] = [];
    let refusals = 0;
    server.always((exchange) => {
      if (held.length < 4) return held.push(exchange);
      refusals += 1;
      return exchange.answer(429, aStatus(429, 'TooManyRequests', 'busy'), { 'retry-after': '1' });
    });
    const patience = { timeoutMs: 1_000_000_000 };
    let isOver = false;
    const all = Promise.all(Array.from({ length: 100 }, () => client.get(configMaps, NAME, patience))).finally(() => {
      isOver = true;
    });
    const limits: number[] = [];
    while (!isOver) {
      // Whatever is under way is with the server, which has it or has refused it.
      await until(() => isOver || client.concurrency.underWay === held.length);
      limits.push(client.concurrency.limit);
      for (const exchange of held.splice(0)) exchange.answer(200, aConfigMap('settings', 1));
      clock.advance(1_000);
    }
    await all;

    expect(Math.min(...limits)).toBeLessThanOrEqual(4);
    expect(client.concurrency.limit).toBeGreaterThan(4);
    expect(refusals).toBeLessThan(100);
  });

  it('stay as they are when a disruption budget refuses an eviction', async () => {
    const pods = { ...configMaps, kind: 'Pod', plural: 'pods' };
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: NAME };
    server.always((exchange) => exchange.answer(429, aStatus(429, 'TooManyRequests', 'needs 1 healthy pod')));

    await expect(client.create(pods, eviction, { subresource: 'eviction', retry: false })).rejects.toMatchObject({
      code: 'ERR_KUBE_TOO_MANY_REQUESTS',
    });

    expect(client.concurrency.limit).toBe(64);
  });
});

describe('warnings', () => {
  it('are logged, each text once', async () => {
    const lines: object[] = [];
    const noop = (): void => undefined;
    const logger = { debug: noop, info: noop, error: noop, warn: (...line: [object, string]) => lines.push(line) };
    aClient({ logger });
    server.always((exchange) =>
      exchange.answer(200, aConfigMap('settings', 1), {
        warning: server.exchanges.length < 3 ? '299 - "v1 Endpoints is deprecated"' : '299 - "another"',
      }),
    );

    for (let call = 0; call < 4; call++) await client.get(configMaps, NAME);

    const request = 'get ConfigMap default/settings';
    expect(lines).toEqual([
      [{ warning: 'v1 Endpoints is deprecated', request }, 'The API server warns'],
      [{ warning: 'another', request }, 'The API server warns'],
    ]);
  });
});

describe('packed answers', () => {
  it('are asked for and unpacked where the connection says so, but not of a watch', async () => {
    await client.close();
    client = new Client({ ...server.connection, compression: true }, { clock });
    const stored = aConfigMap('settings', 1, { data: { text: 'naïve '.repeat(1_000) } });
    const sizes: (number | undefined)[] = [];
    client.onRequest(({ responseBytes }) => sizes.push(responseBytes));
    server.always((exchange) => {
      if (exchange.isWatch) exchange.open().end();
      else exchange.answer(200, gzipSync(JSON.stringify(stored)), { 'content-encoding': 'gzip' });
    });

    await expect(client.get(configMaps, NAME)).resolves.toEqual(stored);
    await collectEvents(client.watch(configMaps));

    expect(server.exchanges.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', undefined]);
    expect(sizes).toEqual([Buffer.byteLength(JSON.stringify(stored)), undefined]);
  });

  it('are not asked for otherwise', async () => {
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));

    await client.get(configMaps, NAME);

    expect(server.exchanges[0]?.headers).not.toHaveProperty('accept-encoding');
  });
});

async function collectEvents(events: AsyncIterable<WatchEvent>): Promise<WatchEvent[]> {
  const collected: WatchEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}
