import type { Clock } from '@trueup/kube';

export interface BurstDelayOptions {
  readonly clock: Clock;
  /** The first of a burst waits so long. */
  readonly baseMs: number;
  /** None waits longer. */
  readonly maxMs: number;
}

/** Less than this between two causes is no pause. */
const PAUSE_MS = 1_000;

interface Burst {
  delayMs: number;
  dueAtMs: number;
}

/**
 * How long to wait for more of the same before doing something about it. The longer a burst goes on, the longer the
 * wait: n causes in a row lead to about log(n) runs. After a pause as long as the last wait, at least a second, it starts anew.
 */
export class BurstDelay {
  readonly #bursts = new Map<string, Burst>();

  constructor(private readonly options: BurstDelayOptions) {}

  /** The wait for a cause that comes now; the same moment for all causes until that is over. */
  next(key: string): number {
    const { clock, baseMs, maxMs } = this.options;
    const now = clock.now();
    const burst = this.#bursts.get(key);
    if (burst !== undefined && now < burst.dueAtMs) return burst.dueAtMs - now;
    const goesOn = burst !== undefined && now < burst.dueAtMs + Math.max(burst.delayMs, PAUSE_MS);
    const delayMs = goesOn ? Math.min(burst.delayMs * 2, maxMs) : baseMs;
    this.#bursts.set(key, { delayMs, dueAtMs: now + delayMs });
    return delayMs;
  }

  forget(key: string): void {
    this.#bursts.delete(key);
  }
}
