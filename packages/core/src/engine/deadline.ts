import type { Clock } from '@trueup/kube';
import { sharedAbortController } from '../abort-signals.js';

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Called when the time is over; what it returns is the signal's reason. */
  readonly onExpired: () => Error;
}

/** The signal of one reconcile: aborts with the controller's, and when the time is over. */
export class Deadline {
  readonly #controller = sharedAbortController();
  readonly #follow: () => void;
  readonly #cancel: () => void;

  constructor(
    private readonly parent: AbortSignal,
    { clock, deadlineMs, onExpired }: DeadlineOptions,
  ) {
    // Not AbortSignal.any: on Node 20 a parent that lives long keeps every signal made of it.
    this.#follow = () => this.#controller.abort(parent.reason);
    if (parent.aborted) this.#follow();
    else parent.addEventListener('abort', this.#follow, { once: true });
    this.#cancel = clock.schedule(deadlineMs, () => this.#controller.abort(onExpired()));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The reconcile is over. */
  release(): void {
    this.#cancel();
    this.parent.removeEventListener('abort', this.#follow);
  }
}
