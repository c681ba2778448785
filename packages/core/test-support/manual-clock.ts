import type { Clock } from '@trueup/kube';

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  #timers: { readonly dueAtMs: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { dueAtMs: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  /** Moves time on and runs what falls due, in order. */
  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.dueAtMs <= until).sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.dueAtMs;
      next.callback();
    }
    this.#now = until;
  }
}
