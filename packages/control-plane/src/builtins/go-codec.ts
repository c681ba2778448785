import { isJsonObject, type JsonObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import { setField } from '../json.js';
import { base64Problem } from './base64.js';
import { definitionOf } from './definitions.js';
import { normalizeMicroTime, normalizeTime, TimeError } from './go-time.js';
import { goStruct, structInRaw, type GoField, type GoStruct, type GoType } from './go-types.js';
import { formatQuantity, parseQuantity, QuantityError } from '../quantity.js';

/**
 * What passing through the Go struct of a built-in kind does to JSON: it fails on a wrong type, drops what is empty,
 * and brings times, quantities and base64 into one form. Clients compare what they sent with what they read, so a
 * server that skips this hides their drift.
 */

/**
 * Why kube-apiserver cannot decode a document of a built-in kind, in its words; undefined if it can. Unknown fields are
 * not its concern.
 *
 * @param schema - A built-in kind's `schema`.
 */
export function decodeError(schema: Schema, value: unknown): string | undefined {
  const definition = definitionOf(schema);
  if (definition === undefined) return undefined;
  return isJsonObject(value)
    ? structError(goStruct(definition), value, { structs: [], names: [] })
    : `json: cannot unmarshal ${jsonKind(value)} into Go value of type v1.${goStruct(definition).name}`;
}

/** Brings a decodable object of a built-in kind, in place, into the form in which the server would write it. */
export function normalizeObject(definition: string, object: JsonObject): void {
  normalizeStruct(goStruct(definition), object);
}

// ---- decoding errors

/**
 * Where a value sits, for Go's message: the names of the fields on the way to it, and the structs that have them. It
 * becomes text for what is wrong only.
 */
interface Place {
  readonly structs: string[];
  readonly names: string[];
}

function structError(struct: GoStruct, object: JsonObject, place: Place): string | undefined {
  for (const name of Object.keys(object)) {
    const field = struct.fields.get(name);
    if (field === undefined) continue;
    place.structs.push(struct.name);
    place.names.push(name);
    const error = valueError(field.type, object[name], place);
    if (error !== undefined) return error;
    place.structs.pop();
    place.names.pop();
  }
  return undefined;
}

function valueError(type: GoType, value: unknown, place: Place): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (type.kind) {
    case 'raw': {
      const struct = structInRaw(type.definition);
      return struct !== undefined && isJsonObject(value) ? structError(struct, value, place) : undefined;
    }
    case 'struct':
      return isJsonObject(value) ? structError(type.struct, value, place) : wrongType(type, value, place);
    case 'list':
      return Array.isArray(value) ? firstError(type.item, value, place) : wrongType(type, value, place);
    case 'map':
      return isJsonObject(value) ? firstError(type.value, Object.values(value), place) : wrongType(type, value, place);
    case 'string':
      return typeof value === 'string' ? undefined : wrongType(type, value, place);
    case 'bool':
      return typeof value === 'boolean' ? undefined : wrongType(type, value, place);
    case 'double':
      return typeof value === 'number' ? undefined : wrongType(type, value, place);
    case 'int32':
    case 'int64':
      return isInteger(value, type.kind) ? undefined : wrongType(type, value, place);
    case 'intOrString':
      return typeof value === 'string' || isInteger(value, 'int32') ? undefined : wrongType(type, value, place);
    case 'bytes': {
      if (typeof value !== 'string') return wrongType(type, value, place);
      const offset = base64Problem(value);
      return offset === undefined ? undefined : `illegal base64 data at input byte ${offset}`;
    }
    case 'time':
      return typeof value === 'string' ? failure(() => normalizeTime(value)) : wrongType(type, value, place);
    case 'microTime':
      return typeof value === 'string' ? failure(() => normalizeMicroTime(value)) : wrongType(type, value, place);
    case 'quantity':
      return failure(() => parseQuantity(quantityText(value)));
  }
}

function firstError(type: GoType, values: readonly unknown[], place: Place): string | undefined {
  for (const value of values) {
    const error = valueError(type, value, place);
    if (error !== undefined) return error;
  }
  return undefined;
}

function wrongType(type: GoType, value: unknown, { structs, names }: Place): string {
  const number = typeof value === 'number' && isNumeric(type) ? ` ${value}` : '';
  const field = `${structs.at(-1) ?? ''}.${names.join('.')}`;
  return `json: cannot unmarshal ${jsonKind(value)}${number} into Go struct field ${field} of type ${goTypeName(type)}`;
}

function isNumeric(type: GoType): boolean {
  return type.kind === 'int32' || type.kind === 'int64' || type.kind === 'intOrString';
}

function isInteger(value: unknown, kind: 'int32' | 'int64'): boolean {
  return Number.isInteger(value) && (kind === 'int64' || value === Number(value) >> 0);
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function goTypeName(type: GoType): string {
  switch (type.kind) {
    case 'struct':
      return `v1.${type.struct.name}`;
    case 'list':
      return `[]${goTypeName(type.item)}`;
    case 'map':
      return `map[string]${goTypeName(type.value)}`;
    case 'double':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'intOrString':
      return 'int32';
    case 'quantity':
      return 'resource.Quantity';
    case 'int32':
    case 'int64':
    case 'bool':
      return type.kind;
    case 'string':
    case 'time':
    case 'microTime':
    case 'raw':
      return 'string';
  }
}

function quantityText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : JSON.stringify(value);
}

function failure(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof TimeError || error instanceof QuantityError) return error.message;
    throw error;
  }
}

// ---- normal form

function normalizeStruct(struct: GoStruct, object: JsonObject): void {
  for (const name of Object.keys(object)) {
    const field = struct.fields.get(name);
    if (field === undefined) continue;
    const value = object[name];
    const normal = value === null ? undefined : normalize(field.type, value);
    if (normal === undefined || (!field.pointer && !field.always && isEmpty(field, normal))) delete object[name];
    else if (normal !== value) object[name] = normal;
  }
  for (const field of fieldsWrittenWhenEmpty(struct)) {
    const value = object[field.name];
    if (value === undefined) object[field.name] = zeroValue(field.type);
    else if (field.always && isEmptyCollection(field.type, value)) object[field.name] = null;
  }
}

function normalize(type: GoType, value: unknown): unknown {
  switch (type.kind) {
    case 'struct':
      if (isJsonObject(value)) normalizeStruct(type.struct, value);
      return value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => normalizeItem(type.item, item)) : value;
    case 'map':
      if (isJsonObject(value)) {
        for (const key of Object.keys(value)) setField(value, key, normalizeItem(type.value, value[key]));
      }
      return value;
    case 'bytes':
      return typeof value === 'string' ? value.replace(/[\r\n]/g, '') : value;
    case 'time':
      return typeof value === 'string' ? normalizeTime(value) : value;
    case 'microTime':
      return typeof value === 'string' ? normalizeMicroTime(value) : value;
    case 'quantity':
      return formatQuantity(parseQuantity(quantityText(value)));
    case 'raw': {
      const struct = structInRaw(type.definition);
      if (struct !== undefined && isJsonObject(value)) normalizeStruct(struct, value);
      return value;
    }
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return value;
  }
}

/** Items of lists and maps stay, whatever they are: a null is the item's zero value. */
function normalizeItem(type: GoType, item: unknown): unknown {
  return item === null ? zeroValue(type) : normalize(type, item);
}

const writtenWhenEmpty = new WeakMap<GoStruct, readonly GoField[]>();

/** Fields without `omitempty`, and structs, which Go's `omitempty` does not leave out. Few of a struct's fields are. */
function fieldsWrittenWhenEmpty(struct: GoStruct): readonly GoField[] {
  const known = writtenWhenEmpty.get(struct);
  if (known !== undefined) return known;
  const fields = [...struct.fields.values()].filter(
    ({ type, pointer, always, omitZero, path }) =>
      !pointer && (always || (!omitZero && isStructLike(type) && path.length > 0)),
  );
  writtenWhenEmpty.set(struct, fields);
  return fields;
}

function isStructLike({ kind }: GoType): boolean {
  return kind === 'struct' || kind === 'time' || kind === 'microTime' || kind === 'quantity' || kind === 'intOrString';
}

function isEmpty(field: GoField, value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return !isStructLike(field.type);
  if (Array.isArray(value)) return value.length === 0;
  return field.type.kind === 'map' && isJsonObject(value) && Object.keys(value).length === 0;
}

function isEmptyCollection(type: GoType, value: unknown): boolean {
  if (type.kind === 'list') return Array.isArray(value) && value.length === 0;
  return type.kind === 'map' && isJsonObject(value) && Object.keys(value).length === 0;
}

function zeroValue(type: GoType): unknown {
  switch (type.kind) {
    case 'struct': {
      const object: JsonObject = {};
      normalizeStruct(type.struct, object);
      return object;
    }
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'list':
    case 'map':
    case 'bytes':
    case 'time':
    case 'microTime':
    case 'raw':
      return null;
  }
}
