import type { CustomObject, KindOf } from '../kind/kind.js';
import { recordController } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

export interface SharedConfigOptions<Spec = unknown> {
  /** Default: the kind in lower case plus `-controller`. */
  readonly name?: string;
  /** Default: `<kind in lower case>.<group>/finalizer`. */
  readonly finalizer?: string;
  /** What of the spec counts for the hash. Default: all of it. Use it to sort what has no order. */
  hashed?(spec: Spec): unknown;
  /** How many objects are reconciled at once. Default 8. */
  readonly concurrency?: number;
  /** How long one reconcile may take, in milliseconds; then it is aborted and retried. Default 2 minutes. */
  readonly deadlineMs?: number;
}

/**
 * Declares a class as the judge of a shared configuration kind. The class brings a `@Condition('Valid')`; hash, finalizer,
 * referencing workloads, deletion protection and events come with it.
 */
export function SharedConfig<Spec>(kind: KindOf<CustomObject<Spec>>, options: SharedConfigOptions<Spec> = {}) {
  return (target: Constructor): void => {
    recordController('SharedConfig', target, { flavour: 'shared-config', kind, options });
  };
}
