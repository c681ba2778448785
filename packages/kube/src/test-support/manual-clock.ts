import type { Clock } from '../clock.js';

interface Timer {
  readonly dueMs: number;
  readonly delayMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until told to go on. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Delays of the timers that are set, shortest first. */
  get delays(): readonly number[] {
    return [...this.#timers].map(({ delayMs }) => delayMs).sort((a, b) => a - b);
  }

  /** Lets time pass; timers fire in order, those that they set as well. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.dueMs;
      next.callback();
    }
    this.#nowMs = untilMs;
  }
}

const LIMIT_MS = 20_000;

/** Lets the event loop run until something has happened. @throws after 20 seconds: jest waits for loops. */
export async function until(hasHappened: () => boolean): Promise<void> {
  const giveUpAtMs = performance.now() + LIMIT_MS;
  while (!hasHappened()) {
    if (performance.now() > giveUpAtMs) throw new Error(`not within ${LIMIT_MS / 1000} s: ${String(hasHappened)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
