import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { gunzipSync } from 'node:zlib';
import type { ClusterConnection } from '@trueup/kube';
import type { Json } from './json.js';

export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Null leaves a header out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string | Buffer;
  /** As whom. Default: the user of the connection. */
  readonly as?: { readonly token: string } | 'anonymous';
  readonly signal: AbortSignal;
}

/** A reply as it came; JSON is parsed where it says that it is JSON. */
export interface ApiReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly warnings: readonly string[];
  readonly text: string;
  readonly json: Json | undefined;
}

/** HTTP towards the server under test, without a client library that would interpret anything on the way. */
export class ApiClient {
  readonly #connection: ClusterConnection;
  readonly #transport: typeof http | typeof https;
  #agents: Promise<{ readonly user: http.Agent; readonly anonymous: http.Agent }> | undefined;

  constructor(connection: ClusterConnection) {
    this.#connection = connection;
    this.#transport = connection.server.startsWith('https:') ? https : http;
  }

  get server(): string {
    return this.#connection.server;
  }

  /** Sends a request; resolves as soon as the head of the reply is there. */
  async open({ method, path, headers = {}, body, as, signal }: ApiRequest): Promise<IncomingMessage> {
    const { authorization } = await this.#connection.credentials.current();
    const all: Record<string, string> = {};
    if (as === undefined && authorization !== undefined) all['Authorization'] = authorization;
    if (typeof as === 'object') all['Authorization'] = `Bearer ${as.token}`;
    if (body !== undefined) all['Content-Length'] = String(Buffer.byteLength(body));
    for (const [name, value] of Object.entries(headers)) if (value !== null) all[name] = value;
    const { user, anonymous } = await (this.#agents ??= this.#makeAgents());
    return new Promise((resolve, reject) => {
      this.#transport
        .request(this.server + path, { method, headers: all, agent: as === undefined ? user : anonymous, signal })
        .on('response', resolve)
        .on('error', reject)
        .end(body);
    });
  }

  async request(request: ApiRequest): Promise<ApiReply> {
    let response: IncomingMessage;
    try {
      response = await this.open(request);
    } catch (error) {
      // A server may close an idle connection in the moment in which it is used again.
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET' && request.method === 'GET')) {
        throw error;
      }
      response = await this.open(request);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      warnings: response.headersDistinct['warning'] ?? [],
      text,
      json: /\bjson\b/.test(response.headers['content-type'] ?? '') ? parseJson(text) : undefined,
    };
  }

  async close(): Promise<void> {
    const agents = await this.#agents;
    agents?.user.destroy();
    agents?.anonymous.destroy();
  }

  async #makeAgents(): Promise<{ user: http.Agent; anonymous: http.Agent }> {
    const { ca, insecureSkipTlsVerify = false, tlsServerName, credentials } = this.#connection;
    const { certificate, key } = await credentials.current();
    const tls = {
      keepAlive: true,
      rejectUnauthorized: !insecureSkipTlsVerify,
      ...(ca === undefined ? {} : { ca }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    };
    return {
      user: new this.#transport.Agent({ ...tls, ...(certificate === undefined ? {} : { cert: certificate, key }) }),
      anonymous: new this.#transport.Agent(tls),
    };
  }
}

/** What is no JSON though it says so is compared as text. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
