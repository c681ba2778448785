import { equalJson } from '../json.js';
import { isJsonObject } from '../object.js';
import { FieldSet } from './field-set.js';
import { defaultForm, formOf, type FieldType, type Form, type ListType, type MapType } from './field-type.js';
import type { PathElement } from './path-element.js';
import { itemElement } from './typed-value.js';

/** What differs between two objects of a type, by field. A field is in one of the sets at most. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/**
 * Compares two values that have the type (see `checkType`).
 * @throws `ListItemError` when they do not.
 */
export function compare(type: FieldType, left: unknown, right: unknown): Comparison {
  const walk = new Walk();
  walk.compare(type, left, right);
  return walk.result;
}

class Walk {
  readonly result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  readonly #path: PathElement[] = [];

  /** Undefined stands for an absent value; null is one that is there, and empty. */
  compare(type: FieldType, left: unknown, right: unknown): void {
    // Most of an object stays as it is, and comparing that needs no types.
    if (equalJson(left, right)) return;
    const leftForm = left === undefined ? undefined : formOf(type, left);
    const rightForm = right === undefined ? undefined : formOf(type, right);
    const form = rightForm ?? leftForm ?? defaultForm(type);
    // Where the value changes its form, the parts of the old one are gone.
    if (leftForm !== undefined && leftForm !== form) this.#compareAs(leftForm, type, left, right);
    const isLeaf = this.#compareAs(form, type, left, right);
    if (isLeaf) return;
    if (left === undefined) this.result.added.insert(this.#path);
    else if (right === undefined) this.result.removed.insert(this.#path);
  }

  /** Returns whether the value is a leaf, owned as a whole. */
  #compareAs(form: Form, type: FieldType, left: unknown, right: unknown): boolean {
    const map = form === 'map' ? type.map : undefined;
    const list = form === 'list' ? type.list : undefined;
    if (map !== undefined && !map.atomic) {
      const [leftMap, rightMap] = [objectOrEmpty(left), objectOrEmpty(right)];
      if (!isEmpty(leftMap) || !isEmpty(rightMap)) {
        this.#compareMaps(map, leftMap, rightMap);
        return false;
      }
    }
    if (list !== undefined && !list.atomic) {
      const [leftList, rightList] = [listOrEmpty(left), listOrEmpty(right)];
      if (leftList.length > 0 || rightList.length > 0) {
        this.#compareLists(list, leftList, rightList);
        return false;
      }
    }
    this.#compareLeaves(left, right);
    return true;
  }

  #compareLeaves(left: unknown, right: unknown): void {
    if (left === undefined) this.result.added.insert(this.#path);
    else if (right === undefined) this.result.removed.insert(this.#path);
    else this.result.modified.insert(this.#path);
  }

  #compareMaps(map: MapType, left: Record<string, unknown>, right: Record<string, unknown>): void {
    for (const key of Object.keys(left)) {
      this.#compareKey(map, key, left[key], Object.hasOwn(right, key) ? right[key] : undefined);
    }
    for (const key of Object.keys(right)) {
      if (!Object.hasOwn(left, key)) this.#compareKey(map, key, undefined, right[key]);
    }
  }

  #compareKey(map: MapType, key: string, left: unknown, right: unknown): void {
    const field = map.field(key);
    if (field !== undefined) this.#compareAt(field.element, field.type, left, right);
  }

  #compareLists(list: ListType, left: readonly unknown[], right: readonly unknown[]): void {
    const leftItems = groupItems(list, left);
    const rightItems = groupItems(list, right);
    for (const [element, items] of leftItems) this.#compareItems(list, element, items, rightItems.get(element) ?? NONE);
    for (const [element, items] of rightItems) {
      if (!leftItems.has(element)) this.#compareItems(list, element, NONE, items);
    }
  }

  /** Items with the same key count as one leaf. */
  #compareItems(list: ListType, element: PathElement, left: readonly unknown[], right: readonly unknown[]): void {
    const { added, modified, removed } = this.result;
    if (left.length > 1 && right.length > 1) {
      if (!equalJson(left, right)) modified.insert([...this.#path, element]);
    } else if (left.length > 1) {
      if (right.length > 0) this.#compareAt(element, list.items, undefined, right[0]);
      removed.insert([...this.#path, element]);
    } else if (right.length > 1) {
      if (left.length > 0) this.#compareAt(element, list.items, left[0], undefined);
      added.insert([...this.#path, element]);
    } else {
      this.#compareAt(element, list.items, left[0], right[0]);
    }
  }

  #compareAt(element: PathElement, type: FieldType, left: unknown, right: unknown): void {
    this.#path.push(element);
    this.compare(type, left, right);
    this.#path.pop();
  }
}

function groupItems(list: ListType, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

const NOTHING = {};
const NONE: readonly unknown[] = [];

function objectOrEmpty(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : NOTHING;
}

function listOrEmpty(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NONE;
}

function isEmpty(object: Record<string, unknown>): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false;
  return true;
}
