import type { KubernetesObject } from '@trueup/kube';
import { conditionsOf, ownershipOf, referencesOf, watchesOf, type ConditionRecord } from '../metadata.js';
import type { Constructor } from '../operator/module.js';
import type { ReconcilerOptions } from '../decorators/reconciler.js';
import { OptionError } from '../errors.js';
import type { KindOf } from '../kind/kind.js';
import type { ReferencingWorkloads } from '../references/referencing-workloads.js';
import type { ConditionCheck, ControllerDefinition, WatchDefinition } from './definition.js';
import type { ReconcilerMethods } from './reconciler.js';

export const DEFAULT_CONCURRENCY = 8;

/** Whoever serves what is watched waits no longer to learn of it. */
const WATCHED_PATIENCE_MS = 1_000;

/** Node.js fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The definition of a controller whose behaviour is a decorated instance. */
export function definitionOf(
  instance: ReconcilerMethods,
  kind: KindOf,
  options: ReconcilerOptions,
  users: ReferencingWorkloads,
): ControllerDefinition {
  const target = instance.constructor as Constructor;
  const ownership = ownershipOf(target);
  const needsFinalizer =
    options.finalizer !== undefined || instance.finalize !== undefined || ownership.some(({ orphan }) => orphan);
  return {
    name: options.name ?? controllerName(kind),
    kind,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    ...deadlineOf(options),
    conditions: conditionChecksOf(instance),
    references: referencesOf(target),
    owns: ownership.map((owned) => owned.kind),
    ownership,
    watches: [...declaredWatchesOf(target), ...users.watches],
    users,
    ...(needsFinalizer ? { finalizer: options.finalizer ?? finalizerName(kind) } : {}),
    ...(options.formerFinalizers && { formerFinalizers: options.formerFinalizers }),
    ...boundMethods(instance),
  };
}

/** @throws {@link OptionError} for what is no duration a timer can wait. */
export function deadlineOf({ deadlineMs }: { readonly deadlineMs?: number }): { readonly deadlineMs?: number } {
  if (deadlineMs === undefined) return {};
  if (!(deadlineMs >= 1 && deadlineMs <= LONGEST_TIMER_MS))
    throw new OptionError(
      `deadlineMs is ${deadlineMs}; it must be a number of milliseconds from 1 to ${LONGEST_TIMER_MS}`,
    );
  return { deadlineMs };
}

/** The watches a class declares: a change of such an object concerns what it maps to. */
export function declaredWatchesOf(target: Constructor): readonly WatchDefinition[] {
  return watchesOf(target).map((watch) =>
    watch.tells === undefined
      ? { ...watch, when: 'any' }
      : { ...watch, when: 'mapping', patienceMs: WATCHED_PATIENCE_MS },
  );
}

export function controllerName(kind: KindOf): string {
  return `${kind.resource.kind.toLowerCase()}-controller`;
}

export function finalizerName(kind: KindOf): string {
  return `${kind.resource.kind.toLowerCase()}.${kind.resource.group}/finalizer`;
}

/** The decorated conditions of an instance, in the order they are written. */
export function conditionChecksOf(instance: object): readonly ConditionCheck[] {
  return conditionsOf(instance.constructor as Constructor).map((record) => checkOf(instance, record));
}

function checkOf(instance: object, { method, ...record }: ConditionRecord): ConditionCheck {
  // The decorator's types allow it on such methods only.
  const judge = (instance as Record<string, ConditionCheck['judge']>)[method];
  return { ...record, judge: judge?.bind(instance) } as ConditionCheck;
}

function boundMethods(instance: ReconcilerMethods): ReconcilerMethods<KubernetesObject> {
  return {
    ...(instance.desired && { desired: instance.desired.bind(instance) }),
    ...(instance.reconcile && { reconcile: instance.reconcile.bind(instance) }),
    ...(instance.status && { status: instance.status.bind(instance) }),
    ...(instance.finalize && { finalize: instance.finalize.bind(instance) }),
  };
}
