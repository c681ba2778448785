import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createSecureServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { clusterFromToken, type ClusterConnection } from '../cluster.js';
import type { KubernetesObject } from '../object.js';
import type { ResourceType } from '../resource-type.js';

export const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A ConfigMap in `default`, as the API server would send it. */
export function aConfigMap(
  name: string,
  resourceVersion: number,
  {
    uid = `uid-${name}`,
    ...rest
  }: { uid?: string; data?: Record<string, string>; labels?: Record<string, string> } = {},
): ConfigMap {
  const { labels, ...body } = rest;
  const metadata = { name, namespace: 'default', uid, resourceVersion: String(resourceVersion) };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, ...(labels && { labels }) },
    ...body,
  };
}

/** A list answer; items lose apiVersion and kind, as those of built-in kinds do. */
export function aList(items: readonly KubernetesObject[], resourceVersion: number, next?: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    metadata: { resourceVersion: String(resourceVersion), ...(next !== undefined && { continue: next }) },
    items: items.map(({ apiVersion: _, kind: __, ...item }) => item),
  };
}

export function aStatus(code: number, reason: string, message: string, details: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message, details };
}

type Received = IncomingMessage | Http2ServerRequest;

/** What the response of either protocol can do. */
interface Answer {
  readonly socket: Socket | null;
  /** Not of HTTP/2, which sends headers at once. */
  flushHeaders?(): void;
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(chunk: string | Buffer): unknown;
  end(): unknown;
  end(chunk: string | Buffer): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** A request that waits for its answer. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Each header as often as it came. */
  readonly rawHeaders: readonly string[];
  /** The body as it came. */
  readonly body: string;
  /** When the client has gone, or has the whole answer. */
  readonly closed: Promise<void>;
  readonly #response: Answer;

  constructor(request: Received, response: Answer, body: string) {
    const url = new URL(request.url ?? '/', 'http://server');
    this.method = request.method ?? '';
    this.path = url.pathname;
    this.query = url.searchParams;
    this.headers = request.headers;
    this.rawHeaders = request.rawHeaders;
    this.body = body;
    this.#response = response;
    this.closed = new Promise((resolve) => response.once('close', resolve));
  }

  get isWatch(): boolean {
    return this.query.get('watch') === 'true';
  }

  answer(status: number, body: object | string | Buffer, headers: Record<string, string> = {}): void {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    this.#response.writeHead(status, { 'content-type': isRaw ? 'text/plain' : 'application/json', ...headers });
    this.#response.end(isRaw ? body : JSON.stringify(body));
  }

  /** Accepts a watch; events may follow. */
  open(): this {
    this.#response.writeHead(200, { 'content-type': 'application/json' });
    this.#response.flushHeaders?.();
    return this;
  }

  send(type: string, object: object): this {
    return this.sendText(`${JSON.stringify({ type, object })}\n`);
  }

  sendBookmark(resourceVersion: number): this {
    return this.send('BOOKMARK', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { resourceVersion: String(resourceVersion) },
    });
  }

  /** Says that the streamed list is complete. */
  sendListEnd(resourceVersion: number): this {
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const metadata = { resourceVersion: String(resourceVersion), annotations };
    return this.send('BOOKMARK', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  }

  sendText(text: string | Buffer): this {
    this.#response.write(text);
    return this;
  }

  end(): void {
    this.#response.end();
  }

  /** Breaks the connection with a TCP reset. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }
}

/** How a scripted server is spoken to. Default: HTTP/1.1 in the clear. */
export interface ScriptedServerOptions {
  readonly key: string;
  readonly cert: string;
  /** Offers HTTP/2 as well, for so many requests a connection. */
  readonly http2?: { readonly maxConcurrentStreams: number };
}

/** An API server that does as the test says, over real sockets. */
export class ScriptedServer {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #arrived: Exchange[] = [];
  readonly #waiting: ((exchange: Exchange) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  #handler: ((exchange: Exchange) => void) | undefined;
  /** Every request so far. */
  readonly exchanges: Exchange[] = [];
  connectionCount = 0;
  /** Every HTTP/2 connection so far. */
  readonly sessions: ServerHttp2Session[] = [];

  private constructor(options?: ScriptedServerOptions) {
    const onRequest = (request: Received, response: ServerResponse | Http2ServerResponse): void => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#accept(new Exchange(request, response, Buffer.concat(chunks).toString('utf8'))));
    };
    this.#scheme = options === undefined ? 'http' : 'https';
    this.#server = this.#serve(options, onRequest);
    this.#server.on(options === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.connectionCount += 1;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options?: ScriptedServerOptions): Promise<ScriptedServer> {
    const server = new ScriptedServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  #serve(
    options: ScriptedServerOptions | undefined,
    onRequest: (request: Received, response: ServerResponse | Http2ServerResponse) => void,
  ): Server {
    if (options === undefined) return createServer(onRequest);
    const { key, cert, http2 } = options;
    if (http2 === undefined) return createTlsServer({ key, cert }, onRequest);
    const server = createHttp2Server({ key, cert, allowHTTP1: true, settings: http2 }, onRequest);
    return server.on('session', (session) => this.sessions.push(session));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://127.0.0.1:${port}`;
  }

  get connection(): ClusterConnection {
    return clusterFromToken({ server: this.url, token: 'scripted' });
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Answers every request from now on. */
  always(handler: (exchange: Exchange) => void): void {
    this.#handler = handler;
  }

  /** The next request nobody has taken yet; waits for it. */
  next(): Promise<Exchange> {
    const arrived = this.#arrived.shift();
    return arrived === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(arrived);
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Reads nothing any more: the connections stay, and are dead. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #accept(exchange: Exchange): void {
    this.exchanges.push(exchange);
    const taker = this.#waiting.shift();
    if (taker !== undefined) taker(exchange);
    else if (this.#handler !== undefined) this.#handler(exchange);
    else this.#arrived.push(exchange);
  }
}
