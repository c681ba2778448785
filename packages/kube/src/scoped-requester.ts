import type { RequestOptions } from './client-options.js';
import type { Operation } from './operation.js';
import type { Exchange, Requester, ScopedRequestOptions, StreamOptions } from './requester.js';

/** Told when a call begins; what it returns is told when the call has ended, and with what error if it failed. */
export type CallObserver = (operation: Operation) => (error?: unknown) => void;

/** What calls made on behalf of one piece of work have in common. */
export interface CallScope {
  /** Aborts every call, beside the signal it is made with. */
  readonly signal: AbortSignal;
  /** Told of every call but watches; retries of a call belong to it. */
  readonly onCall?: CallObserver;
  /** Asked before a call is sent, and again before each retry, watches apart. What it throws ends the call. */
  readonly admit?: (operation: Operation) => void;
}

/** What a client asks of a requester. */
export type RequesterLike = Pick<Requester, 'request' | 'stream' | 'observe' | 'concurrency' | 'close'>;

/** A requester for one piece of work: its calls end with it and are told to its observer. */
export class ScopedRequester implements RequesterLike {
  constructor(
    private readonly requester: RequesterLike,
    private readonly scope: CallScope,
  ) {}

  async request<T>(operation: Operation, exchange: Exchange, options: ScopedRequestOptions = {}): Promise<T> {
    const admit = (): void => {
      options.admit?.();
      this.scope.admit?.(operation);
    };
    const end = this.scope.onCall?.(operation);
    try {
      const answer = await this.requester.request<T>(operation, exchange, { ...this.#within(options), admit });
      end?.();
      return answer;
    } catch (error) {
      end?.(error);
      throw error;
    }
  }

  stream(
    operation: Operation,
    exchange: Pick<Exchange, 'path' | 'accept'>,
    options: StreamOptions,
  ): AsyncGenerator<Buffer, void, void> {
    return this.requester.stream(operation, exchange, this.#within(options));
  }

  get concurrency(): Requester['concurrency'] {
    return this.requester.concurrency;
  }

  observe(...parameters: Parameters<Requester['observe']>): () => void {
    return this.requester.observe(...parameters);
  }

  close(): Promise<void> {
    return this.requester.close();
  }

  #within<O extends RequestOptions>(options: O): O {
    const { signal } = this.scope;
    const { signal: own = signal } = options;
    return { ...options, signal: own === signal ? signal : AbortSignal.any([own, signal]) };
  }
}
