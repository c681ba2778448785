import { isJsonObject } from '../object.js';
import { FieldSet } from './field-set.js';
import { formOf, typeBelow, type FieldType, type ListType, type MapType } from './field-type.js';
import type { PathElement } from './path-element.js';
import { itemElement } from './typed-value.js';

/**
 * The fields that a configuration mentions, which is what applying it makes its manager own: leaves, list items, keys
 * of maps, and whatever is empty; not the structs on the way to them.
 */
export function fieldsOf(type: FieldType, value: unknown): FieldSet {
  const fields = new FieldSet();
  if (type.map !== undefined && isJsonObject(value)) addKeys(fields, type.map, value);
  return fields;
}

function addField(parent: FieldSet, element: PathElement, type: FieldType, value: unknown): void {
  const form = formOf(type, value);
  if (form === 'scalar' || (form === 'map' ? type.map : type.list)?.atomic === true) {
    parent.members.add(element);
    return;
  }
  const child = new FieldSet();
  if (form === 'map' && type.map !== undefined && isJsonObject(value)) addKeys(child, type.map, value);
  if (form === 'list' && type.list !== undefined && Array.isArray(value)) addItems(child, type.list, value);
  parent.setChild(element, child);
}

function addKeys(fields: FieldSet, map: MapType, value: Record<string, unknown>): void {
  for (const key of Object.keys(value)) {
    const field = map.field(key);
    if (field === undefined) continue;
    const { element, type, declared } = field;
    const item = value[key];
    addField(fields, element, type, item);
    if (!declared || item === null || isEmptyObject(item)) fields.members.add(element);
  }
}

function addItems(fields: FieldSet, list: ListType, value: readonly unknown[]): void {
  const elements = value.map((item) => itemElement(list, item));
  const hasDuplicates = new Set(elements).size < elements.length;
  for (const [index, element] of elements.entries()) {
    fields.members.add(element);
    // Of items with the same key nobody can own a part.
    if (hasDuplicates && elements.indexOf(element) !== elements.lastIndexOf(element)) continue;
    addField(fields, element, list.items, value[index]);
  }
}

function isEmptyObject(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

/**
 * The set with the declared fields on the way to its members added. Removing these removes structs that would be left
 * without a field, but no keys of maps and no list items.
 */
export function withStructs(type: FieldType, fields: FieldSet): FieldSet {
  const result = new FieldSet();
  for (const element of fields.members) result.members.add(element);
  for (const [element, child] of fields.children) {
    const declared = element.startsWith('f:') && type.map?.field(element.slice(2))?.declared === true;
    if (declared) result.members.add(element);
    const childType = typeBelow(type, element);
    result.children.set(element, childType === undefined ? child : withStructs(childType, child));
  }
  return result;
}

/**
 * The set after a schema has made a list or map atomic in which it names single fields: the whole is owned instead.
 * @returns the same set when nothing changes.
 */
export function withAtomics(type: FieldType, fields: FieldSet): FieldSet {
  const { map } = type;
  if (map !== undefined && !map.hasFields && map.others?.scalar === 'untyped') return fields;
  let changed = false;
  const result = new FieldSet();
  for (const element of fields.members) result.members.add(element);
  for (const [element, child] of fields.children) {
    const childType = typeBelow(type, element);
    const atomic = childType !== undefined && (childType.map ?? childType.list)?.atomic === true;
    if (atomic) {
      changed = true;
      result.members.add(element);
      continue;
    }
    const next = childType === undefined ? child : withAtomics(childType, child);
    changed ||= next !== child;
    result.children.set(element, next);
  }
  return changed ? result : fields;
}
