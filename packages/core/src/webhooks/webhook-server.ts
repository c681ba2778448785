import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { abortable, type Clock, type Logger } from '@trueup/kube';
import { sharedAbortController } from '../abort-signals.js';
import { Deadline } from '../engine/deadline.js';
import { messageOf } from '../errors.js';
import { parseGoDuration } from '../formats/go-duration.js';
import type { BindAddress } from '../server/bind-address.js';
import type { ServingCertificate } from './certificates/serving-certificate.js';
import { ReviewError } from './review.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import type { WebhookObserver } from './webhook-observer.js';

/** What the API server waits for a conversion, and the most that it waits for anything. */
const LONGEST_WAIT_MS = 30_000;
/** Longer than Go's client keeps an idle connection, so that none is closed here just as the next review is sent. */
const KEEP_ALIVE_MS = 120_000;

export interface WebhookServerSettings {
  readonly address: BindAddress;
  readonly certificate: ServingCertificate;
  readonly endpoints: readonly WebhookEndpoint[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer?: WebhookObserver;
}

/** The HTTPS server that the API server posts its reviews to. */
export class WebhookServer {
  readonly #server: Server;
  readonly #endpoints: ReadonlyMap<string, WebhookEndpoint>;
  readonly #stop = sharedAbortController();
  readonly #underWay = new Set<Promise<void>>();

  private constructor(private readonly settings: WebhookServerSettings) {
    const { certificate, endpoints, observer } = settings;
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
    for (const { path } of endpoints) observer?.serves(path);
    this.#server = createServer(
      {
        ...tls(certificate),
        minVersion: 'TLSv1.2',
        keepAliveTimeout: KEEP_ALIVE_MS,
        requestTimeout: LONGEST_WAIT_MS,
      },
      (request, response) => this.#accept(request, response),
    );
  }

  /** @throws the system's error when the address can't be taken, OpenSSL's when the certificate cannot be used. */
  static async listen(settings: WebhookServerSettings): Promise<WebhookServer> {
    const server = new WebhookServer(settings);
    const { host, port } = settings.address;
    server.#server.listen(port, host);
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Shows this certificate from the next connection on. */
  use(certificate: ServingCertificate): void {
    this.#server.setSecureContext(tls(certificate));
  }

  /** Takes no more connections, waits so long for what is under way, and closes. */
  async close(graceMs = 0): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const abort = (): void => this.#stop.abort(new Error('the operator stops'));
    const cancel = graceMs > 0 ? this.settings.clock.schedule(graceMs, abort) : abort();
    await Promise.all(this.#underWay);
    cancel?.();
    this.#server.closeAllConnections();
    await closed;
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const answered = this.#answer(request, response).finally(() => this.#underWay.delete(answered));
    this.#underWay.add(answered);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, waitMs } = destinationOf(request);
    const endpoint = this.#endpoints.get(pathname);
    const ended = endpoint && this.settings.observer?.began(endpoint.path);
    const reply =
      endpoint === undefined ? textReply(404, 'not found') : await this.#review(endpoint, request, response, waitMs);
    ended?.(reply.status);
    await send(response, reply);
  }

  async #review(
    endpoint: WebhookEndpoint,
    request: IncomingMessage,
    response: ServerResponse,
    waitMs: number,
  ): Promise<Reply> {
    if (request.method !== 'POST') return textReply(405, 'method not allowed');
    if (!isJson(request)) return textReply(400, 'expected application/json');
    const deadline = new Deadline(this.#stop.signal, {
      clock: this.settings.clock,
      deadlineMs: waitMs,
      onExpired: () => new Error(`no answer within ${waitMs} ms`),
    });
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the API server has hung up')));
    const signal = AbortSignal.any([deadline.signal, gone.signal]);
    try {
      const body = await bodyOf(request, endpoint.maxBytes);
      if (body === undefined) return textReply(413, `a review has at most ${endpoint.maxBytes} bytes`);
      // A webhook that does not heed its signal is not waited for.
      const answer = await abortable(endpoint.answer(parse(body), signal), signal);
      return { status: 200, contentType: 'application/json', text: JSON.stringify(answer) };
    } catch (error) {
      if (error instanceof ReviewError) return textReply(400, error.message);
      this.settings.log.error({ webhook: endpoint.path, error: messageOf(error) }, 'webhook failed');
      // What went wrong may quote the object, and who made the request need not be who may read the log.
      return textReply(500, 'the webhook failed; the log of the operator says why');
    } finally {
      deadline.release();
    }
  }
}

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

function textReply(status: number, text: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', text: `${text}\n` };
}

const tls = ({ certificate, key }: ServingCertificate) => ({ cert: certificate, key });

/** The path, and how long the API server says it waits: `?timeout=10s`. */
function destinationOf({ url = '/' }: IncomingMessage): { readonly pathname: string; readonly waitMs: number } {
  const [pathname = '', query = ''] = url.split('?', 2);
  const said = Number((parseGoDuration(new URLSearchParams(query).get('timeout') ?? '') ?? 0n) / 1_000_000n);
  return { pathname, waitMs: said > 0 ? Math.min(said, LONGEST_WAIT_MS) : LONGEST_WAIT_MS };
}

function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

/** Undefined when there are more bytes than that. They are let through all the same: who still writes reads no answer. */
async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReviewError('the body is not JSON');
  }
}

async function send(response: ServerResponse, { status, contentType, text }: Reply): Promise<void> {
  response.writeHead(status, { 'content-type': contentType });
  response.end(text);
  // Who has hung up does not get it.
  await finished(response).catch(() => undefined);
}
