import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import { abortable } from './cancellation.js';
import type { ClusterConnection } from './cluster.js';
import { sameCredentials, type Credentials } from './credentials.js';
import { ClusterConfigError, NetworkError } from './errors.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the server's base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborts the request, and later the reading of the body. */
  readonly signal: AbortSignal;
  /** The answer goes on for minutes, so it must not hold one of the places for short requests. */
  readonly streaming: boolean;
}

export type HttpResponse = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>;

/** Short requests at once; more wait their turn. Watches come on top, each has its own connection. */
const MAX_CONNECTIONS = 64;

/** Below the idle timeouts of the API server (90 s) and of common load balancers (60 s). */
const KEEP_ALIVE_MS = 30_000;

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * HTTP to one API server: keeps connections, logs in, and turns what can go wrong on a network into one error.
 * Timeouts other than for connecting are the caller's, by signal.
 */
export class Transport {
  readonly #connection: ClusterConnection;
  readonly #base: URL;
  readonly #pathPrefix: string;
  #ca: string | undefined;
  #pools: Pools | undefined;
  #isClosed = false;

  constructor(connection: ClusterConnection) {
    if (!URL.canParse(connection.server)) {
      throw new ClusterConfigError(
        `Cluster ${connection.name}: not a server URL: ${JSON.stringify(connection.server)}`,
      );
    }
    this.#connection = connection;
    this.#base = new URL(connection.server);
    this.#pathPrefix = this.#base.pathname.replace(/\/+$/, '');
    this.#ca = connection.ca;
  }

  /** @throws {@link NetworkError}, or the signal's reason. Any HTTP status is an answer. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { credentials: provider } = this.#connection;
    const credentials = await abortable(provider.current(), request.signal);
    const response = await this.#sendTrusting(request, credentials);
    if (response.statusCode !== 401) return response;

    provider.refused(credentials);
    const renewed = await abortable(provider.current(), request.signal);
    if (sameCredentials(credentials, renewed)) return response;
    await response.body.dump();
    return this.#sendTrusting(request, renewed);
  }

  /** Breaks off what is under way and closes every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pools?.destroy();
  }

  /** Sends, and if the server's certificate does not fit, looks once for a new certificate authority. */
  async #sendTrusting(request: HttpRequest, credentials: Credentials): Promise<HttpResponse> {
    try {
      return await this.#sendOnce(request, credentials);
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (this.#connection.reloadCa !== undefined && isCertificateError(error)) {
        const ca = await this.#connection.reloadCa();
        if (ca !== this.#ca) {
          this.#ca = ca;
          return this.#sendTrusting(request, credentials);
        }
      }
      throw this.networkError(error);
    }
  }

  async #sendOnce(request: HttpRequest, credentials: Credentials): Promise<HttpResponse> {
    if (this.#isClosed) throw new Error('the client is closed');
    const pools = this.#poolsFor(credentials);
    const { authorization } = credentials;
    return (request.streaming ? pools.streaming : pools.short).request({
      origin: this.#base.origin,
      path: this.#pathPrefix + request.path,
      method: request.method,
      headers: { ...request.headers, ...(authorization !== undefined && { authorization }) },
      body: request.body ?? null,
      signal: request.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Connections belong to a TLS identity: a rotated certificate or authority gets new ones, the old finish and go. */
  #poolsFor({ certificate, key }: Credentials): Pools {
    const tls = { certificate, key, ca: this.#ca };
    if (this.#pools !== undefined && !this.#pools.fits(tls)) {
      void this.#pools.retire();
      this.#pools = undefined;
    }
    this.#pools ??= new Pools(this.#base.origin, this.#connection, tls);
    return this.#pools;
  }

  /** The error of the HTTP library in our words; also for bodies that break off. */
  networkError(error: unknown): NetworkError {
    if (error instanceof NetworkError) return error;
    return new NetworkError(`${this.#base.host}: ${explain(error)}`, { cause: error });
  }
}

interface TlsIdentity {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

class Pools {
  readonly #tls: TlsIdentity;
  readonly short: Dispatcher;
  readonly streaming: Dispatcher;

  constructor(origin: string, { tlsServerName, insecureSkipTlsVerify, proxyUrl }: ClusterConnection, tls: TlsIdentity) {
    this.#tls = tls;
    const connect = {
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.certificate !== undefined && { cert: tls.certificate }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tlsServerName !== undefined && { servername: tlsServerName }),
      // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
      rejectUnauthorized: insecureSkipTlsVerify !== true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      timeout: CONNECT_TIMEOUT_MS,
    };
    const dispatcher = (connections: number | null): Dispatcher =>
      proxyUrl === undefined
        ? new Pool(origin, { connections, keepAliveTimeout: KEEP_ALIVE_MS, connect })
        : new ProxyAgent({ uri: proxyUrl, connections, keepAliveTimeout: KEEP_ALIVE_MS, requestTls: connect });
    this.short = dispatcher(MAX_CONNECTIONS);
    this.streaming = dispatcher(null);
  }

  fits({ certificate, key, ca }: TlsIdentity): boolean {
    return this.#tls.certificate === certificate && this.#tls.key === key && this.#tls.ca === ca;
  }

  async retire(): Promise<void> {
    await Promise.all([this.short.close(), this.streaming.close()]);
  }

  async destroy(): Promise<void> {
    await Promise.all([this.short.destroy(), this.streaming.destroy()]);
  }
}

/** What went wrong, by Node's or undici's code. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused; is the API server running there?',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host name lookup failed',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  UND_ERR_SOCKET: 'connection closed by the other side',
  UND_ERR_DESTROYED: 'the client is closed',
  UND_ERR_CLOSED: 'the client is closed',
};

function explain(error: unknown): string {
  const explanation = EXPLANATIONS[textOf(error, 'code') ?? ''];
  return explanation ?? textOf(error, 'message') ?? textOf(error, 'code') ?? 'connection failed';
}

/** A field of an error, without asking for its class: errors of Node.js may come from another realm, as in Jest. */
function textOf(error: unknown, field: 'code' | 'message'): string | undefined {
  if (typeof error !== 'object' || error === null || !(field in error)) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Codes of OpenSSL's verification, as Node.js reports them, that a new certificate authority may cure. */
const CERTIFICATE_CODES = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
]);

function isCertificateError(error: unknown): boolean {
  return CERTIFICATE_CODES.has(textOf(error, 'code') ?? '');
}
