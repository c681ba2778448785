import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.js';

/**
 * What calls off one piece of work: the caller's signal, a timer, or a word.
 *
 * `AbortSignal.any` keeps every derived signal reachable from a long-lived parent on Node 20; this one lets go in
 * {@link Cancellation.release}. And it is not a signal itself: to make one and have it listened to takes as long as
 * everything else that a short request does beside HTTP.
 */
export class Cancellation {
  readonly #parent: AbortSignal | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #follow = (): void => this.abort(this.#parent?.reason);
  #aborted: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted) this.abort(parent.reason);
    else if (parent !== undefined) {
      // Many requests may have one signal; Node takes more than ten listeners for a leak unless told.
      setMaxListeners(0, parent);
      parent.addEventListener('abort', this.#follow, { once: true });
    }
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** Why; undefined until it is aborted. */
  get reason(): unknown {
    return this.#aborted?.reason;
  }

  /** The same as a signal, made when it is first asked for. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isAborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** Aborts, the first time. Default reason: an `AbortError`, as that of a signal. */
  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.isAborted) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** Calls the listener once: when it aborts, or now if it has. Returns what takes that back. */
  onAbort(listener: () => void): () => void {
    if (this.isAborted) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for a promise no longer than this allows; what the promise stands for goes on by itself. */
  orAborted<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.onAbort(() => reject(this.reason));
      promise.then(
        (value) => {
          forget();
          resolve(value);
        },
        (error: unknown) => {
          forget();
          reject(error);
        },
      );
    });
  }

  /** Aborts with this reason after a while, unless released or called again before. */
  abortAfter(clock: Clock, delayMs: number, reason: () => Error): void {
    this.#cancelTimer?.();
    this.#cancelTimer = clock.schedule(delayMs, () => this.abort(reason()));
  }

  /** Takes back what {@link Cancellation.abortAfter} set up. */
  stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Stops following the parent and forgets the timer. */
  release(): void {
    this.stopTimer();
    this.#parent?.removeEventListener('abort', this.#follow);
  }
}

/** Waits for a promise no longer than the signal allows; what the promise stands for goes on by itself. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const cancellation = new Cancellation(signal);
  return cancellation.orAborted(promise).finally(() => cancellation.release());
}
