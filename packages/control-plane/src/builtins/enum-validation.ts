import { isJsonObject } from '../object.js';
import { ownEntry } from '../json.js';
import { notSupported } from '../schema/field-error.js';
import { child, index, key } from '../schema/field-path.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';

/** Checks the enumerations that a built-in kind's schema declares. Status is not looked at. */
export function validateEnums(schema: Schema, object: object): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(object)) {
    const property = name === 'metadata' || name === 'status' ? undefined : ownEntry(schema.properties, name);
    if (property !== undefined) visit(property, value, name, errors);
  }
  return errors;
}

const enumerating = new WeakMap<Schema, boolean>();

/** Whether a schema has an enumeration somewhere: most parts of most kinds have none. */
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
  if (!hasEnums(schema)) return;
  if (typeof value === 'string') {
    if (value !== '' && schema.enum !== undefined && !schema.enum.includes(value)) {
      errors.push(notSupported(path, value, schema.enum.map(String)));
    }
  } else if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((item, position) => visit(items, item, index(path, position), errors));
  } else if (isJsonObject(value)) {
    const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    for (const [name, field] of Object.entries(value)) {
      const property = schema.properties?.[name];
      if (property !== undefined) visit(property, field, child(path, name), errors);
      else if (values !== undefined) visit(values, field, key(path, name), errors);
    }
  }
}
