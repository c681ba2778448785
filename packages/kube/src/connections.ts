import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { ClusterConnection } from './cluster.js';
import type { Clock } from './clock.js';
import type { HttpAnswer, HttpRequest, HttpResponse } from './http-message.js';
import { Http2Streams } from './http2-streams.js';
import { wholeAnswer } from './whole-answer.js';

/** Below the idle timeouts of the API server (90 s) and of common load balancers (60 s). */
const KEEP_ALIVE_MS = 30_000;

const CONNECT_TIMEOUT_MS = 10_000;

/** What connections to one server depend on and may change while the process runs. */
export interface TlsIdentity {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

type Connected = (...outcome: [error: null, socket: Socket] | [error: Error, socket: null]) => void;

/**
 * The connections to one API server under one TLS identity. Short requests have a pool that speaks HTTP/1.1: in Node.js
 * it takes a third less CPU time than HTTP/2. Watches share an HTTP/2 connection where the server offers it: that takes a
 * third less than a connection each, a watch begins without a handshake, and a dead connection is noticed by its pings
 * (`npm run bench -- transport`).
 */
export class Connections {
  readonly #origin: string;
  readonly #identity: TlsIdentity;
  readonly #short: Dispatcher;
  /** For watches where HTTP/2 is not to be had; each has a connection of its own. */
  readonly #streaming: Dispatcher;
  readonly #http2: Http2Streams | undefined;

  constructor(
    base: URL,
    connection: ClusterConnection,
    identity: TlsIdentity,
    { clock, http2 }: { readonly clock: Clock; readonly http2: boolean },
  ) {
    const { tlsServerName, insecureSkipTlsVerify, proxyUrl, connect: open } = connection;
    this.#origin = base.origin;
    this.#identity = identity;
    const tls = {
      ...(identity.ca !== undefined && { ca: identity.ca }),
      ...(identity.certificate !== undefined && { cert: identity.certificate }),
      ...(identity.key !== undefined && { key: identity.key }),
      ...(tlsServerName !== undefined && { servername: tlsServerName }),
      // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
      rejectUnauthorized: insecureSkipTlsVerify !== true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    };
    const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS };
    const connector = open && { connect: connectorOf(open) };
    // As many connections as there are requests at once; who limits those is the caller.
    const options = { connections: null, keepAliveTimeout: KEEP_ALIVE_MS };
    const dispatcher = (): Dispatcher =>
      proxyUrl === undefined || connector !== undefined
        ? new Pool(base.origin, { ...options, connect, ...connector })
        : new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connect });
    this.#short = dispatcher();
    this.#streaming = dispatcher();
    const isDirect = base.protocol === 'https:' && proxyUrl === undefined && open === undefined;
    this.#http2 = http2 && isDirect ? new Http2Streams(base, tls, clock) : undefined;
  }

  areOf({ certificate, key, ca }: TlsIdentity): boolean {
    const own = this.#identity;
    return own.certificate === certificate && own.key === key && own.ca === ca;
  }

  send(request: HttpRequest): Promise<HttpAnswer> {
    return wholeAnswer(this.#short, this.#origin, request);
  }

  async stream(request: HttpRequest): Promise<HttpResponse> {
    return (await this.#http2?.request(request)) ?? this.#begin(request);
  }

  /** Lets what is under way finish. */
  async retire(): Promise<void> {
    this.#http2?.close();
    await Promise.all([this.#short.close(), this.#streaming.close()]);
  }

  async destroy(): Promise<void> {
    this.#http2?.destroy();
    await Promise.all([this.#short.destroy(), this.#streaming.destroy()]);
  }

  #begin({ method, path, headers, body, cancellation }: HttpRequest): Promise<HttpResponse> {
    return this.#streaming.request({
      origin: this.#origin,
      path,
      method,
      headers,
      body: body ?? null,
      signal: cancellation.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}

/** Has undici use what is opened in place of a socket. It counts on being told later, and asks nothing that a Duplex has not. */
function connectorOf(open: () => Duplex): (options: unknown, callback: Connected) => void {
  const opened = (): Parameters<Connected> => {
    try {
      return [null, open() as Socket];
    } catch (error) {
      return [error instanceof Error ? error : new Error(String(error)), null];
    }
  };
  return (_, callback) => queueMicrotask(() => callback(...opened()));
}
