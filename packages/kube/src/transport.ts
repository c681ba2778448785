import { finished } from 'node:stream/promises';
import type { Clock } from './clock.js';
import type { ClusterConnection } from './cluster.js';
import { Connections } from './connections.js';
import { sameCredentials, type Credentials } from './credentials.js';
import { ClusterConfigError, NetworkError } from './errors.js';
import type { HttpAnswer, HttpRequest, HttpResponse } from './http-message.js';
import { impersonationHeaders } from './impersonation.js';

export interface TransportOptions {
  readonly clock: Clock;
  /** Whether watches may share an HTTP/2 connection. */
  readonly http2: boolean;
}

/** How a request is sent once it is known on which connections, and as whom. */
type Send<A> = (connections: Connections, request: HttpRequest) => Promise<A>;

/**
 * HTTP to one API server: keeps connections, logs in, and turns what can go wrong on a network into one error.
 * Timeouts other than for connecting are the caller's, by cancellation.
 */
export class Transport {
  readonly #connection: ClusterConnection;
  readonly #options: TransportOptions;
  readonly #base: URL;
  readonly #pathPrefix: string;
  readonly #impersonation: Readonly<Record<string, string | string[]>>;
  #ca: string | undefined;
  #connections: Connections | undefined;
  #isClosed = false;

  constructor(connection: ClusterConnection, options: TransportOptions) {
    if (!URL.canParse(connection.server)) {
      throw new ClusterConfigError(
        `Cluster ${connection.name}: not a server URL: ${JSON.stringify(connection.server)}`,
      );
    }
    this.#connection = connection;
    this.#options = options;
    this.#base = new URL(connection.server);
    this.#pathPrefix = this.#base.pathname.replace(/\/+$/, '');
    this.#impersonation = impersonationHeaders(connection.impersonate);
    this.#ca = connection.ca;
  }

  /** Sends a request with a short answer. @throws {@link NetworkError}, or why it was called off. */
  send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#send(request, (connections, complete) => connections.send(complete));
  }

  /** Sends a request whose answer goes on, so that it must not hold one of the places for short ones. @throws as send. */
  stream(request: HttpRequest): Promise<HttpResponse> {
    return this.#send(request, (connections, complete) => connections.stream(complete));
  }

  /** Breaks off what is under way and closes every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connections?.destroy();
  }

  async #send<A extends HttpAnswer | HttpResponse>(request: HttpRequest, send: Send<A>): Promise<A> {
    const { credentials: provider } = this.#connection;
    const credentials = await request.cancellation.orAborted(provider.current());
    const response = await this.#sendTrusting(request, credentials, send);
    if (response.statusCode !== 401) return response;

    provider.refused(credentials);
    const renewed = await request.cancellation.orAborted(provider.current());
    if (sameCredentials(credentials, renewed)) return response;
    // Read to its end, or the connection would be lost.
    if ('body' in response) await finished(response.body.resume(), { writable: false });
    return this.#sendTrusting(request, renewed, send);
  }

  /** Sends, and if the server's certificate does not fit, looks once for a new certificate authority. */
  async #sendTrusting<A>(request: HttpRequest, credentials: Credentials, send: Send<A>): Promise<A> {
    try {
      return await this.#sendOnce(request, credentials, send);
    } catch (error) {
      if (request.cancellation.isAborted) throw request.cancellation.reason;
      if (this.#connection.reloadCa !== undefined && isCertificateError(error)) {
        const ca = await this.#connection.reloadCa();
        if (ca !== this.#ca) {
          this.#ca = ca;
          return this.#sendTrusting(request, credentials, send);
        }
      }
      throw this.networkError(error);
    }
  }

  async #sendOnce<A>(request: HttpRequest, credentials: Credentials, send: Send<A>): Promise<A> {
    if (this.#isClosed) throw new Error('the client is closed');
    const { authorization } = credentials;
    const headers = authorization === undefined ? { ...request.headers } : { authorization, ...request.headers };
    const path = this.#pathPrefix + request.path;
    return send(this.#connectionsFor(credentials), {
      ...request,
      path,
      headers: Object.assign(headers, this.#impersonation),
    });
  }

  /** Connections belong to a TLS identity: a rotated certificate or authority gets new ones, the old finish and go. */
  #connectionsFor({ certificate, key }: Credentials): Connections {
    const identity = { certificate, key, ca: this.#ca };
    if (this.#connections !== undefined && !this.#connections.areOf(identity)) {
      void this.#connections.retire();
      this.#connections = undefined;
    }
    this.#connections ??= new Connections(this.#base, this.#connection, identity, this.#options);
    return this.#connections;
  }

  /** The error of the HTTP library in our words; also for bodies that break off. */
  networkError(error: unknown): NetworkError {
    if (error instanceof NetworkError) return error;
    return new NetworkError(`${this.#base.host}: ${explain(error)}`, { cause: error });
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
  ERR_STREAM_PREMATURE_CLOSE: 'connection closed by the other side',
  ERR_HTTP2_SESSION_ERROR: 'connection closed by the other side',
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
