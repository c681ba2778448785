import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../errors.js';
import { reachableUrl, type BindAddress } from './bind-address.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an endpoint may want to know of a request besides its query. */
export interface EndpointRequest {
  readonly authorization: string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Answers a GET of one path. */
export type Endpoint = (query: URLSearchParams, request: EndpointRequest) => Answer | Promise<Answer>;

/** A small HTTP server for probes and scrapers: plain, GET and HEAD only. */
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
      const gone = new AbortController();
      response.once('close', () => gone.abort(new Error('nobody waits for the answer')));
      void answer(endpoints, request, gone.signal).then(({ status, contentType, body, headers }) => {
        response.writeHead(status, { ...headers, 'content-type': contentType, 'cache-control': 'no-store' });
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
    return new HttpEndpoints(server, reachableUrl('http', { ...(host !== undefined && { host }), port: actual }));
  }

  /** Closes at once; who asks just then asks again elsewhere. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(
  endpoints: Readonly<Record<string, Endpoint>>,
  { method, url = '/', headers: { authorization } }: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plainText(405, 'method not allowed');
  // Not a URL: what is no path, `//`, cannot be read as one.
  const [path = '', ...query] = url.split('?');
  const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  if (endpoint === undefined) return plainText(404, 'not found');
  try {
    return await endpoint(new URLSearchParams(query.join('?')), { authorization, signal });
  } catch (error) {
    return plainText(500, messageOf(error));
  }
}

export function plainText(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}
