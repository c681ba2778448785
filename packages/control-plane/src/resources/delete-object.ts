import { timestamp } from '../clock.js';
import { equalJson } from '../json.js';
import type { KubeObject } from '../object.js';
import type { StoredObject, Table } from '../storage/table.js';
import type { JsonObject } from '../object.js';
import { admissionRequest } from './admission-request.js';
import { notFound, preconditionConflict } from './errors.js';
import { draftOf } from './object-checks.js';
import { storeKey } from './registry.js';
import type { Resource } from './resource.js';
import { serveConverted } from './served-object.js';
import type { WriteContext, WritePipeline } from './write-context.js';

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: PropagationPolicy;
  /** The older form of a policy: true is Orphan, false is Background. */
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface DeleteResult {
  /** The object in the version of the request: its last state, or marked for deletion. */
  readonly object: StoredObject;
  /** False while finalizers or a grace period hold it. */
  readonly gone: boolean;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** Deletes an object, or marks it for deletion when something holds it: the pipeline of a DELETE. */
export async function deleteObject(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  options: DeleteOptions,
): Promise<DeleteResult> {
  const { resource, namespace, ofCollection } = context;
  const table = pipeline.store.table(storeKey(resource));
  for (;;) {
    const stored = table.get(namespace, name);
    if (!stored) throw notFound(resource, name);
    checkPreconditions(resource, stored, options);
    const request = admissionRequest(
      'DELETE',
      { ...context, options: { ...context.options, ...givenOptions(options) } },
      { name: ofCollection === true ? '' : name, oldObject: await serveConverted(resource, stored) },
    );
    await pipeline.admission.mutate(request);
    await pipeline.admission.validate(request);
    if (table.get(namespace, name) === stored) {
      const { object, gone } = remove(pipeline, context, table, stored, options);
      return { object: await serveConverted(resource, object), gone };
    }
  }
}

/** @returns the object as it is stored. */
function remove(
  pipeline: WritePipeline,
  { resource, namespace, dryRun }: WriteContext,
  table: Table,
  stored: StoredObject,
  options: DeleteOptions,
): DeleteResult {
  const name = stored.metadata.name ?? '';
  const store = (next: KubeObject): StoredObject => (dryRun ? next : table.replace(next));
  const { strategy } = resource;
  let current = stored;

  if (strategy.prepareForDelete && stored.metadata.deletionTimestamp === undefined) {
    const next = draftOf(stored);
    next.metadata.deletionTimestamp = timestamp(pipeline.now());
    strategy.prepareForDelete(next);
    const held = strategy.isHeld?.(next) === true || (next.metadata.finalizers ?? []).length > 0;
    current = store(next);
    if (held) return { object: current, gone: false };
  }
  const held = strategy.isHeld?.(current) === true;
  const grace = graceOf(current, resource, options, pipeline.now());
  if (grace === 'pending') return { object: current, gone: false };

  const next = draftOf(current);
  const finalizers = finalizersFor(current, options);
  if (finalizers.length > 0 || current.metadata.finalizers) next.metadata.finalizers = finalizers;
  if (grace) {
    markWithGrace(next, grace);
    if (grace.seconds > 0 || finalizers.length > 0) return { object: store(next), gone: false };
  } else if (finalizers.length > 0 || held) {
    mark(next, pipeline.now());
    return { object: equalJson(next, current) ? current : store(next), gone: false };
  }
  if (dryRun) return { object: current, gone: true };
  const last = table.remove(namespace, name) ?? current;
  return { object: last, gone: true };
}

function checkPreconditions(resource: Resource, { metadata }: StoredObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    throw preconditionConflict(
      resource,
      metadata.name ?? '',
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw preconditionConflict(
      resource,
      metadata.name ?? '',
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    );
  }
}

/** What the client asked for, as a DeleteOptions has it. */
function givenOptions(options: DeleteOptions): JsonObject {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = options;
  const given = Object.entries({ gracePeriodSeconds, preconditions, orphanDependents, propagationPolicy });
  return Object.fromEntries(
    given.filter(([, value]) => value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0)),
  );
}

interface Grace {
  readonly seconds: number;
  readonly deletionTimestamp: string;
}

/**
 * The grace period that this request starts or shortens; `pending` when a shorter or equal one runs already; undefined
 * for an object that is to go at once.
 */
function graceOf(
  object: StoredObject,
  { strategy }: Resource,
  options: DeleteOptions,
  now: Date,
): Grace | 'pending' | undefined {
  if (!strategy.gracePeriodSeconds) return undefined;
  const asked = options.gracePeriodSeconds === undefined ? undefined : Math.max(options.gracePeriodSeconds, -1);
  const requested = asked === -1 ? 1 : asked;
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  if (deletionTimestamp !== undefined) {
    const running = deletionGracePeriodSeconds ?? 0;
    if (running === 0) return undefined;
    if (requested === undefined || requested >= running) return 'pending';
    const shortened = Date.parse(deletionTimestamp) + (requested - running) * 1000;
    const isPast = shortened < now.getTime();
    return {
      seconds: isPast && requested !== 0 ? 1 : requested,
      deletionTimestamp: timestamp(isPast ? now : new Date(shortened)),
    };
  }
  const own = strategy.gracePeriodSeconds(object);
  const seconds = own === 0 ? 0 : (requested ?? own);
  return { seconds, deletionTimestamp: timestamp(new Date(now.getTime() + seconds * 1000)) };
}

function markWithGrace(next: KubeObject, { seconds, deletionTimestamp }: Grace): void {
  const { metadata } = next;
  if (metadata.deletionTimestamp === undefined && metadata.generation !== undefined) metadata.generation += 1;
  metadata.deletionTimestamp = deletionTimestamp;
  metadata.deletionGracePeriodSeconds = seconds;
}

function mark({ metadata }: KubeObject, now: Date): void {
  if (metadata.deletionTimestamp === undefined && metadata.generation !== undefined) metadata.generation += 1;
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > now.getTime()) {
    metadata.deletionTimestamp = timestamp(now);
  }
  metadata.deletionGracePeriodSeconds = 0;
}

/** The finalizers after the policy had its say: it acts through two of them, which the garbage collector serves. */
function finalizersFor({ metadata }: StoredObject, options: DeleteOptions): string[] {
  const before = metadata.finalizers ?? [];
  const policy = policyOf(before, options);
  const others = before.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  const wanted = policy === 'Orphan' ? [...others, ORPHAN] : policy === 'Foreground' ? [...others, FOREGROUND] : others;
  const isSame = wanted.length === before.length && wanted.every((finalizer) => before.includes(finalizer));
  return isSame ? [...before] : wanted;
}

function policyOf(finalizers: readonly string[], options: DeleteOptions): PropagationPolicy {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : 'Background';
  if (options.propagationPolicy !== undefined) return options.propagationPolicy;
  const own = finalizers.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND);
  if (own === undefined) return 'Background';
  return own === ORPHAN ? 'Orphan' : 'Foreground';
}
