import { isJsonObject, type JsonObject } from '../object.js';
import { copyJson, setField } from '../json.js';
import { propertySchema } from './correlation.js';
import type { Schema } from './schema.js';

/**
 * Fills in the defaults of a schema, in place. A null counts as absent where the schema is not nullable; it is
 * replaced by the default, or dropped when there is none. Objects that are absent and have no default stay absent,
 * whatever defaults their fields have.
 *
 * @see {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting | Defaulting}
 */
export function applyDefaults(schema: Schema, value: unknown): void {
  dropNulls(schema, value);
  fillDefaults(schema, value);
}

/** Whether {@link applyDefaults} would leave the value as it is. */
export function isDefaulted(schema: Schema, value: unknown): boolean {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined || value.every((item) => !isReplaced(items, item) && isDefaulted(items, item));
  }
  if (!isJsonObject(value)) {
    return true;
  }
  for (const [name, property] of propertiesWithDefaults(schema)) {
    if (!Object.hasOwn(value, name) || (value[name] === null && !isNullable(property))) {
      return false;
    }
  }
  for (const name in value) {
    const property = propertySchema(schema, name);
    if (property === undefined) {
      continue;
    }
    if ((value[name] === null && !isNullable(property)) || !isDefaulted(property, value[name])) {
      return false;
    }
  }
  return true;
}

/** A null in a list stays unless there is a default for it. */
function isReplaced(items: Schema, item: unknown): boolean {
  return item === null && !isNullable(items) && hasDefault(items);
}

function dropNulls(schema: Schema | undefined, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      dropNulls(schema?.items, item);
    }
  } else if (isJsonObject(value) && schema !== undefined) {
    for (const name of Object.keys(value)) {
      const property = propertySchema(schema, name);
      if (property === undefined) {
        continue;
      }
      if (value[name] === null && !isNullable(property) && !hasDefault(property)) {
        delete value[name];
      } else {
        dropNulls(property, value[name]);
      }
    }
  }
}

/** {@link applyDefaults}, but a null for which there is no default stays, to be judged. */
export function fillDefaults(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) {
    fillItems(schema.items, value);
  } else if (isJsonObject(value)) {
    fillObject(schema, value);
  }
}

function fillItems(schema: Schema | undefined, list: unknown[]): void {
  if (schema === undefined) {
    return;
  }
  list.forEach((item, position) => {
    if (isReplaced(schema, item)) {
      list[position] = copyJson(schema.default);
    }
    fillDefaults(schema, list[position]);
  });
}

function fillObject(schema: Schema, value: JsonObject): void {
  for (const [name, property] of propertiesWithDefaults(schema)) {
    const isAbsent = !Object.hasOwn(value, name) || (value[name] === null && !isNullable(property));
    if (isAbsent) {
      setField(value, name, copyJson(property.default));
    }
  }
  for (const name of Object.keys(value)) {
    const property = propertySchema(schema, name);
    if (property === undefined) {
      continue;
    }
    if (value[name] === null && !isNullable(property) && hasDefault(property)) {
      setField(value, name, copyJson(property.default));
    }
    fillDefaults(property, value[name]);
  }
}

const defaultsOfSchemas = new WeakMap<Schema, readonly (readonly [string, Schema])[]>();

/** Most properties have no default; the few that do are looked up once per schema. */
function propertiesWithDefaults(schema: Schema): readonly (readonly [string, Schema])[] {
  let found = defaultsOfSchemas.get(schema);
  if (found === undefined) {
    found = Object.entries(schema.properties ?? {}).filter(([, property]) => hasDefault(property));
    defaultsOfSchemas.set(schema, found);
  }
  return found;
}

function hasDefault(schema: Schema): boolean {
  return schema.default !== undefined && schema.default !== null;
}

function isNullable(schema: Schema): boolean {
  return schema.nullable === true;
}
