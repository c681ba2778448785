import { isJsonObject, type JsonObject } from '../object.js';
import type { FieldError } from '../status-error.js';
import { duplicate, invalid, printJson } from './field-error.js';
import { child, index, key } from './field-path.js';
import { ownEntry, setField } from '../json.js';
import type { Schema } from './schema.js';

/**
 * Finds items that a list of type set or map has twice.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy | x-kubernetes-list-type}
 */
export function listTypeErrors(schema: Schema, value: unknown, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  collect(schema, value, path, errors);
  return errors;
}

function collect(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    collectFromList(schema, value, path, errors);
  } else if (isJsonObject(value)) {
    const { additionalProperties } = schema;
    for (const name of Object.keys(value)) {
      if (typeof additionalProperties === 'object') {
        collect(additionalProperties, value[name], key(path, name), errors);
      }
      const property = ownEntry(schema.properties, name);
      if (property !== undefined) {
        collect(property, value[name], child(path, name), errors);
      }
    }
  }
}

function collectFromList(schema: Schema, list: readonly unknown[], path: string, errors: FieldError[]): void {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      errors.push(...repeated(list).map((position) => duplicate(index(path, position), list[position])));
      break;
    case 'map':
      errors.push(...mapErrors(schema, list, path));
      break;
    case 'atomic':
    case undefined:
      break;
  }
  const { items } = schema;
  if (items !== undefined && typeof items === 'object') {
    list.forEach((item, position) => {
      collect(items, item, index(path, position), errors);
    });
  }
}

function mapErrors(schema: Schema, list: readonly unknown[], path: string): FieldError[] {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong !== -1) {
    return [invalid(index(path, wrong), list[wrong], 'must be an object for an array of list-type map')];
  }
  const keys = list.map((item) => keysOf(schema, item));
  return repeated(keys).map((position) => duplicate(index(path, position), keys[position]));
}

/** The item reduced to the fields that identify it. */
function keysOf(schema: Schema, item: unknown): JsonObject {
  const keys: JsonObject = {};
  for (const name of schema['x-kubernetes-list-map-keys'] ?? []) {
    if (isJsonObject(item) && Object.hasOwn(item, name)) {
      setField(keys, name, item[name]);
    }
  }
  return keys;
}

/** Positions at which a value is seen for the second time; a third time is not reported again. */
function repeated(list: readonly unknown[]): number[] {
  if (list.length < 2) {
    return [];
  }
  const times = new Map<string, number>();
  return list.flatMap((item, position) => {
    const text = printJson(item);
    const seen = (times.get(text) ?? 0) + 1;
    times.set(text, seen);
    return seen === 2 ? [position] : [];
  });
}
