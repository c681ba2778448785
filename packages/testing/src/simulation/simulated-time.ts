import { sleep, systemClock, type Clock } from '@trueup/kube';
import { eventLoopIsQuiet } from './quiet-event-loop.js';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Thrown when something does not happen, however much time passes. */
export class SimulatedTimeoutError extends Error {
  override readonly name = 'SimulatedTimeoutError';
}

/** The same in every run, so that what is stamped with it is, too. */
const START_MS = Date.UTC(2030, 0, 1);
/** Real time, in which nothing passes here. */
const BUSY_RECHECK_MS = 1;
const FOREVER = new AbortController().signal;

/**
 * Time that passes only when nothing else happens: it jumps to the next timer once nobody has anything to do before that.
 * So a minute takes no longer than what is done in it, and a busy machine changes nothing.
 */
export class SimulatedTime implements Clock {
  /** In the order they were set. */
  readonly #timers = new Set<Timer>();
  #nowMs = START_MS;

  /** @param isBusy - Whether somebody with a time of its own, which is not this one, still has something to do. */
  constructor(private readonly isBusy: () => boolean = () => false) {}

  now(): number {
    return this.#nowMs;
  }

  /** Since it began, for people: rounded. */
  get elapsedMs(): number {
    return Math.round(this.#nowMs - START_MS);
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets time pass. Everything that is due by then has happened when it resolves. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.#quiet();
    while (this.#fireNext(endMs)) await this.#quiet();
    this.#nowMs = endMs;
  }

  /** Lets time pass until a promise settles. @throws {@link SimulatedTimeoutError} when it does not in time. */
  async until<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    const endMs = this.#nowMs + limitMs;
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    promise.then(settle, settle);
    await this.#quiet();
    while (!isSettled) {
      if (!this.#fireNext(endMs)) throw new SimulatedTimeoutError(`nothing more happened within ${limitMs} ms`);
      await this.#quiet();
    }
    return promise;
  }

  async #quiet(): Promise<void> {
    await eventLoopIsQuiet();
    while (this.isBusy()) {
      await sleep(systemClock, BUSY_RECHECK_MS, FOREVER);
      await eventLoopIsQuiet();
    }
  }

  #fireNext(endMs: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    if (next === undefined || next.dueMs > endMs) return false;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.callback();
    return true;
  }
}
