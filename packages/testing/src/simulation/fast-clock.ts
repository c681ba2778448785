import { systemClock, type Clock } from '@trueup/kube';

/** Short waits are there to let something else happen, which takes its time. */
const SHORTEST_MS = 4;

/** A clock on which backoffs pass in no time. */
export class FastClock implements Clock {
  readonly #startMs = systemClock.now();

  /** @param speed - How many of its milliseconds pass in one of ours. */
  constructor(private readonly speed: number) {}

  now(): number {
    return this.#startMs + (systemClock.now() - this.#startMs) * this.speed;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    return systemClock.schedule(Math.max(delayMs / this.speed, Math.min(delayMs, SHORTEST_MS)), callback);
  }
}
