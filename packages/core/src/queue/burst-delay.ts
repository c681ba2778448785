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
  readonly delayMs: number;
  readonly dueAtMs: number;
  /** Causes that are taken together so far. */
  causes: number;
}

/**
 * How long to wait for more of the same before doing something about it. The longer a burst goes on, the longer the
 * wait: n causes in a row lead to about log(n) runs. It grows beyond a second only while there is more than one cause to
 * a wait. After a pause as long as the last wait, at least a second, it starts anew.
 */
export class BurstDelay {
  readonly #bursts = new Map<string, Burst>();

  constructor(private readonly options: BurstDelayOptions) {}

  /**
   * The wait for a cause that comes now; the same moment for all causes until that is over.
   *
   * @param maxMs - A wait that begins now is no longer than this. Default: the option.
   */
  next(key: string, maxMs = this.options.maxMs): number {
    const { clock, baseMs } = this.options;
    const now = clock.now();
    const burst = this.#bursts.get(key);
    if (burst !== undefined && now < burst.dueAtMs) {
      burst.causes += 1;
      return burst.dueAtMs - now;
    }
    const goesOn = burst !== undefined && now < burst.dueAtMs + Math.max(burst.delayMs, PAUSE_MS);
    const delayMs = goesOn ? longer(burst, maxMs) : baseMs;
    this.#bursts.set(key, { delayMs, dueAtMs: now + delayMs, causes: 1 });
    return delayMs;
  }

  forget(key: string): void {
    this.#bursts.delete(key);
  }
}

function longer({ delayMs, causes }: Burst, maxMs: number): number {
  return Math.min(delayMs * 2, causes > 1 ? maxMs : Math.max(delayMs, PAUSE_MS));
}
