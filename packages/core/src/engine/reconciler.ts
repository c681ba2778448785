import type { KubernetesObject } from '@trueup/kube';
import type { Context } from './context.js';
import type { Outcome } from './outcome.js';

/** A child to apply: a plain object without what only the server knows. Namespace and owner are filled in. */
export interface DesiredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    /** Undefined ones are left out. */
    readonly labels?: Readonly<Record<string, string | undefined>>;
    readonly annotations?: Readonly<Record<string, string | undefined>>;
  };
  readonly [field: string]: unknown;
}

/**
 * What a class decorated with `@Reconciler` may have besides its `@Condition` methods. All are optional; each is a step
 * of the reconcile.
 */
export interface ReconcilerMethods<T extends KubernetesObject = KubernetesObject> {
  /** apply: the children that should exist. Those owned and no longer returned are removed. */
  desired?(object: T, ctx: Context): readonly DesiredObject[] | Promise<readonly DesiredObject[]>;
  /** apply, after `desired`: whatever the declarations do not cover. Must be idempotent. */
  reconcile?(object: T, ctx: Context): Promise<Outcome | void> | Outcome | void;
  /** report: status fields besides conditions, observedGeneration and config hashes. Computed last, always. */
  status?(object: T, ctx: Context): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /** deletion: cleans up what garbage collection does not. The finalizer goes when it returns `done` (or nothing). */
  finalize?(object: T, ctx: Context): Promise<Outcome | void> | Outcome | void;
}
