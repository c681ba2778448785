/** So long may work go on before everything else that waits for the event loop gets its turn. */
const SLICE_MS = 10;

/**
 * Keeps a stretch of work that never waits for anything from holding the event loop: thousands of reconciles that find
 * nothing to do are one chain of promises, and would stall leases, probes and watches.
 */
export class EventLoopSlice {
  #sinceMs: number | undefined;

  constructor(private readonly processTimeMs: () => number) {}

  /** True when the event loop has not turned for a while. */
  get isOver(): boolean {
    const nowMs = this.processTimeMs();
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      setImmediate(() => (this.#sinceMs = undefined));
    }
    return nowMs - this.#sinceMs >= SLICE_MS;
  }

  /** Resolves after the event loop has turned. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
