import type { Clock } from '../clock.js';

export interface AlarmsOptions {
  readonly clock: Clock;
  /** Called with each key whose time has come. */
  ring(key: string): void;
}

/** The longest that a timer of Node can wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** A clock that stands still while its timers run is not asked more often than this. */
const SHORTEST_SECOND_LOOK_MS = 1000;

/**
 * Keys that are to be looked at again at some time of the server's clock.
 *
 * Whoever moves a clock that has no timers of its own calls {@link Alarms.ringDue}.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #due = new Map<string, number>();
  #cancel: (() => void) | undefined;
  /** When the timer is to fire, by the server's clock. */
  #next = Infinity;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Rings for a key at a time, in milliseconds since the epoch, instead of when it was to ring before. */
  set(key: string, dueMs: number): void {
    this.#due.set(key, dueMs);
    if (dueMs < this.#next) this.#arm(dueMs);
  }

  clear(key: string): void {
    this.#due.delete(key);
  }

  /** Rings for all keys whose time has come. */
  ringDue(): void {
    const nowMs = this.#nowMs();
    for (const [key, dueMs] of this.#due) {
      if (dueMs > nowMs) continue;
      this.#due.delete(key);
      this.#options.ring(key);
    }
  }

  stop(): void {
    this.#cancel?.();
    this.#due.clear();
    this.#next = Infinity;
  }

  #arm(dueMs: number, shortestMs = 0): void {
    this.#cancel?.();
    this.#next = dueMs;
    const waitMs = Math.min(Math.max(dueMs - this.#nowMs(), shortestMs), LONGEST_WAIT_MS);
    this.#cancel = this.#options.clock.schedule(waitMs, () => {
      this.#next = Infinity;
      const isBehind = this.#nowMs() < dueMs;
      this.ringDue();
      const next = Math.min(...this.#due.values());
      if (next < this.#next) this.#arm(next, isBehind ? SHORTEST_SECOND_LOOK_MS : 0);
    });
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }
}
