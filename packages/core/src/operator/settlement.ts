import type { Clock } from '@trueup/kube';
import { anySignal } from '../abort-signals.js';
import type { ContentWatch } from '../content/content-watch.js';
import type { Controller } from '../engine/controller.js';
import { SettleTimeoutError } from '../errors.js';
import type { Caches } from './caches.js';

/** How long to wait for the caches to move before they are compared with the server again. */
const RECHECK_MS = 20;

/** Finds out when an operator has nothing left to do. */
export class Settlement {
  constructor(
    private readonly controllers: readonly Controller[],
    private readonly caches: Caches,
    private readonly content: ContentWatch,
    private readonly clock: Clock,
  ) {}

  /** Resolves when every queue is empty and every cache current. @throws {@link SettleTimeoutError} naming what moves. */
  async reached(signal: AbortSignal, timeoutMs: number): Promise<void> {
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
    const stop = anySignal(deadline, signal);
    while (!(await this.#isReached(stop))) {
      if (deadline.aborted) throw new SettleTimeoutError(this.#whatMoves(timeoutMs));
      stop.throwIfAborted();
      await this.#nextChange(stop);
    }
  }

  get #isIdle(): boolean {
    return this.controllers.every(({ queue }) => queue.isIdle);
  }

  get #reconcileCount(): number {
    return this.controllers.reduce((sum, controller) => sum + controller.reconcileCount, 0);
  }

  async #isReached(signal: AbortSignal): Promise<boolean> {
    if (!this.#isIdle) return false;
    const before = this.#reconcileCount;
    if (!(await this.caches.areCurrent(signal)) || !(await this.content.isCurrent(signal))) return false;
    return this.#isIdle && this.#reconcileCount === before;
  }

  /** A queue that moves, or a moment for the caches to catch up. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    let wake = (): void => {};
    const moment = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const cancel = this.clock.schedule(RECHECK_MS, wake);
    signal.addEventListener('abort', wake, { once: true });
    await Promise.race([
      moment,
      ...this.controllers.filter(({ queue }) => !queue.isIdle).map(({ queue }) => queue.nextChange()),
    ]);
    cancel();
    signal.removeEventListener('abort', wake);
  }

  #whatMoves(timeoutMs: number): string {
    const busy = this.controllers.flatMap(({ definition, queue }) =>
      queue.pending().map((key) => {
        const failures = queue.failuresOf(key);
        return `${definition.kind.resource.kind} ${key}${failures > 0 ? ` (failed ${failures} times in a row; see the log)` : ''}`;
      }),
    );
    const shown = busy.slice(0, 10).join(', ') + (busy.length > 10 ? ` and ${busy.length - 10} more` : '');
    const what =
      busy.length > 0 ? `still being reconciled: ${shown}` : 'the caches have not caught up with the API server';
    return `Not settled after ${timeoutMs} ms: ${what}`;
  }
}
