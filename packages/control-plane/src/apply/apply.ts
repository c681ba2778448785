import { timestamp } from '../clock.js';
import { equalJson } from '../json.js';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { StatusError } from '../status-error.js';
import { conflictError, listConflicts, type Conflict } from './conflicts.js';
import type { ApplyRequest } from './contract.js';
import type { FieldSet } from './field-set.js';
import { fieldsLastApplied, KUBECTL, updateLastApplied } from './last-applied.js';
import { emptyObject, updateManagers, withoutManagedFields } from './managed-fields.js';
import {
  identityOf,
  ManagedFieldsError,
  readManagers,
  writeManagers,
  type Manager,
  type Managers,
} from './managers.js';
import { merge } from './merge.js';
import { fieldsOf } from './owned-fields.js';
import { fieldSetOf, reconcileManagers, transferFields, Versions, withoutUnowned } from './ownership.js';
import { prune } from './prune.js';
import { checkType, ListItemError, TypeMismatchError } from './typed-value.js';

/** Owns, after the first apply, what an object without `managedFields` had before. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Server-side apply: merges a configuration into the live object, removes what its manager applied before and now
 * leaves out, and records who owns what.
 *
 * The result is new, not defaulted, and shares nothing with the arguments but frozen `fieldsV1`. It keeps the nulls of
 * the configuration, and has null where the last key of a map is removed: a custom kind's validation refuses them, as it
 * does on a real server; in a built-in kind null means absent. When nothing changes the manager's entry keeps its time.
 *
 * @throws {@link StatusError} 409 when others own fields with other values and `force` is not set; 400 for the wrong
 * kind or `managedFields` in the configuration; 500 for a configuration that its schema does not know.
 * @see {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/ | Server-Side Apply}
 */
export function applyPatch(request: ApplyRequest): KubeObject {
  checkRequest(request);
  const { schema, patch, force, manager } = request;
  const versions = new Versions(request, schema);
  const { type } = versions.own(patch);
  checkObject(patch, 'failed to create typed patch object', () => checkType(type, patch, false));

  const managers = liveManagers(request);
  const live = withoutManagedFields(request.live ?? emptyObject(request));
  checkObject(live, 'failed to create typed live object', () => checkType(type, live, true));

  const application = { request, versions, live, managers };
  const outcome = apply(application);
  if (outcome.conflicts.length > 0 && !force) {
    const allowed = manager === KUBECTL ? fieldsLastApplied(type, live, request.apiVersion) : undefined;
    const conflicts = outcome.conflicts.filter(({ path }) => !(allowed?.has(path) ?? false));
    if (conflicts.length > 0) throw conflictError(conflicts);
  }
  const { object } = outcome;
  writeManagers(object, outcome.managers);
  if (manager === KUBECTL) updateLastApplied(object, patch);
  return object;
}

function checkRequest({ patch, apiVersion, kind }: ApplyRequest): void {
  if (patch.apiVersion !== apiVersion || patch.kind !== kind) {
    throw new StatusError(400, 'BadRequest', `invalid object type: ${printKind(patch)}`);
  }
  if (isJsonObject(patch.metadata) && Array.isArray(patch.metadata.managedFields)) {
    throw new StatusError(400, 'BadRequest', 'metadata.managedFields must be nil');
  }
}

/** `apps/v1, Kind=Deployment`; the group of the core kinds is empty: `/v1, Kind=Pod`. */
function printKind(object: KubeObject): string {
  const apiVersion: unknown = object.apiVersion;
  const kind: unknown = object.kind;
  const parts = typeof apiVersion === 'string' ? apiVersion.split('/') : [];
  const version = parts.length === 1 ? `/${parts[0] ?? ''}` : parts.length === 2 ? parts.join('/') : '/';
  return `${version}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** Runs a check; what it finds becomes the 500 that the API server answers to it. */
function checkObject(object: KubeObject, failure: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof TypeMismatchError || error instanceof ListItemError)) throw error;
    const metadata: JsonObject = isJsonObject(object.metadata) ? object.metadata : {};
    const [namespace, name] = [metadata['namespace'], metadata['name']].map((x) => (typeof x === 'string' ? x : ''));
    throw new StatusError(500, undefined, `${failure} (${namespace}/${name}; ${printKind(object)}): ${error.message}`);
  }
}

/** The managers of the live object. One without any gets a manager for all it has. */
function liveManagers(request: ApplyRequest): Managers {
  const { live } = request;
  if (live === undefined) return new Map();
  try {
    const managers = readManagers(live);
    if (managers.size > 0) return managers;
  } catch (error) {
    if (!(error instanceof ManagedFieldsError)) throw error;
    throw new StatusError(500, undefined, `failed to decode managed fields: ${error.message}`);
  }
  const { patch: _, live: __, ...writer } = request;
  let managers: Managers = new Map();
  checkObject(live, 'failed to create manager for existing fields', () => {
    managers = updateManagers({ ...writer, manager: BEFORE_FIRST_APPLY, next: withoutManagedFields(live) }, new Map());
  });
  return managers;
}

interface Application {
  readonly request: ApplyRequest;
  readonly versions: Versions;
  readonly live: KubeObject;
  readonly managers: Managers;
}

interface Outcome {
  readonly object: KubeObject;
  /** The managers if the apply is forced, or nobody minds it. */
  readonly managers: Managers;
  readonly conflicts: readonly Conflict[];
}

function apply({ request, versions, live, managers: before }: Application): Outcome {
  const { apiVersion, subresource, now } = request;
  const ignored = fieldSetOf(request.ignoredFields);
  const applied = dropFields(request.patch, request.ignoredFields);
  const { type } = versions.own(live);
  const managers = reconcileManagers(before, live, versions);

  const name = request.manager === '' ? 'unknown' : request.manager;
  const writer = {
    name,
    operation: 'Apply',
    apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
  } as const;
  const identity = identityOf(writer);
  const last = managers.get(identity);
  const time = last?.time === undefined ? {} : { time: last.time };
  managers.set(identity, { ...writer, ...time, fields: fieldsOf(type, applied).without(ignored) });

  const merged = versions.own(asObject(merge(type, live, applied)));
  const { object } = last === undefined ? merged : prune(merged, last, managers, versions);
  const transfer = transferFields(live, object, managers, identity, ignored, versions);
  const conflicts = listConflicts(transfer.conflicts, managers);

  const changed = !equalJson(live, object);
  setWriter(transfer.managers, identity, last?.fields, changed ? timestamp(now) : undefined);
  dropEmptyMetadata(object);
  return { object, managers: transfer.managers, conflicts };
}

/** Takes from the writer's entry what nobody owns, and moves its time, if it is to move. An empty entry goes. */
function setWriter(
  managers: Map<string, Manager>,
  identity: string,
  last: FieldSet | undefined,
  time: string | undefined,
): void {
  const writer = managers.get(identity);
  if (writer === undefined) return;
  const owned = withoutUnowned(writer.fields);
  const fields = last?.equals(owned) === true ? last : owned;
  if (fields.isEmpty) managers.delete(identity);
  else managers.set(identity, { ...writer, fields, ...(time === undefined ? {} : { time }) });
}

/** The merged object; without metadata, which only a configuration that says null can bring about, it has none. */
function asObject(value: unknown): KubeObject {
  const { apiVersion, kind, metadata, ...rest }: JsonObject = isJsonObject(value) ? value : {};
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: isJsonObject(metadata) ? metadata : {},
    ...rest,
  };
}

/** A shallow copy without the fields at dotted paths. */
function dropFields(object: KubeObject, paths: readonly string[]): KubeObject {
  const result = { ...object };
  for (const path of paths) dropField(result, path.split('.'));
  return result;
}

function dropField(object: JsonObject, [key, ...rest]: readonly string[]): void {
  if (key === undefined || !Object.hasOwn(object, key)) return;
  if (rest.length === 0) {
    delete object[key];
    return;
  }
  const child = object[key];
  if (!isJsonObject(child)) return;
  const copy = { ...child };
  object[key] = copy;
  dropField(copy, rest);
}

/** Metadata is a Go struct on the server, in custom kinds too: nothing empty stays there. */
function dropEmptyMetadata({ metadata }: KubeObject): void {
  for (const [field, value] of Object.entries(metadata)) {
    if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) delete metadata[field];
  }
}
