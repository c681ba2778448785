import { setField } from '../json.js';
import { isJsonObject } from '../object.js';
import type { FieldSet } from './field-set.js';
import { formOf, type FieldType, type ListType, type MapType } from './field-type.js';
import { itemElement } from './typed-value.js';

/**
 * The value without the fields and items of a set. A map or list of which nothing is left becomes null, as in the API
 * server. The result shares what did not change with the value.
 */
export function removeFields(type: FieldType, value: unknown, fields: FieldSet): unknown {
  const form = formOf(type, value);
  if (form === 'scalar') return value;
  if (form === 'map' && type.map !== undefined && isJsonObject(value)) return removeKeys(type.map, value, fields);
  if (form === 'list' && type.list !== undefined && Array.isArray(value)) return removeItems(type.list, value, fields);
  return null;
}

function removeKeys(map: MapType, value: Record<string, unknown>, fields: FieldSet): unknown {
  if (map.atomic) return null;
  const result: Record<string, unknown> = {};
  let isEmpty = true;
  for (const key of Object.keys(value)) {
    const field = map.field(key);
    if (field === undefined || fields.members.has(field.element)) continue;
    const below = fields.children.get(field.element);
    setField(result, key, below === undefined ? value[key] : removeFields(field.type, value[key], below));
    isEmpty = false;
  }
  return isEmpty ? null : result;
}

function removeItems(list: ListType, value: readonly unknown[], fields: FieldSet): unknown {
  if (list.atomic) return null;
  const result: unknown[] = [];
  for (const item of value) {
    const element = itemElement(list, item);
    if (fields.members.has(element)) continue;
    const below = fields.children.get(element);
    result.push(below === undefined ? item : removeFields(list.items, item, below));
  }
  return result.length === 0 ? null : result;
}
