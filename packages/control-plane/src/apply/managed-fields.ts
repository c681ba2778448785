import { timestamp } from '../clock.js';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import type { UpdateRequest } from './contract.js';
import { FieldSet } from './field-set.js';
import {
  capUpdaters,
  identityOf,
  ManagedFieldsError,
  readManagers,
  writeManagers,
  type Manager,
  type Managers,
} from './managers.js';
import { fieldSetOf, reconcileManagers, transferFields, Versions, withoutUnowned } from './ownership.js';
import { checkType, ListItemError, TypeMismatchError } from './typed-value.js';

/**
 * Sets `next.metadata.managedFields` for a create, an update or a patch that is no apply.
 *
 * The writer gains what it adds or changes, everybody loses what it changes or removes, and the time of an entry moves
 * when its manager writes. What the client sent counts when it can be read: entries replace the stored ones, `[{}]`
 * clears them, after which nothing is recorded until the next apply. On a subresource it is ignored.
 *
 * An object that does not have the type its schema declares gets no `managedFields`: validation refuses it anyway.
 * Call it before admission, with the object complete and defaulted.
 */
export function trackUpdate(request: UpdateRequest): void {
  const { next, live } = request;
  if (!isJsonObject(next.metadata)) return;
  const managers = startingManagers(request);
  if (next.metadata.managedFields !== undefined) delete next.metadata.managedFields;
  if (managers.size === 0 && live !== undefined) return;
  try {
    writeManagers(next, updateManagers(request, managers));
  } catch (error) {
    if (!(error instanceof TypeMismatchError || error instanceof ListItemError)) throw error;
  }
}

function startingManagers({ live, next, subresource, custom }: UpdateRequest): Map<string, Manager> {
  if (subresource === undefined) {
    const sent: unknown = next.metadata.managedFields;
    if (Array.isArray(sent) && isReset(sent, custom)) return new Map();
    const managers = readable(next);
    if (managers.size > 0) return managers;
  }
  return live === undefined ? new Map() : readable(live);
}

function isReset(sent: readonly unknown[], custom: boolean): boolean {
  if (sent.length === 0) return !custom;
  return sent.length === 1 && isJsonObject(sent[0]) && Object.keys(sent[0]).length === 0;
}

function readable(object: KubeObject): Map<string, Manager> {
  try {
    return readManagers(object);
  } catch (error) {
    if (error instanceof ManagedFieldsError) return new Map();
    throw error;
  }
}

/**
 * The managers after an update.
 * @throws `TypeMismatchError` when one of the objects does not have the type.
 */
export function updateManagers(request: UpdateRequest, before: Managers): Map<string, Manager> {
  const { schema, next, subresource, apiVersion } = request;
  const versions = new Versions(request, schema);
  const live = withoutManagedFields(request.live ?? request.zero ?? emptyObject(request));
  const { type } = versions.own(next);
  // The type of a built-in kind stays what it was when the object was stored, and was checked.
  if (request.custom) checkType(type, live, true);
  checkType(type, next, true, request.live && live);

  const ignored = fieldSetOf(request.ignoredFields);
  const reconciled = reconcileManagers(before, live, versions);
  const { managers, changes } = transferFields(live, next, reconciled, '', ignored, versions);
  const gained = withoutUnowned(changes.modified.union(changes.added));
  if (!gained.isEmpty) {
    const name = request.manager === '' ? 'unknown' : request.manager;
    const writer = {
      name,
      operation: 'Update',
      apiVersion,
      ...(subresource === undefined ? {} : { subresource }),
    } as const;
    const identity = identityOf(writer);
    const owned = managers.get(identity)?.fields ?? new FieldSet();
    const fields = gained.isSubsetOf(owned) ? owned : gained.union(owned);
    managers.set(identity, { ...writer, time: timestamp(request.now), fields });
  }
  capUpdaters(managers);
  return managers;
}

/** A shallow copy without `managedFields`, which nobody owns. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (!isJsonObject(object.metadata) || object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * What a new object is compared with. A built-in kind is a Go struct on the server, and its empty value already has the
 * structs in it: so nobody owns `spec` of a Deployment.
 */
export function emptyObject(request: {
  readonly schema: Schema;
  readonly custom: boolean;
  readonly apiVersion: string;
  readonly next?: KubeObject;
  readonly kind?: string;
}): KubeObject {
  const { schema, custom, apiVersion, next } = request;
  const kind = request.kind ?? next?.kind ?? '';
  return { ...(custom ? {} : emptyStruct(schema)), apiVersion, kind, metadata: {} };
}

function emptyStruct({ properties = {}, required = [] }: Schema): JsonObject {
  const struct: JsonObject = {};
  for (const [name, property] of Object.entries(properties)) {
    // Structs that are no pointers are published with the default {}.
    if (isJsonObject(property.default)) struct[name] = emptyStruct(property);
    else if (required.includes(name)) struct[name] = property.default ?? null;
  }
  return struct;
}
