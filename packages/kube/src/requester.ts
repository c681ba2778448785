import { Cancellation } from './cancellation.js';
import type { RequestOptions } from './client-options.js';
import { sleep, systemClock, type Clock } from './clock.js';
import type { ClusterConnection } from './cluster.js';
import { errorFromStatus, KubeError, NetworkError, ServerError, TimeoutError, WatchStreamError } from './errors.js';
import { describeOperation, type Operation } from './operation.js';
import { retryAfterMs, retryDelayMs, type FailedAttempt } from './retry-policy.js';
import { isStatus } from './status.js';
import { Transport, type HttpRequest, type HttpResponse } from './transport.js';

export interface RequesterOptions {
  /** Default: `trueup-kube`. */
  readonly userAgent?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Source of jitter, `[0, 1)`. Default: `Math.random`. */
  readonly random?: () => number;
}

/** One HTTP request as an observer sees it; a retried call makes several. */
export interface RequestRecord extends Operation {
  readonly dryRun: boolean;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Until the answer, for a watch until it began. */
  readonly durationMs: number;
  /** What the server wanted to be said to a person: deprecated versions, unknown fields. */
  readonly warnings: readonly string[];
}

/** How a request differs from a plain GET. */
export interface Exchange {
  readonly method?: HttpRequest['method'];
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly dryRun?: boolean | undefined;
}

export interface StreamOptions extends RequestOptions {
  /** Ends the stream with an error when not a byte has come for so long. */
  readonly idleTimeoutMs?: number;
  readonly onOpen?: () => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;

type Refused = FailedAttempt & { readonly error: KubeError };

type Outcome<T> = { readonly value: T } | Refused;

/** Turns operations into HTTP and answers into values or errors: deadlines, retries, observation. */
export class Requester {
  readonly #transport: Transport;
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #observers = new Set<(record: RequestRecord) => void>();
  readonly #underWay = new Set<Cancellation>();

  constructor(connection: ClusterConnection, options: RequesterOptions) {
    const { userAgent = 'trueup-kube', clock = systemClock, random = Math.random } = options;
    this.#transport = new Transport(connection);
    this.#userAgent = userAgent;
    this.#clock = clock;
    this.#random = random;
  }

  /** Sends, tries again where that is right, and reads the answer, all within one deadline. */
  async request<T>(operation: Operation, exchange: Exchange, options: RequestOptions = {}): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, retry = true } = options;
    const deadlineMs = this.#clock.now() + timeoutMs;
    const cancellation = this.#begin(operation, options);
    try {
      for (let attempt = 0; ; attempt++) {
        const outcome = await this.#attempt<T>(operation, exchange, cancellation.signal);
        if ('value' in outcome) return outcome.value;
        const circumstances = { verb: operation.verb, attempt, random: this.#random };
        const delayMs = retry ? retryDelayMs(outcome, circumstances) : undefined;
        if (delayMs === undefined || this.#clock.now() + delayMs >= deadlineMs) throw outcome.error;
        await sleep(this.#clock, delayMs, cancellation.signal);
      }
    } finally {
      this.#finish(cancellation);
    }
  }

  /** The body of an answer that goes on, as it comes. The deadline holds until it begins. */
  async *stream(operation: Operation, path: string, options: StreamOptions): AsyncGenerator<Buffer, void, void> {
    const cancellation = this.#begin(operation, options);
    try {
      const { body } = await this.#open(operation, path, cancellation.signal);
      cancellation.stopTimer();
      options.onOpen?.();
      const expectMore = (): void => this.#expectMore(operation, cancellation, options.idleTimeoutMs);
      expectMore();
      for await (const chunk of this.#chunks(operation, body, cancellation.signal)) {
        expectMore();
        yield chunk;
      }
    } finally {
      // Nobody has read the body when `onOpen` throws.
      cancellation.abort();
      this.#finish(cancellation);
    }
  }

  observe(observer: (record: RequestRecord) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  close(): Promise<void> {
    const reason = new NetworkError('The client was closed');
    for (const cancellation of this.#underWay) cancellation.abort(reason);
    return this.#transport.close();
  }

  #begin(operation: Operation, { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: RequestOptions): Cancellation {
    const cancellation = new Cancellation(signal);
    this.#underWay.add(cancellation);
    cancellation.abortAfter(this.#clock, timeoutMs, () => {
      return new TimeoutError(`${describeOperation(operation)}: no answer within ${timeoutMs} ms`);
    });
    return cancellation;
  }

  #finish(cancellation: Cancellation): void {
    cancellation.release();
    this.#underWay.delete(cancellation);
  }

  #expectMore(operation: Operation, cancellation: Cancellation, idleTimeoutMs: number | undefined): void {
    if (idleTimeoutMs === undefined) return;
    cancellation.abortAfter(this.#clock, idleTimeoutMs, () => {
      return new WatchStreamError(operation, 'idle', `nothing came for ${idleTimeoutMs} ms, not even a bookmark`);
    });
  }

  async #attempt<T>(operation: Operation, exchange: Exchange, signal: AbortSignal): Promise<Outcome<T>> {
    try {
      const response = await this.#send(operation, exchange, signal, false);
      if (response.statusCode >= 400) return await this.#refusal(operation, response);
      return { value: parseAnswer<T>(operation, await response.body.text()) };
    } catch (error) {
      const reason = this.#explain(operation, error, signal);
      if (signal.aborted || !(reason instanceof NetworkError)) throw reason;
      return { error: reason };
    }
  }

  async #open(operation: Operation, path: string, signal: AbortSignal): Promise<HttpResponse> {
    try {
      const response = await this.#send(operation, { path }, signal, true);
      if (response.statusCode >= 400) throw (await this.#refusal(operation, response)).error;
      return response;
    } catch (error) {
      throw this.#explain(operation, error, signal);
    }
  }

  async *#chunks(operation: Operation, body: HttpResponse['body'], signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) yield chunk;
    } catch (error) {
      throw this.#explain(operation, error, signal);
    }
  }

  /** The error for an answer of 400 and above. */
  async #refusal(operation: Operation, response: HttpResponse): Promise<Refused> {
    const body = tryParse(await response.body.text());
    const status = isStatus(body) ? body : undefined;
    const header = response.headers['retry-after'];
    const waitMs = retryAfterMs(Array.isArray(header) ? header[0] : header, this.#clock.now());
    return {
      error: errorFromStatus(operation, response.statusCode, status, waitMs),
      status: response.statusCode,
      retryAfterMs: waitMs,
    };
  }

  async #send(
    operation: Operation,
    { method = 'GET', path, contentType, body, dryRun = false }: Exchange,
    signal: AbortSignal,
    streaming: boolean,
  ): Promise<HttpResponse> {
    const startMs = this.#clock.now();
    const headers = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      ...(contentType !== undefined && { 'content-type': contentType }),
    };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    let response: HttpResponse | undefined;
    try {
      response = await this.#transport.send({ method, path, headers, signal, streaming, ...payload });
      return response;
    } finally {
      const answer = response && { status: response.statusCode };
      const durationMs = this.#clock.now() - startMs;
      const warnings = parseWarnings(response?.headers['warning']);
      for (const observer of this.#observers) observer({ ...operation, dryRun, ...answer, durationMs, warnings });
    }
  }

  /** Why a request failed: it was called off, it went wrong in a way we know, or the network did it. */
  #explain(operation: Operation, error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof KubeError && !(error instanceof NetworkError)) return error;
    const { message, cause } = this.#transport.networkError(error);
    return new NetworkError(`${describeOperation(operation)}: ${message}`, { cause });
  }
}

function parseAnswer<T>(operation: Operation, text: string): T {
  const answer = tryParse(text);
  if (typeof answer === 'object' && answer !== null) return answer as T;
  throw new ServerError({ operation, status: 200, reason: 'Unknown', message: 'the answer is not JSON', causes: [] });
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Texts of `299 - "…"` warnings (RFC 7234, section 5.5, as Kubernetes uses it). */
function parseWarnings(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const joined = Array.isArray(header) ? header.join(', ') : header;
  return [...joined.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}
