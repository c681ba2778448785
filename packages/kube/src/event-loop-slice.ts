import { yieldToEventLoop } from './clock.js';

/** So long may work go on before everything else that waits for the event loop gets its turn. */
const SLICE_MS = 10;

/**
 * Keeps a stretch of work that never waits for anything from holding the event loop: thousands of objects to take in, or of
 * reconciles that find nothing to do, are one chain of promises, and would stall leases, probes and watches.
 */
export class EventLoopSlice {
  #sinceMs: number | undefined;

  /** @param nowMs - Milliseconds that pass while the process works. */
  constructor(private readonly nowMs: () => number) {}

  /** True when the event loop has not turned for a while. */
  get isOver(): boolean {
    const nowMs = this.nowMs();
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      setImmediate(() => (this.#sinceMs = undefined));
    }
    return nowMs - this.#sinceMs >= SLICE_MS;
  }

  /** Resolves after the event loop has turned. */
  turn(): Promise<void> {
    return yieldToEventLoop();
  }
}
