import { specOf, statusOf } from '../access.js';
import type { KubeObject } from '../object.js';
import { addLists, excess, namesOf, only, printList, resourceListAt, type ResourceList } from './resource-list.js';
import { isInScope } from './scopes.js';
import type { Countable } from './usage.js';

/** A write that quotas may be about. */
export interface QuotaSubject {
  readonly countable: Countable;
  readonly object: Readonly<KubeObject>;
  /** Absent for a new object. */
  readonly oldObject?: Readonly<KubeObject>;
  readonly now: Date;
}

/** Thrown when a quota does not allow a write; the message says why. */
export class QuotaError extends Error {
  override readonly name = 'QuotaError';
}

/**
 * What a write would use of a quota's resources, beyond what it uses already.
 *
 * @throws {@link QuotaError} when that cannot be told, because the object or the quota's status says too little.
 */
export function chargeOf(quota: Readonly<KubeObject>, subject: QuotaSubject): ResourceList {
  const { countable, object, oldObject, now } = subject;
  const { name = '' } = quota.metadata;
  const hard = resourceListAt(statusOf(quota), 'hard');
  const counted = namesOf(hard).filter((resource) => countable.isAbout(resource));
  if (counted.length === 0 || !isInScope(quota, object)) return NOTHING;
  const problem = countable.missing?.(object, counted);
  if (problem !== undefined) throw new QuotaError(`failed quota: ${name}: ${problem}`);
  const used = resourceListAt(statusOf(quota), 'used');
  if (counted.some((resource) => !used.has(resource))) {
    throw new QuotaError(`status unknown for quota: ${name}, resources: ${counted.join(',')}`);
  }
  const usage = countable.usage(object, now);
  const negative = namesOf(usage).filter((resource) => (usage.get(resource)?.nanos ?? 0n) < 0n);
  if (negative.length > 0) throw new QuotaError(`quota usage is negative for resource(s): ${negative.join(',')}`);
  const before = oldObject && isInScope(quota, oldObject) ? countable.usage(oldObject, now) : NOTHING;
  return excess(only(usage, counted), before);
}

/** What is used of a quota with a charge on top. @throws {@link QuotaError} when that is more than there is. */
export function usedWith(quota: Readonly<KubeObject>, charge: ResourceList): ResourceList {
  const status = statusOf(quota);
  const hard = resourceListAt(status, 'hard');
  const used = resourceListAt(status, 'used');
  const after = addLists(used, charge);
  const exceeded = [...charge.keys()].filter((name) => isMore(after, hard, name));
  if (exceeded.length === 0) return after;
  const [requested, before, limited] = [charge, used, hard].map((list) => printList(only(list, exceeded)));
  const name = quota.metadata.name ?? '';
  throw new QuotaError(
    `exceeded quota: ${name}, requested: ${requested ?? ''}, used: ${before ?? ''}, limited: ${limited ?? ''}`,
  );
}

function isMore(list: ResourceList, limits: ResourceList, name: string): boolean {
  const limit = limits.get(name);
  return limit !== undefined && (list.get(name)?.nanos ?? 0n) > limit.nanos;
}

/** What objects use of the resources that a quota counts. */
export function totalUsage(
  quota: Readonly<KubeObject>,
  countable: Countable,
  objects: readonly Readonly<KubeObject>[],
  now: Date,
): ResourceList {
  const names = namesOf(resourceListAt(specOf(quota), 'hard')).filter((name) => countable.isAbout(name));
  const usages = objects
    .filter((object) => isInScope(quota, object))
    .map((object) => only(countable.usage(object, now), names));
  return usages.reduce(addLists, NOTHING);
}

const NOTHING: ResourceList = new Map();
