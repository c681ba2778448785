import type { KubeObject } from '../object.js';
import { compare, type Comparison } from './compare.js';
import type { Writer } from './contract.js';
import { FieldSet } from './field-set.js';
import { objectType, type FieldType } from './field-type.js';
import type { Manager, Managers } from './managers.js';
import { withAtomics } from './owned-fields.js';
import { fieldElement } from './path-element.js';
import type { Schema } from '../schema/schema.js';

/** An object and its type, in one version. */
export interface TypedObject {
  readonly type: FieldType;
  readonly object: KubeObject;
}

/** Converts objects between the versions that managers recorded their fields in. */
export class Versions {
  /** The request's own version. */
  readonly apiVersion: string;
  readonly #type: FieldType;
  readonly #inVersion: Writer['inVersion'];

  constructor({ apiVersion, inVersion }: Writer, schema: Schema) {
    this.apiVersion = apiVersion;
    this.#type = objectType(schema);
    this.#inVersion = inVersion;
  }

  /** An object of the request's own version. */
  own(object: KubeObject): TypedObject {
    return { type: this.#type, object };
  }

  /** The object in a version; undefined when that is not served any more. */
  convert(typed: TypedObject, apiVersion: string): TypedObject | undefined {
    if (this.#inVersion === undefined || apiVersion === typed.object.apiVersion) return typed;
    const converted = this.#inVersion(typed.object, apiVersion);
    return converted && { type: objectType(converted.schema), object: converted.object };
  }
}

/** Fields that no entry records: the server sets them, or they name the object. */
const UNOWNED = FieldSet.of(
  ...['apiVersion', 'kind', 'metadata'].map((name) => [fieldElement(name)]),
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [fieldElement('metadata'), fieldElement(name)]),
);

/** The set without what nobody owns. */
export function withoutUnowned(fields: FieldSet): FieldSet {
  return fields.difference(UNOWNED);
}

/** The set of fields given as dotted paths: `status`, `metadata.labels`. */
export function fieldSetOf(paths: readonly string[]): FieldSet {
  return FieldSet.of(...paths.map((path) => path.split('.').map(fieldElement)));
}

/** Sets that name no part of what their type has as atomic. */
const settled = new WeakMap<FieldSet, FieldType>();

/**
 * The managers as the schema of today sees them: a list or map that has become atomic is owned as a whole. Managers of
 * versions that are not served any more stay as they are.
 */
export function reconcileManagers(managers: Managers, live: KubeObject, versions: Versions): Map<string, Manager> {
  const result = new Map<string, Manager>();
  for (const [identity, manager] of managers) {
    const typed = versions.convert(versions.own(live), manager.apiVersion);
    const isSettled = typed === undefined || settled.get(manager.fields) === typed.type;
    const fields = isSettled ? manager.fields : withAtomics(typed.type, manager.fields);
    if (typed !== undefined) settled.set(fields, typed.type);
    result.set(identity, fields === manager.fields ? manager : { ...manager, fields });
  }
  return result;
}

/** What a write does to the fields of others. */
export interface Transfer {
  /** The other managers, by identity: the fields they own that the write adds or changes. */
  readonly conflicts: ReadonlyMap<string, FieldSet>;
  /** The managers after the write took those fields, and those that are gone. Managers left without fields are gone. */
  readonly managers: Map<string, Manager>;
  /** What the write changed, in its own version. */
  readonly changes: Comparison;
}

/**
 * Compares the object before and after a write, for every manager in the version it recorded its fields in.
 * @param writer - Identity of the writing manager, whose own entry is left alone.
 */
export function transferFields(
  live: KubeObject,
  next: KubeObject,
  managers: Managers,
  writer: string,
  ignored: FieldSet,
  versions: Versions,
): Transfer {
  const changes = withoutIgnored(compare(versions.own(live).type, live, next), ignored);
  const byVersion = new Map<string, Comparison | undefined>([[versions.apiVersion, changes]]);
  const conflicts = new Map<string, FieldSet>();
  const left = new Map<string, Manager>();

  for (const [identity, manager] of managers) {
    if (identity === writer) {
      left.set(identity, manager);
      continue;
    }
    const { apiVersion } = manager;
    if (!byVersion.has(apiVersion)) byVersion.set(apiVersion, compareIn(apiVersion, live, next, ignored, versions));
    const seen = byVersion.get(apiVersion);
    if (seen === undefined) continue;
    const taken = manager.fields.intersection(seen.modified.union(seen.added));
    if (!taken.isEmpty) conflicts.set(identity, taken);
    const fields = manager.fields.difference(taken).difference(seen.removed);
    if (!fields.isEmpty) left.set(identity, fields === manager.fields ? manager : { ...manager, fields });
  }
  return { conflicts, managers: left, changes };
}

function compareIn(
  apiVersion: string,
  live: KubeObject,
  next: KubeObject,
  ignored: FieldSet,
  versions: Versions,
): Comparison | undefined {
  const before = versions.convert(versions.own(live), apiVersion);
  const after = versions.convert(versions.own(next), apiVersion);
  if (before === undefined || after === undefined) return undefined;
  return withoutIgnored(compare(after.type, before.object, after.object), ignored);
}

function withoutIgnored({ added, modified, removed }: Comparison, ignored: FieldSet): Comparison {
  return { added: added.without(ignored), modified: modified.without(ignored), removed: removed.without(ignored) };
}
