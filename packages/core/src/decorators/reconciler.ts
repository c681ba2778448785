import type { KubernetesObject } from '@trueup/kube';
import type { ReconcilerMethods } from '../engine/reconciler.js';
import type { KindOf } from '../kind/kind.js';
import { recordController } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

export interface ReconcilerOptions {
  /**
   * Name of the controller: its field manager, the reporter of its events, its name in logs.
   * Default: the kind in lower case plus `-controller`.
   */
  readonly name?: string;
  /** Default, for classes with a `finalize` method: `<kind in lower case>.<group>/finalizer`. */
  readonly finalizer?: string;
  /** Finalizers that earlier versions held and nobody serves any more: taken off wherever they are found. */
  readonly formerFinalizers?: readonly string[];
  /** How many objects are reconciled at once. Default 8. */
  readonly concurrency?: number;
  /**
   * How long one reconcile may take, in milliseconds. When it is over, `ctx.signal` and all calls of `ctx.client` abort,
   * the log says where the reconcile hung, and it is retried with backoff. Default 2 minutes.
   */
  readonly deadlineMs?: number;
}

/** Declares that a class reconciles the objects of a kind. One class a kind; the class becomes injectable. */
export function Reconciler<T extends KubernetesObject>(kind: KindOf<T>, options: ReconcilerOptions = {}) {
  // `& object`: a class that only judges conditions has none of the methods, and that is fine.
  return (target: Constructor<ReconcilerMethods<T> & object>): void => {
    recordController('Reconciler', target, { flavour: 'reconciler', kind, options });
  };
}
