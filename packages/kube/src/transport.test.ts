import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anAuthority, type Authority } from './test-support/certificates.js';
import { Client } from './client.js';
import { clusterFromToken, type ClusterConnection } from './cluster.js';
import { bearer, RenewingCredentials, type CredentialProvider, type Credentials } from './credentials.js';
import { aConfigMap, aStatus, configMaps, ScriptedServer } from './test-support/scripted-server.js';

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
