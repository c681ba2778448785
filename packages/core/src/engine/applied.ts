import type { KubernetesObject, ManagedFieldsEntry } from '@trueup/kube';
import { isObject, type JsonObject } from '../formats/json-object.js';

/** Whose fields to look at: a field manager and the endpoint it writes to. */
export interface FieldOwner {
  readonly manager: string;
  readonly subresource?: string;
}

/**
 * True when applying `desired` as this owner would change nothing: every field in it has that value and is owned, and
 * nothing else is owned. Decided by managedFields, so that what the server added by itself does not count.
 *
 * It may say false where the server would find nothing to do (a quantity written in another form); never true wrongly.
 */
export function isApplied(desired: JsonObject, live: KubernetesObject, owner: FieldOwner): boolean {
  const owned = ownedFields(live, owner);
  if (owned === undefined) return false;
  return isSame(withoutIdentity(desired), { ...live }, owned);
}

/** The fields this owner has applied, as FieldsV1; undefined when it has applied none. */
export function ownedFields(live: KubernetesObject, owner: FieldOwner): JsonObject | undefined {
  return live.metadata.managedFields?.find((entry) => isOf(entry, owner))?.fieldsV1;
}

function isOf(entry: ManagedFieldsEntry, owner: FieldOwner): boolean {
  return (
    entry.manager === owner.manager &&
    entry.operation === 'Apply' &&
    (entry.subresource ?? '') === (owner.subresource ?? '')
  );
}

/** What identifies an object is never owned by anybody. */
function withoutIdentity({ apiVersion: _a, kind: _k, metadata, ...rest }: JsonObject): JsonObject {
  if (!isObject(metadata)) return rest;
  const { name: _n, namespace: _s, uid: _u, ...owned } = metadata;
  return Object.keys(owned).length === 0 ? rest : { ...rest, metadata: owned };
}

function isSame(desired: unknown, live: unknown, fields: JsonObject): boolean {
  if (isLeaf(fields)) return isLeafSame(desired, live);
  if (Array.isArray(desired)) return Array.isArray(live) && isListSame(desired, live, fields);
  if (!isObject(desired) || !isObject(live)) return false;
  const wanted = Object.entries(desired).filter(([, value]) => value !== undefined);
  const ownedCount = Object.keys(fields).filter((key) => key.startsWith('f:')).length;
  return (
    ownedCount === wanted.length &&
    wanted.every(([key, value]) => {
      const owned = fields[`f:${key}`];
      return isObject(owned) && isSame(value, live[key], owned);
    })
  );
}

/** A list with its own items: each found by its key fields, or by its value in a set. */
function isListSame(desired: readonly unknown[], live: readonly unknown[], fields: JsonObject): boolean {
  const ownedItems = Object.entries(fields).filter(([path]) => path !== '.');
  if (ownedItems.length !== desired.length) return false;
  const [isWanted, isLive] = [membershipOf(desired), membershipOf(live)];
  const [wantedWith, liveWith] = [itemsByKeys(desired, 'defaulted'), itemsByKeys(live, 'exact')];
  return ownedItems.every(([path, owned]) => {
    const name: unknown = JSON.parse(path.slice(2));
    if (path.startsWith('v:')) return isWanted(name) && isLive(name);
    if (!path.startsWith('k:') || !isObject(name) || !isObject(owned)) return false;
    const wanted = wantedWith(name);
    const found = liveWith(name);
    return (
      wanted !== undefined && found !== undefined && isSame(wanted, found, withoutDefaultedKeys(owned, wanted, name))
    );
  });
}

/** Tells whether a value is in a list, without going through a long one for each. */
function membershipOf(list: readonly unknown[]): (value: unknown) => boolean {
  const values = new Set(list);
  return (value) => values.has(value) || (typeof value === 'object' && list.some((item) => equal(item, value)));
}

/** Finds the items of a list by their key fields, without going through a long list for each. */
function itemsByKeys(list: readonly unknown[], absent: 'defaulted' | 'exact'): (keys: JsonObject) => unknown {
  const indexes = new Map<string, ReadonlyMap<string, unknown>>();
  return (keys) => {
    const fields = Object.keys(keys);
    const id = fields.join();
    const index = indexes.get(id) ?? indexOf(list, fields);
    indexes.set(id, index);
    const found = index.get(valuesOf(keys, fields));
    return found ?? (absent === 'exact' ? undefined : list.find((item) => hasKeys(item, keys)));
  };
}

function indexOf(list: readonly unknown[], fields: readonly string[]): ReadonlyMap<string, unknown> {
  const items = list.filter(isObject).reverse();
  return new Map(items.map((item) => [valuesOf(item, fields), item]));
}

const valuesOf = (item: JsonObject, fields: readonly string[]) => JSON.stringify(fields.map((field) => item[field]));

/** A key field may be left to its default: then the server filled it in, and it is not in what we want. */
function hasKeys(item: unknown, keys: JsonObject): boolean {
  if (!isObject(item)) return false;
  return Object.entries(keys).every(([key, value]) => item[key] === undefined || equal(item[key], value));
}

function withoutDefaultedKeys(owned: JsonObject, wanted: unknown, keys: JsonObject): JsonObject {
  if (!isObject(wanted)) return owned;
  return Object.fromEntries(
    Object.entries(owned).filter(([path]) => !(path.slice(2) in keys) || wanted[path.slice(2)] !== undefined),
  );
}

const isLeaf = (fields: JsonObject) => Object.keys(fields).every((key) => key === '.');

/** An empty object asks for nothing but that there be one. */
function isLeafSame(desired: unknown, live: unknown): boolean {
  if (isObject(desired) && Object.keys(desired).length === 0) return isObject(live);
  return equal(desired, live);
}

function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  return (
    keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length &&
    keys.every((key) => equal(a[key], b[key]))
  );
}
