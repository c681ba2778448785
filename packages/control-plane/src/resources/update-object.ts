import type { KubeObject } from '../object.js';
import { equalJson } from '../json.js';
import type { StatusError } from '../status-error.js';
import type { StoredObject, Table } from '../storage/table.js';
import { admissionRequest } from './admission-request.js';
import type { AdmissionRequest, GroupVersionKind } from './admission.js';
import { admitCreation, creationForm, prepareCreation, validateAdmission } from './create-object.js';
import { conflict, MODIFIED, notFound, plainError, versionRequired } from './errors.js';
import { dropDuplicateOwners, fillNamespace, validateChange } from './object-checks.js';
import { storeKey } from './registry.js';
import type { Resource } from './resource.js';
import { serveConverted, storedFormOf } from './served-object.js';
import type { WriteContext, WritePipeline } from './write-context.js';

/** Makes the next state of an object from the live one. Called again when the live one changed in the meantime. */
export type Change = (live: StoredObject | undefined) => Promise<KubeObject> | KubeObject;

export interface UpdateOptions {
  /** Whether the change may make an object that is not there. */
  readonly allowCreate: boolean;
  /** The live object must have this uid. */
  readonly uid?: string;
  /** What admission is shown in the object's place. */
  readonly admittedAs?: AdmittedForm;
}

/** Another form of an object, which admission sees and may change: the Scale of a Deployment. */
export interface AdmittedForm {
  readonly kind: GroupVersionKind;
  of(object: Readonly<KubeObject>): KubeObject;
  /** Takes over into the object what was changed in its form. */
  put(form: KubeObject, object: KubeObject): void;
}

export interface UpdateResult {
  /** The object in the version of the request. */
  readonly object: StoredObject;
  readonly created: boolean;
  /** False when the new state is the old one, and for a dry run. */
  readonly changed: boolean;
}

/**
 * Replaces an object by what a change makes of it: the pipeline of PUT and PATCH.
 *
 * Reads, changes and stores in a loop: a live object that changed while admission was awaited is read again, so a change
 * that names no resourceVersion is never lost and one that names it fails with 409.
 */
export async function updateObject(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  change: Change,
  options: UpdateOptions,
): Promise<UpdateResult> {
  const { resource, namespace } = context;
  const table = pipeline.store.table(storeKey(resource));
  for (;;) {
    const stored = table.get(namespace, name);
    const result = stored
      ? await replace(pipeline, context, table, stored, change, options)
      : await create(pipeline, context, table, name, change, options);
    if (result) return result;
  }
}

/** @returns undefined when somebody else made the object in the meantime. */
async function create(
  pipeline: WritePipeline,
  context: WriteContext,
  table: Table,
  name: string,
  change: Change,
  { allowCreate, uid }: UpdateOptions,
): Promise<UpdateResult | undefined> {
  const { resource, namespace } = context;
  if (!allowCreate) throw notFound(resource, name);
  if (uid !== undefined) throw uidConflict(resource, name, uid, '');
  const next = await change(undefined);
  Reflect.deleteProperty(next.metadata, 'resourceVersion');
  await admitCreation(pipeline, context, next);
  prepareCreation(pipeline, context, next);
  context.authorizeCreation?.();
  await validateAdmission(pipeline, context, next);
  const form = await creationForm(context, next);
  if (table.get(namespace, name)) return undefined;
  const object = form ? await serveConverted(resource, table.add(form)) : next;
  return { object, created: true, changed: form !== undefined };
}

/** @returns undefined when the live object changed in the meantime. */
async function replace(
  pipeline: WritePipeline,
  context: WriteContext,
  table: Table,
  stored: StoredObject,
  change: Change,
  { uid, admittedAs }: UpdateOptions,
): Promise<UpdateResult | undefined> {
  const { resource, namespace, dryRun } = context;
  const name = stored.metadata.name ?? '';
  const live = await serveConverted(resource, stored);
  if (uid !== undefined && uid !== live.metadata.uid) {
    throw uidConflict(resource, name, uid, live.metadata.uid ?? '');
  }
  const next = await change(live);
  await admitChange(pipeline, context, next, live, admittedAs);
  dropDuplicateOwners(next, true, context.warn);
  checkVersion(next, live, context);
  prepareChange(next, live, context);
  validateChange(next, live, context);
  keepTimesOfManagedFields(next, live);
  await pipeline.admission.validate(changeRequest(context, next, live, admittedAs));

  const isGone = isFinished(next, live, resource.strategy.isHeld);
  const form = dryRun || isGone ? undefined : await storedFormOf(resource, next);
  if (table.get(namespace, name) !== stored) return undefined;
  if (dryRun) return { object: next, created: false, changed: false };
  if (form === undefined) {
    table.remove(namespace, name);
    return { object: next, created: false, changed: true };
  }
  if (equalJson(form, stored)) return { object: live, created: false, changed: false };
  return { object: await serveConverted(resource, table.replace(form)), created: false, changed: true };
}

async function admitChange(
  pipeline: WritePipeline,
  context: WriteContext,
  next: KubeObject,
  live: StoredObject,
  admittedAs: AdmittedForm | undefined,
): Promise<void> {
  const request = changeRequest(context, next, live, admittedAs);
  await context.resource.strategy.load?.();
  await pipeline.admission.mutate(request);
  if (request.object) admittedAs?.put(request.object, next);
}

function changeRequest(
  context: WriteContext,
  next: KubeObject,
  live: StoredObject,
  admittedAs: AdmittedForm | undefined,
): AdmissionRequest {
  return admissionRequest('UPDATE', context, {
    name: live.metadata.name ?? '',
    ...(admittedAs
      ? { kind: admittedAs.kind, object: admittedAs.of(next), oldObject: admittedAs.of(live) }
      : { object: next, oldObject: live }),
  });
}

function uidConflict(resource: Resource, name: string, wanted: string, found: string): StatusError {
  return conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: /registry/${storeKey(resource)}/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`,
  );
}

/** Whether an object that was being deleted has nothing left that holds it. */
function isFinished(
  next: KubeObject,
  live: StoredObject,
  isHeld: ((object: KubeObject) => boolean) | undefined,
): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = live.metadata;
  return (
    deletionTimestamp !== undefined &&
    (deletionGracePeriodSeconds ?? 0) === 0 &&
    (next.metadata.finalizers ?? []).length === 0 &&
    isHeld?.(next) !== true
  );
}

/** The resourceVersion the new state claims to be based on. */
function checkVersion(next: KubeObject, live: StoredObject, { resource }: WriteContext): void {
  const { metadata } = next;
  const claimed = metadata.resourceVersion ?? '';
  if (claimed === '' || claimed === '0') {
    if (!resource.strategy.allowUnconditionalUpdate) throw versionRequired(resource, live.metadata.name ?? '');
    metadata.resourceVersion = live.metadata.resourceVersion;
    return;
  }
  if (!/^\d+$/.test(claimed)) throw plainError(`strconv.ParseUint: parsing ${JSON.stringify(claimed)}: invalid syntax`);
  if (claimed !== live.metadata.resourceVersion) throw conflict(resource, live.metadata.name ?? '', MODIFIED);
}

/**
 * Takes from the live object what this endpoint does not write, and counts the generation. What is taken stays the frozen
 * live value: states of an object share what does not change.
 */
function prepareChange(next: KubeObject, live: StoredObject, context: WriteContext): void {
  const { resource, subresource } = context;
  const { strategy } = resource;
  fillNamespace(next, context);
  setOrDelete(next.metadata, 'generation', live.metadata.generation);
  if (subresource === 'status') prepareStatus(next, live, context);
  else if (subresource === 'finalize' || subresource === 'binding') prepareSpecOnly(next, live);
  else {
    if (resource.subresources.status) setOrDelete(next, 'status', live['status']);
    strategy.prepareForUpdate?.(next, live);
    if (strategy.changesGeneration?.(next, live)) next.metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  const { metadata } = next;
  if (metadata.uid === undefined || metadata.uid === '') setOrDelete(metadata, 'uid', live.metadata.uid);
  setOrDelete(metadata, 'creationTimestamp', live.metadata.creationTimestamp);
  if (live.metadata.deletionTimestamp !== undefined) metadata.deletionTimestamp = live.metadata.deletionTimestamp;
  if (live.metadata.deletionGracePeriodSeconds !== undefined) {
    metadata.deletionGracePeriodSeconds ??= live.metadata.deletionGracePeriodSeconds;
  }
}

function prepareStatus(next: KubeObject, live: StoredObject, { resource }: WriteContext): void {
  if (resource.strategy.prepareForStatusUpdate) {
    resource.strategy.prepareForStatusUpdate(next, live);
    return;
  }
  for (const key of new Set([...Object.keys(next), ...Object.keys(live)])) {
    if (key !== 'status' && key !== 'metadata') setOrDelete(next, key, live[key]);
  }
  for (const key of resource.strategy.statusKeeps ?? []) setOrDelete(next.metadata, key, live.metadata[key]);
}

/** `/finalize` of a Namespace and `/binding` of a Pod write the spec and nothing else. */
function prepareSpecOnly(next: KubeObject, live: StoredObject): void {
  const spec = next['spec'];
  const { managedFields } = next.metadata;
  for (const key of Object.keys(next)) Reflect.deleteProperty(next, key);
  Object.assign(next, live, { metadata: { ...live.metadata }, spec });
  setOrDelete(next.metadata, 'managedFields', managedFields);
}

/** A write that would only move times in managedFields changes nothing. */
function keepTimesOfManagedFields(next: KubeObject, live: StoredObject): void {
  const { managedFields: after, ...metadata } = next.metadata;
  const { managedFields: before, ...liveMetadata } = live.metadata;
  if (!after || !before || after.length !== before.length) return;
  const withoutTime = (entries: typeof after): unknown[] => entries.map((entry) => ({ ...entry, time: '' }));
  if (!equalJson(withoutTime(after), withoutTime(before)) || !equalJson(metadata, liveMetadata)) return;
  if (!equalJson({ ...next, metadata: null }, { ...live, metadata: null })) return;
  next.metadata.managedFields = before;
}

function setOrDelete(object: object, key: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(object, key);
  else Reflect.set(object, key, value);
}
