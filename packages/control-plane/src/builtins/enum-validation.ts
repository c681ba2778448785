import { isJsonObject } from '../object.js';
import { notSupported } from '../schema/field-error.js';
import { child, index, key } from '../schema/field-path.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';

/** Checks the enumerations that a built-in kind's schema declares. Status is not looked at. */
export function validateEnums(schema: Schema, object: object): FieldError[] {
  const errors: FieldError[] = [];
  const { properties } = enumsOf(schema);
  for (const [name, value] of Object.entries(object)) {
    const property = name === 'metadata' || name === 'status' ? undefined : properties.get(name);
    if (property !== undefined) visit(property, value, name, errors);
  }
  return errors;
}

/** The parts of a schema in which there are enumerations somewhere: most parts of most kinds have none. */
interface Enums {
  /** The texts that the value itself may be. */
  readonly texts: readonly unknown[] | undefined;
  readonly properties: ReadonlyMap<string, Schema>;
  readonly items: Schema | undefined;
  /** Of a map. */
  readonly values: Schema | undefined;
}

const enums = new WeakMap<Schema, Enums>();
const enumerating = new WeakMap<Schema, boolean>();

function enumsOf(schema: Schema): Enums {
  let known = enums.get(schema);
  if (known === undefined) {
    const { enum: texts, additionalProperties, items, properties = {} } = schema;
    const part = (inner: Schema | boolean | undefined): Schema | undefined =>
      typeof inner === 'object' && hasEnums(inner) ? inner : undefined;
    known = {
      texts,
      properties: new Map(Object.entries(properties).filter(([, property]) => hasEnums(property))),
      items: part(items),
      values: part(additionalProperties),
    };
    enums.set(schema, known);
  }
  return known;
}

function hasEnums(schema: Schema): boolean {
  const known = enumerating.get(schema);
  if (known !== undefined) return known;
  // A schema inside itself adds nothing, and while that is not known yet, it is to be looked at.
  enumerating.set(schema, true);
  const { additionalProperties, items, properties = {} } = schema;
  const parts = [items, additionalProperties, ...Object.values(properties)];
  const found = schema.enum !== undefined || parts.some((part) => typeof part === 'object' && hasEnums(part));
  enumerating.set(schema, found);
  return found;
}

function visit(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  const { texts, properties, items, values } = enumsOf(schema);
  if (typeof value === 'string') {
    if (value !== '' && texts !== undefined && !texts.includes(value)) {
      errors.push(notSupported(path, value, texts.map(String)));
    }
  } else if (Array.isArray(value)) {
    if (items !== undefined) value.forEach((item, position) => visit(items, item, index(path, position), errors));
  } else if (isJsonObject(value)) {
    for (const [name, field] of Object.entries(value)) {
      const property = properties.get(name);
      if (property !== undefined) visit(property, field, child(path, name), errors);
      else if (values !== undefined) visit(values, field, key(path, name), errors);
    }
  }
}
