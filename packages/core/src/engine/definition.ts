import type { KubernetesObject, NamespacedName, Store } from '@trueup/kube';
import type { Verdict } from '../conditions/verdict.js';
import type { ConditionOptions } from '../decorators/condition.js';
import type { KindOf } from '../kind/kind.js';
import type { DeclaredReference } from '../references/config-refs.js';
import type { ReferencingWorkloads } from '../references/referencing-workloads.js';
import type { Context } from './context.js';
import type { Ownership } from './ownership.js';
import type { ReconcilerMethods } from './reconciler.js';

/**
 * Everything the engine knows about one controller, as a plain value. Decorators are one way to make it; the engine does
 * not know them.
 */
export interface ControllerDefinition<T extends KubernetesObject = KubernetesObject> extends ReconcilerMethods<T> {
  /** Name in logs, field manager, reporter of events. */
  readonly name: string;
  readonly kind: KindOf<T>;
  readonly conditions: readonly ConditionCheck<T>[];
  readonly references: readonly DeclaredReference[];
  readonly owns: readonly KindOf[];
  /** How children of some of these kinds are owned; the others as {@link Ownership} says by default. */
  readonly ownership?: readonly Ownership[];
  readonly watches: readonly WatchDefinition[];
  /** Held on every object of the kind; absent: deletion needs no help. */
  readonly finalizer?: string;
  /** Finalizers nobody serves any more; taken off wherever they are found. */
  readonly formerFinalizers?: readonly string[];
  readonly concurrency: number;
  /** How long a reconcile may take, in milliseconds. Default 2 minutes. */
  readonly deadlineMs?: number;
  /** Who references the objects of the kind; absent: nobody does. */
  readonly users?: ReferencingWorkloads;
}

/** One condition (or family of them) and who judges it. */
export type ConditionCheck<T extends KubernetesObject = KubernetesObject> = ConditionOptions & {
  readonly type: string;
} & (
    | { readonly isFamily: false; judge(object: T, ctx: Context): Verdict | Promise<Verdict> }
    | { readonly isFamily: true; judge(object: T, ctx: Context): Verdicts | Promise<Verdicts> }
  );

/** Verdicts of a family by what follows the prefix. */
export type Verdicts = Readonly<Record<string, Verdict>>;

/** What a mapping can look things up in. */
export interface WatchCaches {
  /** The kind that is reconciled. */
  readonly reconciled: Store<KubernetesObject>;
  /** A kind that the class watches, owns or references. */
  of<T extends KubernetesObject>(kind: KindOf<T>): Store<T>;
}

export interface WatchDefinition {
  readonly kind: KindOf;
  map(object: KubernetesObject, caches: WatchCaches): readonly NamespacedName[];
  /**
   * `any`: every change reconciles what the object maps to, before or after it. `mapping`: only what it newly maps to or
   * no longer maps to; a burst of such changes is taken together.
   */
  readonly when: 'any' | 'mapping';
  /** With `mapping`: what else of the object counts, as plain JSON. */
  tells?(object: KubernetesObject): unknown;
  /** With `mapping`: how long a burst may be collected, in milliseconds. Default 30 seconds. */
  readonly patienceMs?: number;
}
