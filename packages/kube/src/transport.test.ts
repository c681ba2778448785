import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, Server, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anAuthority, type Authority } from './test-support/certificates.js';
import { Client, type ClientOptions } from './client.js';
import { clusterFromToken, type ClusterConnection } from './cluster.js';
import { bearer, RenewingCredentials, type CredentialProvider, type Credentials } from './credentials.js';
import { ManualClock, until } from './test-support/manual-clock.js';
import {
  aConfigMap,
  aStatus,
  configMaps,
  ScriptedServer,
  type Exchange,
  type ScriptedServerOptions,
} from './test-support/scripted-server.js';

const NAME = { namespace: 'default', name: 'settings' };

let authority: Authority;
let server: ScriptedServer;
let clients: Client[];

beforeAll(async () => {
  authority = await anAuthority('kubernetes');
});

beforeEach(() => {
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
});

async function serve(dnsName?: string): Promise<void> {
  server = await ScriptedServer.start(await authority.server(dnsName));
  server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
}

function connectTo(connection: Partial<ClusterConnection>): Client {
  const client = new Client({ ...clusterFromToken({ server: server.url, token: 't' }), ...connection });
  clients.push(client);
  return client;
}

describe('TLS', () => {
  it('trusts the given authority', async () => {
    await serve();

    await expect(connectTo({ ca: authority.ca }).get(configMaps, NAME)).resolves.toMatchObject({ kind: 'ConfigMap' });
  });

  it('trusts nobody else', async () => {
    await serve();
    const { ca } = await anAuthority('stranger');

    await expect(connectTo({ ca }).get(configMaps, NAME, { retry: false })).rejects.toMatchObject({
      code: 'ERR_KUBE_NETWORK',
    });
  });

  it('takes any certificate where that is asked for', async () => {
    await serve();

    await connectTo({ insecureSkipTlsVerify: true }).get(configMaps, NAME);

    expect(server.exchanges).toHaveLength(1);
  });

  it('expects the name the connection says', async () => {
    await serve('api.internal');

    await connectTo({ ca: authority.ca, tlsServerName: 'api.internal' }).get(configMaps, NAME);

    expect(server.exchanges).toHaveLength(1);
  });

  it('reads the authority again when it no longer fits, and only then', async () => {
    await serve();
    const { ca: outdated } = await anAuthority('before the rotation');
    let reads = 0;
    const reloadCa = (): Promise<string> => {
      reads += 1;
      return Promise.resolve(authority.ca);
    };
    const client = connectTo({ ca: outdated, reloadCa });

    for (let call = 0; call < 20; call++) await client.get(configMaps, NAME);

    expect(reads).toBe(1);
    expect(server.connectionCount).toBeLessThanOrEqual(2);
  });

  it('is not waited for by a request that is called off', async () => {
    const silent = new Server().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const controller = new AbortController();
    const reason = new Error('enough');
    const slow = new Client(clusterFromToken({ server: `https://127.0.0.1:${port}`, token: 't' }));
    clients.push(slow);
    const calledOff = expect(slow.get(configMaps, NAME, { signal: controller.signal })).rejects.toBe(reason);
    const [socket] = (await once(silent, 'connection')) as [Socket];

    controller.abort(reason);

    await calledOff;
    socket.destroy();
    silent.close();
  });

  it('gets new connections when the client certificate is rotated', async () => {
    await serve();
    const first = await authority.client('operator');
    const second = await authority.client('operator');
    let current: Credentials = { certificate: first.cert, key: first.key };
    const credentials: CredentialProvider = { current: () => Promise.resolve(current), refused: () => undefined };
    const client = connectTo({ ca: authority.ca, credentials });

    await client.get(configMaps, NAME);
    current = { certificate: second.cert, key: second.key };
    await client.get(configMaps, NAME);

    expect(server.connectionCount).toBe(2);
  });
});

describe('credentials that are refused', () => {
  /** Gives one token after the other, and the last one for ever. */
  class Tokens {
    fetches = 0;
    readonly provider: CredentialProvider;

    constructor(...values: readonly string[]) {
      this.provider = new RenewingCredentials(() => {
        const token = values[Math.min(this.fetches, values.length - 1)] ?? '';
        this.fetches += 1;
        return Promise.resolve({ credentials: bearer(token), renewAtMs: Infinity });
      });
    }
  }

  async function accepting(token: string): Promise<void> {
    server = await ScriptedServer.start();
    server.always((exchange) => {
      if (exchange.headers.authorization === `Bearer ${token}`) exchange.answer(200, aConfigMap('settings', 1));
      else exchange.answer(401, aStatus(401, 'Unauthorized', 'Unauthorized'));
    });
  }

  it('are fetched again, and the request is repeated once', async () => {
    await accepting('new');
    const source = new Tokens('old', 'new');
    const client = connectTo({ credentials: source.provider });

    await client.get(configMaps, NAME);
    await client.get(configMaps, NAME);

    expect(server.exchanges.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
      'Bearer new',
    ]);
  });

  it('leave their connections usable', async () => {
    server = await ScriptedServer.start();
    server.always((exchange) => {
      if (server.exchanges.length % 2 === 0) exchange.answer(200, aConfigMap('settings', 1));
      else exchange.answer(401, aStatus(401, 'Unauthorized', 'x'.repeat(100_000)));
    });
    const source = new Tokens(...Array.from({ length: 30 }, (_, index) => `t${index}`));
    const client = connectTo({ credentials: source.provider });

    for (let call = 0; call < 20; call++) await client.get(configMaps, NAME);

    expect(server.exchanges).toHaveLength(40);
    expect(server.connectionCount).toBeLessThanOrEqual(2);
  });

  it('are an error when there are no others', async () => {
    await accepting('new');
    const source = new Tokens('old');

    await expect(connectTo({ credentials: source.provider }).get(configMaps, NAME)).rejects.toMatchObject({
      code: 'ERR_KUBE_UNAUTHORIZED',
    });
    expect(server.exchanges).toHaveLength(1);
  });

  it('are fetched once for however many requests wait', async () => {
    await accepting('new');
    const source = new Tokens('old', 'new');
    const client = connectTo({ credentials: source.provider });

    await Promise.all(Array.from({ length: 50 }, () => client.get(configMaps, NAME)));

    expect(source.fetches).toBe(2);
  });
});

describe('impersonation', () => {
  it('names user, uid, each group and each extra value in a header of its own', async () => {
    server = await ScriptedServer.start();
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
    const client = connectTo({
      impersonate: {
        user: 'Jürgen',
        uid: '7',
        groups: ['a', 'b,c'],
        extra: { 'example.com/Scopes': ['x', 'y'] },
      },
    });

    await client.get(configMaps, NAME);

    const [exchange] = server.exchanges;
    const sent = (exchange?.rawHeaders ?? []).flatMap((name, index, all) =>
      index % 2 === 0 && name.startsWith('impersonate') ? [[name, all[index + 1]]] : [],
    );
    expect(sent).toEqual([
      ['impersonate-user', Buffer.from('Jürgen').toString('latin1')],
      ['impersonate-uid', '7'],
      ['impersonate-group', 'a'],
      ['impersonate-group', 'b,c'],
      ['impersonate-extra-example.com%2f%53copes', 'x'],
      ['impersonate-extra-example.com%2f%53copes', 'y'],
    ]);
    expect(exchange?.headers.authorization).toBe('Bearer t');
  });
});

describe('watches', () => {
  const HTTP2 = { maxConcurrentStreams: 100 };
  let clock: ManualClock;
  let client: Client;

  async function connectByHttp2(http2?: ScriptedServerOptions['http2'], options: ClientOptions = {}): Promise<void> {
    server = await ScriptedServer.start({ ...(await authority.server()), ...(http2 && { http2 }) });
    clock = new ManualClock();
    const connection = { ...clusterFromToken({ server: server.url, token: 't' }), ca: authority.ca };
    client = new Client(connection, { clock, ...options });
    clients.push(client);
  }

  /** Watches that are accepted, both ends of them. */
  async function watchTimes(
    count: number,
  ): Promise<{ readonly watch: Exchange; readonly name: () => Promise<string> }[]> {
    const watches = [];
    for (let index = 0; index < count; index++) {
      const events = client.watch(configMaps)[Symbol.asyncIterator]();
      const first = events.next();
      const watch = (await server.next()).open().send('ADDED', aConfigMap(`first-${index}`, 1));
      await first;
      const name = async (): Promise<string> => {
        const { value } = await events.next();
        return value === undefined ? 'the end' : ((value.object.metadata as { name?: string }).name ?? '');
      };
      watches.push({ watch, name });
    }
    return watches;
  }

  it('share one connection where the server speaks HTTP/2, however many there are', async () => {
    await connectByHttp2(HTTP2);

    const watches = await watchTimes(30);
    watches.forEach(({ watch }, index) => watch.send('ADDED', aConfigMap(`second-${index}`, 2)));

    expect(await Promise.all(watches.map(({ name }) => name()))).toEqual(watches.map((_, index) => `second-${index}`));
    expect(server.connectionCount).toBe(1);
    expect(server.exchanges[0]?.headers).toMatchObject({ authorization: 'Bearer t', accept: 'application/json' });
  });

  it.each([
    { name: 'the server speaks nothing else', http2: undefined, options: {} },
    { name: 'HTTP/2 is not wanted', http2: HTTP2, options: { http2: false } },
  ])('have a connection each, over HTTP/1.1, when $name', async ({ http2, options }) => {
    await connectByHttp2(http2, options);

    await watchTimes(3);

    expect(server.sessions).toHaveLength(0);
    expect(server.openSockets).toBe(3);
  });

  it('take a further connection when the server allows no more on one', async () => {
    await connectByHttp2({ maxConcurrentStreams: 2 });

    await watchTimes(5);

    expect(server.sessions).toHaveLength(3);
  });

  it('end one by one: the others and their connection stay', async () => {
    await connectByHttp2(HTTP2);
    const controller = new AbortController();
    const ended = client.watch(configMaps, { signal: controller.signal }).next();
    const watch = (await server.next()).open();
    const [other] = await watchTimes(1);

    controller.abort();

    await expect(ended).resolves.toMatchObject({ done: true });
    await watch.closed;
    other?.watch.send('ADDED', aConfigMap('later', 2));
    expect(await other?.name()).toBe('later');
  });

  it('go on when the server says that it will go away; new ones take another connection', async () => {
    await connectByHttp2(HTTP2);
    const [before] = await watchTimes(1);
    const [session] = server.sessions;

    session?.goaway();
    // What comes after it on the connection has been read after it.
    before?.watch.send('ADDED', aConfigMap('still here', 2));
    expect(await before?.name()).toBe('still here');
    await watchTimes(1);
    before?.watch.send('ADDED', aConfigMap('as ever', 3));

    expect(await before?.name()).toBe('as ever');
    expect(server.sessions).toHaveLength(2);
  });

  it('are begun again with what is new when token and authority were rotated', async () => {
    await connectByHttp2(HTTP2);
    const { ca: outdated } = await anAuthority('before the rotation');
    const tokens = ['old', 'new'];
    const credentials = new RenewingCredentials(() =>
      Promise.resolve({ credentials: bearer(tokens.shift() ?? ''), renewAtMs: Infinity }),
    );
    client = connectTo({ ca: outdated, reloadCa: () => Promise.resolve(authority.ca), credentials });
    const events = client.watch(configMaps)[Symbol.asyncIterator]();
    const first = events.next();

    (await server.next()).answer(401, aStatus(401, 'Unauthorized', 'Unauthorized'));
    const watch = (await server.next()).open().send('ADDED', aConfigMap('a', 1));

    await expect(first).resolves.toMatchObject({ value: { type: 'ADDED' } });
    expect(watch.headers.authorization).toBe('Bearer new');
    expect(server.sessions).toHaveLength(1);
  });

  it('fail together when their connection breaks, and can begin again', async () => {
    await connectByHttp2(HTTP2);
    const watches = await watchTimes(3);
    const failed = watches.map(({ name }) => expect(name()).rejects.toMatchObject({ code: 'ERR_KUBE_NETWORK' }));

    server.cut();

    await Promise.all(failed);
    await expect(watchTimes(1)).resolves.toHaveLength(1);
  });

  it('fail when the other end is gone without a word: it answers no ping', async () => {
    await connectByHttp2(HTTP2);
    const [watch] = await watchTimes(1);
    const failed = expect(watch?.name()).rejects.toMatchObject({
      code: 'ERR_KUBE_NETWORK',
      message: `watch ConfigMap: ${new URL(server.url).host}: the server does not answer any more`,
    });

    server.freeze();
    for (let pings = 0; pings < 3; pings++) {
      await until(() => clock.delays.length > 0);
      clock.advance(10_000);
    }

    await failed;
  });

  it('live for hours on a connection that answers its pings', async () => {
    await connectByHttp2(HTTP2);
    const [watch] = await watchTimes(1);

    for (let version = 2; version < 12; version++) {
      const pinged = new Promise((resolve) => server.sessions[0]?.once('ping', resolve));
      clock.advance(10_000);
      await pinged;
      // Comes after the answer to the ping.
      watch?.watch.send('ADDED', aConfigMap(`at ${version}`, version));
      expect(await watch?.name()).toBe(`at ${version}`);
    }
  });

  it('leave neither a socket nor a timer behind when the client is closed', async () => {
    await connectByHttp2(HTTP2);
    const watches = await watchTimes(2);
    const ended = watches.map(({ name }) => expect(name()).rejects.toMatchObject({ message: 'The client was closed' }));

    await client.close();

    await Promise.all(ended);
    await until(() => server.openSockets === 0 && clock.delays.length === 0);
  });
});

describe('a proxy', () => {
  it('is gone through', async () => {
    await serve();
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url = '' }, socket) => {
      tunnels.push(url);
      const [host, port] = url.split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const client = connectTo({ ca: authority.ca, proxyUrl: `http://127.0.0.1:${port}` });

    await client.get(configMaps, NAME);
    await client.close();
    await new Promise((resolve) => proxy.close(resolve));

    expect(tunnels).toEqual([new URL(server.url).host]);
  });
});

describe('a connection that somebody else opens', () => {
  const nowhere = { server: 'http://nowhere.invalid' };

  it('is spoken over in place of a socket', async () => {
    server = await ScriptedServer.start();
    server.always((exchange) => exchange.answer(200, aConfigMap('settings', 1)));
    const { port } = new URL(server.url);
    const client = connectTo({ ...nowhere, connect: () => connect(Number(port), '127.0.0.1') });

    await expect(client.get(configMaps, NAME)).resolves.toMatchObject({ kind: 'ConfigMap' });
    await expect(client.get(configMaps, NAME)).resolves.toMatchObject({ kind: 'ConfigMap' });
  });

  it('fails requests like a network when it cannot be opened', async () => {
    server = await ScriptedServer.start();
    const refuse = () => {
      throw Object.assign(new Error('no way through'), { code: 'ECONNREFUSED' });
    };
    const client = connectTo({ ...nowhere, connect: refuse });

    await expect(client.get(configMaps, NAME, { retry: false })).rejects.toMatchObject({
      code: 'ERR_KUBE_NETWORK',
      message: expect.stringContaining('connection refused'),
    });
  });
});
