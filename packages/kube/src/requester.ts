import { bodyOf, parseAnswer, readBody, refusalOf, type AnswerHead } from './answer.js';
import { Cancellation } from './cancellation.js';
import type { RequestOptions } from './client-options.js';
import { sleep, systemClock, type Clock } from './clock.js';
import type { ClusterConnection } from './cluster.js';
import { ConcurrencyLimit, type Concurrency } from './concurrency-limit.js';
import { KubeError, NetworkError, TimeoutError, WatchStreamError } from './errors.js';
import type { HttpAnswer, HttpRequest, HttpResponse } from './http-message.js';
import { silentLogger, type Logger } from './logger.js';
import { describeOperation, type Operation } from './operation.js';
import { RateLimiter, type RateLimit } from './rate-limiter.js';
import { retryDelayMs, type FailedAttempt } from './retry-policy.js';
import { Transport } from './transport.js';
import { parseWarnings, WarningLog } from './warnings.js';

export interface RequesterOptions {
  /** Default: `trueup-kube`. */
  readonly userAgent?: string;
  /** Where warnings of the server go, each text once. Default: nowhere. */
  readonly logger?: Logger;
  /**
   * How many requests may be sent, retries and beginnings of watches included; more wait. Default: as many as there are,
   * since API servers share their capacity fairly by themselves.
   */
  readonly rateLimit?: RateLimit;
  /**
   * Requests under way at once, watches aside. Fewer while the server says that it has too many (429). Default: 64.
   */
  readonly maxConcurrentRequests?: number;
  /** Whether watches share an HTTP/2 connection where the server offers it. Default: true. */
  readonly http2?: boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Source of jitter, `[0, 1)`. Default: `Math.random`. */
  readonly random?: () => number;
}

/** One HTTP request as an observer sees it; a retried call makes several. */
export interface RequestRecord extends Operation {
  readonly dryRun: boolean;
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** Until the whole answer was there, for a watch until it began. */
  readonly durationMs: number;
  /** How long it was held back before, by the rate limit or since enough others were under way. */
  readonly heldBackMs: number;
  /** Size of the body that was sent; 0 without one. */
  readonly requestBytes: number;
  /** Size of the body that came, unpacked; undefined for a watch, and when no answer came. */
  readonly responseBytes: number | undefined;
  /** Whether the call goes on with another request. */
  readonly isRetried: boolean;
  /** What the server wanted to be said to a person: deprecated versions, unknown fields. */
  readonly warnings: readonly string[];
}

/** How a request differs from a plain GET. */
export interface Exchange {
  readonly method?: HttpRequest['method'];
  readonly path: string;
  /** Default: JSON. */
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly dryRun?: boolean | undefined;
}

/** What calls of a piece of work have beside what the caller says. */
export interface ScopedRequestOptions extends RequestOptions {
  /** Asked each time before the request is sent; what it throws ends it. */
  readonly admit?: () => void;
}

export interface StreamOptions extends RequestOptions {
  /** Ends the stream with an error when not a byte has come for so long. */
  readonly idleTimeoutMs?: number;
  readonly onOpen?: () => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;

const MAX_CONCURRENT_REQUESTS = 64;

/** An answer, or why there is none; with a `failure` it may be worth another attempt. */
type Outcome =
  { readonly status: number; readonly bytes: Buffer } | { readonly error: unknown; readonly failure?: FailedAttempt };

/** What is known about one HTTP request when it is over. */
type Facts = Omit<RequestRecord, keyof Operation | 'dryRun' | 'isRetried'>;

/** Turns operations into HTTP and answers into values or errors: deadlines, retries, limits, observation. */
export class Requester {
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;
  /** The same for answers that are read as a whole. */
  readonly #shortHeaders: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #rateLimiter: RateLimiter | undefined;
  readonly #concurrency: ConcurrencyLimit;
  readonly #observers = new Set<(record: RequestRecord) => void>();
  readonly #underWay = new Set<Cancellation>();

  constructor(connection: ClusterConnection, options: RequesterOptions) {
    const { userAgent = 'trueup-kube', clock = systemClock, random = Math.random, rateLimit, logger } = options;
    this.#transport = new Transport(connection, { clock, http2: options.http2 ?? true });
    this.#headers = { 'user-agent': userAgent };
    this.#shortHeaders =
      connection.compression === true ? { ...this.#headers, 'accept-encoding': 'gzip' } : this.#headers;
    this.#clock = clock;
    this.#random = random;
    this.#rateLimiter = rateLimit === undefined ? undefined : new RateLimiter(rateLimit, clock);
    this.#concurrency = new ConcurrencyLimit(options.maxConcurrentRequests ?? MAX_CONCURRENT_REQUESTS);
    const warnings = new WarningLog(logger ?? silentLogger);
    this.observe((record) => warnings.report(record, record.warnings));
  }

  /** Sends, tries again where that is right, and reads the answer, all within one deadline. */
  async request<T>(operation: Operation, exchange: Exchange, options: ScopedRequestOptions = {}): Promise<T> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, retry = true, admit } = options;
    const deadlineMs = this.#clock.now() + timeoutMs;
    const cancellation = this.#begin(operation, options);
    try {
      const request = this.#prepare(exchange, cancellation, this.#shortHeaders);
      for (let attempt = 0; ; attempt++) {
        const { outcome, facts } = await this.#attempt(operation, request, admit);
        const delayMs = retry ? this.#retryDelayMs(operation, outcome, attempt, deadlineMs) : undefined;
        this.#tell(operation, exchange, facts, delayMs !== undefined);
        if ('bytes' in outcome) return parseAnswer<T>(operation, outcome.status, outcome.bytes);
        if (delayMs === undefined) throw outcome.error;
        await sleep(this.#clock, delayMs, cancellation.signal);
      }
    } finally {
      this.#finish(cancellation);
    }
  }

  /** The body of an answer that goes on, as it comes. The deadline holds until it begins. */
  async *stream(
    operation: Operation,
    exchange: Pick<Exchange, 'path' | 'accept'>,
    options: StreamOptions,
  ): AsyncGenerator<Buffer, void, void> {
    const cancellation = this.#begin(operation, options);
    try {
      const response = await this.#open(operation, exchange, cancellation);
      cancellation.stopTimer();
      options.onOpen?.();
      const expectMore = (): void => this.#expectMore(operation, cancellation, options.idleTimeoutMs);
      expectMore();
      for await (const chunk of this.#chunks(operation, response, cancellation)) {
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

  get concurrency(): Concurrency {
    return this.#concurrency;
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

  #prepare(exchange: Exchange, cancellation: Cancellation, always = this.#headers): HttpRequest {
    const { method = 'GET', path, accept = 'application/json', contentType, body } = exchange;
    const headers =
      contentType === undefined ? { accept, ...always } : { accept, 'content-type': contentType, ...always };
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return { method, path, headers, body: bytes, cancellation };
  }

  /** Sends once, when it is its turn. Rejects only when it is called off before. */
  async #attempt(
    operation: Operation,
    request: HttpRequest,
    admit: (() => void) | undefined,
  ): Promise<{ outcome: Outcome; facts: Facts }> {
    const askedMs = this.#clock.now();
    const { cancellation } = request;
    await this.#rateLimiter?.take(cancellation.signal);
    const place = this.#concurrency.tryEnter() ?? (await this.#concurrency.enter(cancellation.signal));
    try {
      admit?.();
    } catch (error) {
      place.giveBack(false);
      throw error;
    }
    const startMs = this.#clock.now();
    let answer: HttpAnswer | undefined;
    let bytes: Buffer | undefined;
    let outcome: Outcome;
    try {
      answer = await this.#transport.send(request);
      bytes = await bodyOf(answer);
      outcome =
        answer.statusCode >= 400 ? this.#refusal(operation, answer, bytes) : { status: answer.statusCode, bytes };
    } catch (error) {
      outcome = this.#failure(operation, error, cancellation);
    }
    place.giveBack(isOverload(operation, outcome));
    return { outcome, facts: this.#factsOf(request, askedMs, startMs, answer, bytes) };
  }

  async #open(
    operation: Operation,
    exchange: Pick<Exchange, 'path' | 'accept'>,
    cancellation: Cancellation,
  ): Promise<HttpResponse> {
    const request = this.#prepare(exchange, cancellation);
    const askedMs = this.#clock.now();
    await this.#rateLimiter?.take(cancellation.signal);
    const startMs = this.#clock.now();
    let response: HttpResponse | undefined;
    try {
      response = await this.#transport.stream(request);
      if (response.statusCode < 400) return response;
      throw this.#refusal(operation, response, await readBody(response)).error;
    } catch (error) {
      throw this.#explain(operation, error, cancellation);
    } finally {
      this.#tell(operation, exchange, this.#factsOf(request, askedMs, startMs, response), false);
    }
  }

  async *#chunks(
    operation: Operation,
    { body, isCutOff }: HttpResponse,
    cancellation: Cancellation,
  ): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) yield chunk;
      if (isCutOff?.() === true) throw new Error('the connection broke');
    } catch (error) {
      throw this.#explain(operation, error, cancellation);
    }
  }

  #refusal(operation: Operation, head: AnswerHead, bytes: Buffer): Extract<Outcome, { readonly error: unknown }> {
    const { error, ...failure } = refusalOf(operation, head, bytes, this.#clock.now());
    return { error, failure };
  }

  #failure(operation: Operation, error: unknown, cancellation: Cancellation): Outcome {
    const reason = this.#explain(operation, error, cancellation);
    // Only of the network is it known that it may do better the next time.
    return cancellation.isAborted || !(reason instanceof NetworkError)
      ? { error: reason }
      : { error: reason, failure: {} };
  }

  /** How long to wait before the next attempt; undefined when there should be none, or none could end in time. */
  #retryDelayMs({ verb }: Operation, outcome: Outcome, attempt: number, deadlineMs: number): number | undefined {
    if (!('failure' in outcome) || outcome.failure === undefined) return undefined;
    const delayMs = retryDelayMs(outcome.failure, { verb, attempt, random: this.#random });
    return delayMs === undefined || this.#clock.now() + delayMs >= deadlineMs ? undefined : delayMs;
  }

  #factsOf(
    { body }: HttpRequest,
    askedMs: number,
    startMs: number,
    head: AnswerHead | undefined,
    bytes?: Buffer,
  ): Facts {
    return {
      status: head?.statusCode,
      durationMs: this.#clock.now() - startMs,
      heldBackMs: startMs - askedMs,
      requestBytes: body?.length ?? 0,
      responseBytes: bytes?.length,
      warnings: parseWarnings(head?.headers['warning']),
    };
  }

  #tell(operation: Operation, { dryRun = false }: Exchange, facts: Facts, isRetried: boolean): void {
    const { verb, resource, subresource, namespace, name, labelSelector, fieldSelector } = operation;
    const record: RequestRecord = {
      verb,
      resource,
      subresource,
      namespace,
      name,
      labelSelector,
      fieldSelector,
      dryRun,
      isRetried,
      // Last: a field that is new after a spread costs a microsecond.
      ...facts,
    };
    for (const observer of this.#observers) observer(record);
  }

  /** Why a request failed: it was called off, it went wrong in a way we know, or the network did it. */
  #explain(operation: Operation, error: unknown, cancellation: Cancellation): unknown {
    if (cancellation.isAborted) return cancellation.reason;
    if (error instanceof KubeError && !(error instanceof NetworkError)) return error;
    const { message, cause } = this.#transport.networkError(error);
    return new NetworkError(`${describeOperation(operation)}: ${message}`, { cause });
  }
}

/** An eviction is refused with the same status, for the sake of a disruption budget. */
function isOverload({ subresource }: Operation, outcome: Outcome): boolean {
  return 'failure' in outcome && outcome.failure?.status === 429 && subresource !== 'eviction';
}
