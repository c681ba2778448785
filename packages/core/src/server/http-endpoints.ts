import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../errors.js';
import type { BindAddress } from './bind-address.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a GET of one path. */
export type Endpoint = (query: URLSearchParams) => Answer | Promise<Answer>;

/** A small HTTP server for probes and scrapers: plain, without authentication, GET and HEAD only. */
export class HttpEndpoints {
  private constructor(
    private readonly server: Server,
    /** `http://127.0.0.1:8081`, with the port it got and an address that reaches it from this machine. */
    readonly url: string,
  ) {}

  /** @throws the system's error when the address can't be taken. */
  static async listen(
    { host, port }: BindAddress,
    endpoints: Readonly<Record<string, Endpoint>>,
  ): Promise<HttpEndpoints> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      void answer(endpoints, request.method ?? '', url).then(({ status, contentType, body }) => {
        response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const { port: actual } = server.address() as AddressInfo;
    const reachable = host === undefined || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return new HttpEndpoints(server, `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${actual}`);
  }

  /** Closes at once; who asks just then asks again elsewhere. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(endpoints: Readonly<Record<string, Endpoint>>, method: string, url: URL): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plainText(405, 'method not allowed');
  const endpoint = Object.hasOwn(endpoints, url.pathname) ? endpoints[url.pathname] : undefined;
  if (endpoint === undefined) return plainText(404, 'not found');
  try {
    return await endpoint(url.searchParams);
  } catch (error) {
    return plainText(500, messageOf(error));
  }
}

export function plainText(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}
