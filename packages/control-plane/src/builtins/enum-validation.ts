import { isJsonObject } from '../object.js';
import { notSupported } from '../schema/field-error.js';
import { child, index, key } from '../schema/field-path.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';

/** Checks the enumerations that a built-in kind's schema declares. Status is not looked at. */
export function validateEnums(schema: Schema, object: object): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (name !== 'metadata' && name !== 'status') visit(property, Reflect.get(object, name), name, errors);
  }
  return errors;
}

function visit(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
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
