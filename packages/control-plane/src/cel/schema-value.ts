import { isJsonObject, type JsonObject } from '../object.js';
import { propertySchema } from '../schema/correlation.js';
import { isDate } from '../schema/formats.js';
import { equalJson } from '../json.js';
import type { Schema } from '../schema/schema.js';
import { CelError } from './cel-error.js';
import { escapeFieldName } from './field-names.js';
import { isEmbeddedResource, withTypeFields } from './schema-type.js';
import { parseDuration, parseTimestamp } from './time.js';
import { Duration, equal, ListValue, MapValue, Timestamp, type OpaqueValue, type Value } from './values.js';

/**
 * Makes a CEL value of JSON, as its schema says: whole numbers become int, `format: duration` a duration. Objects are
 * converted field by field, when a field is asked for.
 *
 * @throws {@link CelError} when the value does not fit its schema.
 */
export function schemaValue(json: unknown, schema: Schema): Value {
  if (json === null || json === undefined) {
    if (schema.nullable === true) {
      return null;
    }
    throw new CelError('invalid data, got null for schema with nullable=false');
  }
  if (schema['x-kubernetes-int-or-string'] === true) {
    return intOrString(json);
  }
  switch (schema.type) {
    case 'object':
      return isJsonObject(json)
        ? new SchemaMap(json, schema)
        : invalidData('expected a map for the provided schema with type=object');
    case 'array':
      return Array.isArray(json)
        ? listValue(json, schema)
        : invalidData('expected an array for the provided schema with type=array');
    case 'string':
      return typeof json === 'string' ? stringValue(json, schema) : invalidData('expected string');
    case 'number':
      return typeof json === 'number' || typeof json === 'bigint' ? Number(json) : invalidData('expected float');
    case 'integer':
      return intValue(json) ?? invalidData('expected int');
    case 'boolean':
      return typeof json === 'boolean' ? json : invalidData('expected bool');
    default:
      return new PreservedValue(json);
  }
}

function invalidData(problem: string): never {
  throw new CelError(`invalid data, ${problem}`);
}

function intValue(json: unknown): bigint | undefined {
  if (typeof json === 'bigint') {
    return json;
  }
  return typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : undefined;
}

function intOrString(json: unknown): Value {
  const value = typeof json === 'string' ? json : intValue(json);
  return value ?? invalidData('expected XIntOrString value to be either a string or integer');
}

function stringValue(text: string, schema: Schema): Value {
  switch (schema.format) {
    case 'duration': {
      const nanos = parseDuration(text);
      return nanos === undefined ? invalidData(`Invalid duration ${text}`) : new Duration(nanos);
    }
    case 'date':
      return isDate(text) ? timestamp(`${text}T00:00:00Z`, text) : timestamp('', text);
    case 'date-time':
      return timestamp(text, text);
    case 'byte':
      return new Uint8Array(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}

function timestamp(text: string, original: string): Timestamp {
  const nanos = parseTimestamp(text.toUpperCase());
  if (nanos === undefined) {
    throw new CelError(`Invalid date-time formatted string ${original}`);
  }
  return new Timestamp(nanos);
}

function listValue(json: readonly unknown[], schema: Schema): ListValue {
  const { items } = schema;
  if (items === undefined) {
    throw new CelError('invalid array type, expected Items with a non-empty Schema');
  }
  const values = json.map((item) => schemaValue(item, isEmbeddedResource(items) ? withTypeFields(items) : items));
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return new SetList(values);
    case 'map':
      return new KeyedList(values, schema['x-kubernetes-list-map-keys'] ?? []);
    default:
      return new SchemaList(values);
  }
}

/** A list of an object. */
class SchemaList extends ListValue {
  override readonly isStrict = true;

  override concat(other: ListValue): ListValue {
    return new SchemaList([...this.items, ...other.items]);
  }
}

/** A list of type set: equal whatever its order, and `+` is the union. */
class SetList extends ListValue {
  override readonly isStrict = true;

  override equals(other: ListValue): boolean {
    return (
      this.items.length === other.items.length &&
      other.items.every((item) => this.items.some((mine) => equal(mine, item)))
    );
  }

  override concat(other: ListValue): ListValue {
    const added: Value[] = [];
    for (const item of other.items) {
      if (![...this.items, ...added].some((known) => equal(known, item))) {
        added.push(item);
      }
    }
    return new SetList([...this.items, ...added]);
  }
}

/** A list of type map: equal whatever its order, and `+` replaces items with the same keys. */
class KeyedList extends ListValue {
  override readonly isStrict = true;

  constructor(
    items: readonly Value[],
    readonly keyNames: readonly string[],
  ) {
    super(items);
  }

  override equals(other: ListValue): boolean {
    return (
      this.items.length === other.items.length &&
      other.items.every((item) => {
        const mine = this.items.find((candidate) => this.#sameKeys(candidate, item));
        return mine !== undefined && equal(mine, item);
      })
    );
  }

  override concat(other: ListValue): ListValue {
    const merged = [...this.items];
    for (const item of other.items) {
      const position = merged.findIndex((candidate) => this.#sameKeys(candidate, item));
      merged[position === -1 ? merged.length : position] = item;
    }
    return new KeyedList(merged, this.keyNames);
  }

  #sameKeys(a: Value, b: Value): boolean {
    return this.keyNames.every((name) => {
      const key = escapeFieldName(name) ?? name;
      const left = a instanceof MapValue ? a.get(key) : undefined;
      const right = b instanceof MapValue ? b.get(key) : undefined;
      return left === undefined || right === undefined ? left === right : equal(left, right);
    });
  }
}

/** An object or a map of a schema. Fields of objects have the names that rules use for them. */
class SchemaMap extends MapValue {
  override readonly isStrict = true;
  readonly #converted = new Map<string, Value>();

  constructor(
    readonly json: JsonObject,
    readonly schema: Schema,
  ) {
    super();
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') {
      return undefined;
    }
    const known = this.#converted.get(key);
    if (known !== undefined) {
      return known;
    }
    const name = this.#fieldName(key);
    const property = name === undefined ? undefined : propertySchema(this.schema, name);
    if (name === undefined || property === undefined || !Object.hasOwn(this.json, name)) {
      return undefined;
    }
    // A nullable field that is null counts as absent; a null in a map does not.
    if (this.json[name] === null && this.schema.properties !== undefined) {
      return undefined;
    }
    const value = schemaValue(this.json[name], isEmbeddedResource(property) ? withTypeFields(property) : property);
    this.#converted.set(key, value);
    return value;
  }

  keys(): readonly Value[] {
    return Object.keys(this.json).flatMap((name) =>
      propertySchema(this.schema, name) === undefined
        ? []
        : [this.schema.properties === undefined ? name : (escapeFieldName(name) ?? name)],
    );
  }

  override equals(other: MapValue): boolean {
    if (!super.equals(other)) {
      return false;
    }
    // Fields that the schema preserves without knowing them compare as JSON.
    return (
      !(other instanceof SchemaMap) ||
      Object.keys(this.json).every(
        (name) => propertySchema(this.schema, name) !== undefined || equalJson(this.json[name], other.json[name]),
      )
    );
  }

  #fieldName(key: string): string | undefined {
    if (this.schema.properties === undefined) {
      return key;
    }
    return fieldNames(this.schema.properties).get(key);
  }
}

const namesOfProperties = new WeakMap<object, ReadonlyMap<string, string>>();

/** The names of an object's fields by the identifiers that rules use for them. */
function fieldNames(properties: NonNullable<Schema['properties']>): ReadonlyMap<string, string> {
  let names = namesOfProperties.get(properties);
  if (names === undefined) {
    names = new Map(Object.keys(properties).map((name) => [escapeFieldName(name) ?? name, name]));
    namesOfProperties.set(properties, names);
  }
  return names;
}

/** A value of unknown shape: it can be compared and nothing else. */
class PreservedValue implements OpaqueValue {
  readonly opaqueType = 'unknown';

  constructor(readonly json: unknown) {}

  equals(other: OpaqueValue): boolean {
    return other instanceof PreservedValue && equalJson(this.json, other.json);
  }
}
