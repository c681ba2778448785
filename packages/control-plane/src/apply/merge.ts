import { copyJson, equalJson, setField } from '../json.js';
import { isJsonObject } from '../object.js';
import { formOf, type FieldType, type ListType, type MapType } from './field-type.js';
import type { PathElement } from './path-element.js';
import { itemElement } from './typed-value.js';

/**
 * Merges an applied configuration into the live object: what the configuration has replaces, field by field and item
 * by item; nothing is removed. Both values have the type (see `checkType`). The result shares nothing with them.
 */
export function merge(type: FieldType, live: unknown, applied: unknown): unknown {
  if (applied === undefined || equalJson(live, applied)) return copyJson(live);
  const form = formOf(type, applied);
  if (form === 'map' && type.map !== undefined && !type.map.atomic) {
    const [left, right] = [isJsonObject(live) ? live : {}, isJsonObject(applied) ? applied : {}];
    if (Object.keys(left).length > 0 || Object.keys(right).length > 0) return mergeMaps(type.map, left, right);
  }
  if (form === 'list' && type.list !== undefined && !type.list.atomic) {
    const [left, right] = [Array.isArray(live) ? live : [], Array.isArray(applied) ? applied : []];
    if (left.length > 0 || right.length > 0) return mergeLists(type.list, left, right);
  }
  return copyJson(applied);
}

function mergeMaps(
  map: MapType,
  live: Readonly<Record<string, unknown>>,
  applied: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(live)) {
    const type = Object.hasOwn(applied, key) ? map.field(key)?.type : undefined;
    setField(result, key, type === undefined ? copyJson(live[key]) : merge(type, live[key], applied[key]));
  }
  for (const key of Object.keys(applied)) {
    if (!Object.hasOwn(live, key)) setField(result, key, copyJson(applied[key]));
  }
  return result;
}

/**
 * Items of both lists are merged; an item of one is taken as it is. The applied order holds among the applied items;
 * a live item stays behind the live item it followed.
 */
function mergeLists(list: ListType, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const liveElements = live.map((item) => itemElement(list, item));
  const appliedElements = applied.map((item) => itemElement(list, item));
  const liveItems = new Map<PathElement, unknown>();
  for (const [index, element] of liveElements.entries()) {
    // Live duplicates are not merged into: the applied item replaces them.
    liveItems.set(element, liveItems.has(element) ? undefined : live[index]);
  }
  const inApplied = new Set(appliedElements);
  const shared = appliedElements.filter((element) => liveItems.has(element));
  const merged = new Set<PathElement>();
  const result: unknown[] = [];

  let nextShared = 0;
  const takeApplied = (index: number, element: PathElement): void => {
    merged.add(element);
    if (shared[nextShared] === element) nextShared++;
    result.push(merge(list.items, liveItems.get(element), applied[index]));
  };

  let l = 0;
  let r = 0;
  while (l < live.length || r < applied.length) {
    const left = liveElements[l];
    const right = appliedElements[r];
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        takeApplied(r++, right);
        l++;
        continue;
      }
      if (inApplied.has(left) && nextShared < shared.length && shared[nextShared] !== left) {
        l++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!inApplied.has(left)) {
        result.push(copyJson(live[l++]));
        continue;
      }
      if (merged.has(left)) l++;
    }
    if (right !== undefined) takeApplied(r++, right);
  }
  return result;
}
