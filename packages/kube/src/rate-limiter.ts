import { sleep, type Clock } from './clock.js';
import { RequestInvalidError } from './errors.js';

/** How many requests may be sent. */
export interface RateLimit {
  /** In the long run. */
  readonly perSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

/** A token bucket: requests are let through in the order in which they came. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** What a full bucket is worth. */
  readonly #creditMs: number;
  /** When the bucket would be full again if nothing more were asked of it. */
  #fullAtMs = 0;

  /** @throws {@link RequestInvalidError} for a limit that lets nothing through. */
  constructor({ perSecond, burst }: RateLimit, clock: Clock) {
    if (!(perSecond > 0) || !(burst >= 1)) {
      throw new RequestInvalidError(
        `rateLimit: perSecond must be more than 0 and burst at least 1, not ${perSecond} and ${burst}`,
      );
    }
    this.#clock = clock;
    this.#intervalMs = 1000 / perSecond;
    this.#creditMs = burst * this.#intervalMs;
  }

  /** Resolves when a request may be sent; rejects with the signal's reason, and then takes nothing. */
  async take(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    this.#fullAtMs = Math.max(nowMs, this.#fullAtMs) + this.#intervalMs;
    const waitMs = this.#fullAtMs - this.#creditMs - nowMs;
    if (waitMs <= 0) return;
    try {
      await sleep(this.#clock, waitMs, signal);
    } catch (error) {
      this.#fullAtMs -= this.#intervalMs;
      throw error;
    }
  }
}
