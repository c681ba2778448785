import { formatPlain } from '../apply/go-format.js';
import { copyJson, setField } from '../json.js';
import { isJsonObject, type JsonObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import { StatusError } from '../status-error.js';
import { identifyBy, orderItems } from './element-order.js';
import { badPatch, cannotUnmarshal, rejectedPatch } from './patch-errors.js';

/** In an object or a list item: `delete` or `replace` what is there. */
const PATCH = '$patch';
/** In an object: the only keys that stay. */
const RETAIN_KEYS = '$retainKeys';
/** Beside a list of scalars: items to remove. */
const DELETE_FROM = '$deleteFromPrimitiveList/';
/** Beside a list: the order its items are to have. */
const ELEMENT_ORDER = '$setElementOrder/';

/**
 * Applies a strategic merge patch: like a merge patch, but lists whose schema says so merge item by item, by merge key
 * or, for scalars, as sets; and directives (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList`, `$setElementOrder`)
 * say what a value cannot.
 *
 * The result shares nothing with the arguments. For built-in kinds only: custom ones have no merge keys.
 * @throws `StatusError` 400 or 422 for a malformed patch, 500 for one that contradicts the schema.
 * @see {@link https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md | Strategic Merge Patch}
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, schema: Schema): unknown {
  if (!isJsonObject(patch)) throw badPatch(cannotUnmarshal(patch, 'value of type map[string]interface {}'));
  return mergeObjects(isJsonObject(document) ? copyJson(document) : {}, copyJson(patch), schema);
}

/** Both arguments are copies, for this function to take apart. */
function mergeObjects(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return directedObject(patch);
  retainKeys(original, patch);
  const ordered = mergeOrderedLists(original, patch, schema);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(ELEMENT_ORDER) || ordered.has(key)) continue;
    if (key.startsWith(DELETE_FROM)) deleteFromList(original, key.slice(DELETE_FROM.length), value);
    else mergeField(original, key, value, schema);
  }
  return original;
}

function directedObject(patch: JsonObject): JsonObject {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw failure(`unknown patch type: ${formatPlain(directive)} in map: ${formatPlain(patch)}`);
}

function retainKeys(original: JsonObject, patch: JsonObject): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const keys = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) throw badPatch('invalid patch format of retainKeys');
  const retained = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key.startsWith(DELETE_FROM) || key.startsWith(ELEMENT_ORDER);
    if (value !== null && !isDirective && !retained.has(key)) throw badPatch('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

function mergeField(original: JsonObject, key: string, value: unknown, schema: Schema): void {
  if (value === null) {
    delete original[key];
    return;
  }
  const before = Object.hasOwn(original, key) ? original[key] : undefined;
  if (isJsonObject(before) && isJsonObject(value)) {
    const field = fieldSchema(schema, key);
    const merged = strategyOf(field) === 'replace' ? value : mergeObjects(before, value, field);
    setField(original, key, merged);
  } else if (Array.isArray(before) && Array.isArray(value)) {
    setField(original, key, mergeLists(before, value, fieldSchema(schema, key)));
  } else if (isJsonObject(value) && Object.hasOwn(value, PATCH)) {
    delete original[key];
  } else {
    setField(original, key, withoutDirectives(value));
  }
}

/** Merges the lists that a `$setElementOrder` names; returns their keys. */
function mergeOrderedLists(original: JsonObject, patch: JsonObject, schema: Schema): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(ELEMENT_ORDER)) continue;
    const key = directive.slice(ELEMENT_ORDER.length);
    const before = Object.hasOwn(original, key) ? original[key] : undefined;
    const value = Object.hasOwn(patch, key) ? patch[key] : undefined;
    const field = fieldSchema(schema, key);
    const identify = identifyBy(mergeKeyOf(field));
    const [orderList, beforeList, valueList] = [listOf(order), listOf(before ?? []), listOf(value ?? [])];
    checkOrder(valueList, orderList, field);
    if (before === undefined && value === undefined) continue;

    const merged =
      value === undefined
        ? beforeList
        : before === undefined
          ? listOf(withoutDirectives(valueList))
          : mergeLists(beforeList, valueList, field);
    for (const item of merged) checkMergeKey(item, field);
    setField(original, key, orderItems(merged, orderList, serverOrder(beforeList, valueList, field), identify));
    done.add(key);
  }
  return done;
}

/**
 * Where the items stand on the server. As many items as are deleted count as standing behind the rest when they are
 * added: the API server reuses the room in its slice.
 */
function serverOrder(before: readonly unknown[], patch: readonly unknown[], schema: Schema): readonly unknown[] {
  const mergeKey = mergeKeyOf(schema);
  if (mergeKey === undefined) return before;
  const identify = identifyBy(mergeKey);
  const { deleted } = readDirectives(patch.filter(isJsonObject), mergeKey);
  const remaining = before.filter((item) => !deleted.has(identify(item)));
  const known = new Set(remaining.map(identify));
  const added = patch.filter((item) => !isDirected(item) && !known.has(identify(item)));
  return [...remaining, ...added].slice(0, before.length);
}

/** The items of the patch must stand as the order says; items with directives may stand anywhere but at the end. */
function checkOrder(items: readonly unknown[], order: readonly unknown[], schema: Schema): void {
  if (items.length === 0 || order.length === 0) return;
  const identify = identifyBy(mergeKeyOf(schema));
  const kept = items.filter((item) => !(isJsonObject(item) && item[PATCH] === 'delete'));
  let next = 0;
  for (const item of order) {
    while (isDirected(kept[next])) next++;
    if (next < kept.length && identify(kept[next]) === identify(item)) next++;
  }
  if (next < kept.length) {
    throw failure(
      `The order in patch list:\n${formatPlain(items)}\n doesn't match $setElementOrder list:\n${formatPlain(order)}\n`,
    );
  }
}

function isDirected(item: unknown): boolean {
  return isJsonObject(item) && Object.hasOwn(item, PATCH);
}

function deleteFromList(original: JsonObject, key: string, value: unknown): void {
  if (value === null) {
    delete original[key];
    return;
  }
  const before = Object.hasOwn(original, key) ? original[key] : undefined;
  if (!Array.isArray(before) || !Array.isArray(value)) return;
  const gone = new Set<unknown>(value);
  setField(
    original,
    key,
    before.filter((item) => !gone.has(item)),
  );
}

function mergeLists(original: readonly unknown[], patch: readonly unknown[], schema: Schema): readonly unknown[] {
  if (strategyOf(schema) !== 'merge') return patch;
  if (original.length === 0 && patch.length === 0) return [];
  return isListOfObjects(original, patch)
    ? mergeKeyedLists(original.filter(isJsonObject), patch.filter(isJsonObject), schema)
    : orderItems([...new Set([...original, ...patch])], patch, original, identifyBy(undefined));
}

/** Whether the items are objects rather than scalars; there is no merging a mixture, nor lists of lists. */
function isListOfObjects(original: readonly unknown[], patch: readonly unknown[]): boolean {
  const items = [...original, ...patch];
  const kinds = new Set(
    items.map((item) => (Array.isArray(item) ? 'list' : isJsonObject(item) ? 'object' : typeof item)),
  );
  if (kinds.has('list')) throw rejectedPatch();
  if (kinds.size > 1 || items.includes(null)) {
    throw failure(`list element types are not identical: ${formatPlain([original, patch])}`);
  }
  return kinds.has('object');
}

function mergeKeyedLists(original: readonly JsonObject[], patch: readonly JsonObject[], schema: Schema): unknown[] {
  const mergeKey = mergeKeyOf(schema);
  if (mergeKey === undefined) throw failure('cannot merge lists without merge key for struct');
  const identify = identifyBy(mergeKey);
  const plain = patch.filter((item) => !Object.hasOwn(item, PATCH));
  const { deleted, replaces } = readDirectives(patch, mergeKey);

  const server = replaces ? plain : original.filter((item) => !deleted.has(identify(item)));
  const changes = replaces ? [] : plain;
  const merged: JsonObject[] = [...server];
  for (const change of changes) {
    checkMergeKey(change, schema);
    const index = merged.findIndex((item) => identify(item) === identify(change));
    const before = merged[index];
    if (before === undefined) merged.push(change);
    else merged[index] = mergeObjects(before, change, schema.items ?? {});
  }
  for (const item of merged) checkMergeKey(item, schema);
  return orderItems(merged, changes, server, identify);
}

/** What `$patch` says in the items of a list: which items go, or that all of them do. */
function readDirectives(
  patch: readonly JsonObject[],
  mergeKey: string,
): { readonly deleted: ReadonlySet<unknown>; readonly replaces: boolean } {
  const deleted = new Set<unknown>();
  let replaces = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, PATCH)) continue;
    const directive = item[PATCH];
    if (directive === 'replace') replaces = true;
    else if (directive === 'merge') throw failure('merging lists cannot yet be specified in the patch');
    else if (directive !== 'delete') {
      throw failure(`unknown patch type: ${formatPlain(directive)} in map: ${formatPlain(item)}`);
    } else if (!Object.hasOwn(item, mergeKey)) throw missingMergeKey(item, mergeKey);
    else deleted.add(item[mergeKey]);
  }
  return { deleted, replaces };
}

function checkMergeKey(item: unknown, schema: Schema): void {
  const mergeKey = mergeKeyOf(schema);
  if (mergeKey !== undefined && isJsonObject(item) && !Object.hasOwn(item, mergeKey)) {
    throw missingMergeKey(item, mergeKey);
  }
}

/** A new value: without nulls, and without the directives that find nothing to direct. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isDirected(item)).map(withoutDirectives);
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== null && !isDirected(item)) setField(result, key, withoutDirectives(item));
  }
  return result;
}

/** The schema of a field, or of the values of a map. */
function fieldSchema(schema: Schema, key: string): Schema {
  const property = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
  if (property !== undefined) return property;
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') return additionalProperties;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true || schema.properties === undefined) return {};
  throw failure(`unable to find api field in struct for the json field ${JSON.stringify(key)}`);
}

/** How a field merges: `merge`, `replace`, or undefined for the default of its type. */
function strategyOf(schema: Schema): string | undefined {
  const strategies = (schema['x-kubernetes-patch-strategy'] ?? '').split(',');
  return strategies.find((strategy) => strategy !== '' && strategy !== 'retainKeys');
}

function mergeKeyOf(schema: Schema): string | undefined {
  return schema['x-kubernetes-patch-merge-key'];
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw failure(
    `expected a []interface {}, but received a ${isJsonObject(value) ? 'map[string]interface {}' : typeof value}`,
  );
}

function missingMergeKey(item: JsonObject, mergeKey: string): StatusError {
  return failure(`map: ${formatPlain(item)} does not contain declared merge key: ${mergeKey}`);
}

function failure(message: string): StatusError {
  return new StatusError(500, undefined, message);
}
