import { OptionError } from '../errors.js';

/** How a reconcile ended when it did not fail. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Look again after a while, even if nothing changes. */
  | { readonly kind: 'requeue'; readonly afterMs: number };

export const done: Outcome = { kind: 'done' };

/**
 * Asks for another reconcile of this object after a delay, even if nothing changes.
 *
 * A change in the meantime is reconciled at once, as always; the delay only adds a later look.
 *
 * @param afterMs - Delay in milliseconds, counted from the end of this reconcile; at least 1.
 * @throws {@link OptionError} when `afterMs` is not a positive finite number.
 */
export function requeueAfter(afterMs: number): Outcome {
  if (!(afterMs >= 1) || !Number.isFinite(afterMs)) {
    throw new OptionError(`requeueAfter(${afterMs}): the delay must be a number of milliseconds, at least 1`);
  }
  return { kind: 'requeue', afterMs };
}
