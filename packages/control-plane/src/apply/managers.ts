import { timestamp } from '../clock.js';
import { isJsonObject, type JsonObject, type KubeObject, type ManagedFieldsEntry } from '../object.js';
import { FieldSetError, type FieldSet } from './field-set.js';
import { PathElementError } from './path-element.js';
import { RecentCache } from '../recent-cache.js';
import { readFields, recordFields } from './recorded-fields.js';

/** One entry of `managedFields`: who owns what. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string;
  /** UTC, in seconds, as in the entry. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** The managers of an object by their identity. */
export type Managers = ReadonlyMap<string, Manager>;

/** Thrown for `managedFields` that cannot be read. */
export class ManagedFieldsError extends Error {
  override readonly name = 'ManagedFieldsError';
}

/** The most entries of updates that an object keeps; older ones are merged. */
const MAX_UPDATERS = 10;
const ANCIENT_CHANGES = 'ancient-changes';

/**
 * What makes two entries the same manager: an updater counts once per version, an applier once. The text is JSON, and
 * its order is the order in which conflicts are reported.
 */
export function identityOf({ name, operation, apiVersion, subresource }: Omit<Manager, 'fields'>): string {
  return JSON.stringify({
    manager: name,
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource === undefined ? {} : { subresource }),
  });
}

/**
 * Reads an object's `managedFields`.
 * @throws {@link ManagedFieldsError} when one of the entries is invalid.
 */
export function readManagers(object: KubeObject): Map<string, Manager> {
  const managers = new Map<string, Manager>();
  const entries: unknown = isJsonObject(object.metadata) ? object.metadata.managedFields : undefined;
  if (!Array.isArray(entries)) return managers;
  for (const [index, entry] of entries.entries()) {
    const { identity, manager } = readEntry(entry, index);
    managers.set(identity, manager);
  }
  return managers;
}

interface KnownManager {
  readonly identity: string;
  readonly manager: Manager;
}

/** Most writes leave most entries as they are: each is written and read once, and the states of an object share it. */
const entriesOf = new WeakMap<Manager, ManagedFieldsEntry>();
const managersOf = new RecentCache<object, KnownManager>(4096);
/** By `fieldsV1`: objects that a manager writes alike, within a second, share an entry as well. */
const lastEntries = new WeakMap<JsonObject, ManagedFieldsEntry>();

function readEntry(entry: unknown, index: number): KnownManager {
  const known = isJsonObject(entry) ? managersOf.get(entry) : undefined;
  if (known !== undefined) return known;
  const manager = readManager(entry, index);
  return { identity: identityOf(manager), manager };
}

function readManager(entry: unknown, index: number): Manager {
  if (!isJsonObject(entry)) throw new ManagedFieldsError(`managed fields entry ${index} is not an object`);
  const { manager, operation, apiVersion, subresource, time, fieldsType, fieldsV1 } = entry;
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new ManagedFieldsError('operation must be `Apply` or `Update`');
  }
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    throw new ManagedFieldsError('apiVersion must not be empty');
  }
  if (fieldsType === undefined || fieldsType === '') {
    throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  }
  if (fieldsType !== 'FieldsV1') {
    throw new ManagedFieldsError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
  }
  return {
    name: typeof manager === 'string' ? manager : '',
    operation,
    apiVersion,
    ...(typeof subresource === 'string' && subresource !== '' ? { subresource } : {}),
    ...readTime(time),
    fields: fieldsOf(fieldsV1 ?? {}),
  };
}

function readTime(time: unknown): { time?: string } {
  if (time === undefined || time === null) return {};
  const milliseconds = typeof time === 'string' ? Date.parse(time) : NaN;
  if (Number.isNaN(milliseconds)) throw new ManagedFieldsError('the time of a managed fields entry is invalid');
  return { time: timestamp(new Date(milliseconds)) };
}

function fieldsOf(fieldsV1: unknown): FieldSet {
  try {
    return readFields(fieldsV1);
  } catch (error) {
    if (!(error instanceof FieldSetError || error instanceof PathElementError)) throw error;
    throw new ManagedFieldsError(`error decoding set: ${error.message}`, { cause: error });
  }
}

/** Sets an object's `managedFields`; without managers there are none. */
export function writeManagers(object: KubeObject, managers: Managers): void {
  if (!isJsonObject(object.metadata)) return;
  if (managers.size === 0) {
    delete object.metadata.managedFields;
    return;
  }
  const sorted = [...managers].sort(([, left], [, right]) => compareManagers(left, right));
  object.metadata.managedFields = sorted.map(([identity, manager]) => entryOf(identity, manager));
}

function entryOf(identity: string, manager: Manager): ManagedFieldsEntry {
  const known = entriesOf.get(manager);
  if (known !== undefined) return known;
  const fieldsV1 = recordFields(manager.fields);
  const last = lastEntries.get(fieldsV1);
  if (last !== undefined && isEntryOf(manager, last)) return last;
  const entry = Object.freeze(makeEntry(manager, fieldsV1));
  entriesOf.set(manager, entry);
  managersOf.set(entry, { identity, manager });
  lastEntries.set(fieldsV1, entry);
  return entry;
}

/** Apart from the fields. */
function isEntryOf({ name, operation, apiVersion, time, subresource }: Manager, entry: ManagedFieldsEntry): boolean {
  return (
    entry.time === time &&
    (entry.manager ?? '') === name &&
    entry.operation === operation &&
    entry.apiVersion === apiVersion &&
    entry.subresource === subresource
  );
}

/** Field by field, in the order of a real server: objects made from spreads would each get a hidden class of their own. */
function makeEntry(
  { name, operation, apiVersion, time, subresource }: Manager,
  fieldsV1: JsonObject,
): ManagedFieldsEntry {
  const entry: ManagedFieldsEntry = {};
  if (name !== '') entry.manager = name;
  entry.operation = operation;
  entry.apiVersion = apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fieldsV1;
  if (subresource !== undefined) entry.subresource = subresource;
  return entry;
}

function compareManagers(left: Manager, right: Manager): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.name, right.name) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource ?? '', right.subresource ?? '')
  );
}

export function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Merges the oldest updaters of each version into one while there are more than ten. */
export function capUpdaters(managers: Map<string, Manager>): void {
  const updaters = [...managers].filter(([, manager]) => manager.operation === 'Update');
  let count = updaters.length;
  if (count <= MAX_UPDATERS) return;
  updaters.sort(
    ([leftId, left], [rightId, right]) =>
      compareText(left.time ?? '', right.time ?? '') || compareText(leftId, rightId),
  );

  const oldest = new Map<string, string>();
  for (const [identity, manager] of updaters) {
    if (count <= MAX_UPDATERS) return;
    const { apiVersion } = manager;
    const first = oldest.get(apiVersion);
    if (first === undefined) {
      oldest.set(apiVersion, identity);
      continue;
    }
    const bucket = { name: ANCIENT_CHANGES, operation: 'Update', apiVersion } as const;
    const bucketId = identityOf(bucket);
    const merged = managers.get(bucketId) ?? managers.get(first);
    if (merged === undefined) continue;
    if (!managers.has(bucketId)) managers.delete(first);
    if (identity !== bucketId) managers.delete(identity);
    managers.set(bucketId, {
      ...bucket,
      ...(manager.time === undefined ? {} : { time: manager.time }),
      fields: merged.fields.union(manager.fields),
    });
    count--;
  }
}
