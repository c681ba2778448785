import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.js';

/**
 * A signal of our own that follows the caller's.
 *
 * `AbortSignal.any` keeps every derived signal reachable from a long-lived parent on Node 20; this one lets go in
 * {@link Cancellation.release}.
 */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => this.abort(this.#parent?.reason);
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

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
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
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
