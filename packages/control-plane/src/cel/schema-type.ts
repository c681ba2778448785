import type { Schema } from '../schema/schema.js';
import { escapeFieldName } from './field-names.js';
import { BOOL, DOUBLE, DYN, INT, listOf, mapOf, STRING, type CelType } from './types.js';

/** The largest request the API server takes, which bounds every value that the schema does not. */
export const MAX_REQUEST_BYTES = 3 * 1024 * 1024;

/** A CEL type, and the shortest JSON text that a value of it can have. */
export interface SchemaType {
  readonly type: CelType;
  readonly minJsonBytes: number;
}

const ROOT_METADATA: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/**
 * The type that rules see for a schema; undefined for what they cannot see, such as fields of unknown shape.
 *
 * @param isResource - At the root of an object apiVersion, kind, metadata.name and metadata.generateName are visible.
 * @see {@link https://github.com/kubernetes/kubernetes/blob/v1.34.0/staging/src/k8s.io/apiserver/pkg/cel/common/schemas.go | SchemaDeclType}
 */
export function schemaType(schema: Schema, isResource: boolean): SchemaType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { type: { ...DYN, maxSize: stringSize(schema) }, minJsonBytes: 1 };
  }
  switch (schema.type) {
    case 'array':
      return arrayType(schema);
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapType(schema, schema.additionalProperties)
        : objectType(isResource ? withTypeFields(schema) : schema);
    case 'string':
      return stringType(schema);
    case 'boolean':
      return { type: BOOL, minJsonBytes: 4 };
    case 'number':
      return { type: DOUBLE, minJsonBytes: 1 };
    case 'integer':
      return { type: INT, minJsonBytes: 1 };
    default:
      return undefined;
  }
}

/** The schema of a resource with the fields that every resource has. */
export function withTypeFields(schema: Schema): Schema {
  const known = resourceSchemas.get(schema);
  if (known !== undefined) {
    return known;
  }
  const text: Schema = { type: 'string' };
  const extended: Schema = {
    ...schema,
    properties: { ...schema.properties, apiVersion: text, kind: text, metadata: ROOT_METADATA },
  };
  resourceSchemas.set(schema, extended);
  return extended;
}

const resourceSchemas = new WeakMap<Schema, Schema>();

export function isEmbeddedResource(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function arrayType(schema: Schema): SchemaType | undefined {
  const items = schema.items === undefined ? undefined : schemaType(schema.items, isEmbeddedResource(schema.items));
  if (items === undefined) {
    return undefined;
  }
  const maxItems = schema.maxItems ?? Math.floor((MAX_REQUEST_BYTES - 2) / (items.minJsonBytes + 1));
  return { type: listOf(items.type, Math.max(0, maxItems)), minJsonBytes: 2 };
}

function mapType(schema: Schema, values: Schema): SchemaType | undefined {
  const value = schemaType(values, isEmbeddedResource(values));
  if (value === undefined) {
    return undefined;
  }
  const maxEntries = schema.maxProperties ?? Math.floor((MAX_REQUEST_BYTES - 2) / (value.minJsonBytes + 6));
  // The server estimates keys as if they were empty.
  return { type: mapOf({ ...STRING, maxSize: 0 }, value.type, Math.max(0, maxEntries)), minJsonBytes: 2 };
}

function objectType(schema: Schema): SchemaType {
  const fields = new Map<string, CelType>();
  const required = new Set(schema.required);
  let minJsonBytes = 2;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const field = schemaType(property, isEmbeddedResource(property));
    const identifier = escapeFieldName(name);
    if (field === undefined) {
      continue;
    }
    if (identifier !== undefined) {
      fields.set(identifier, field.type);
    }
    if (required.has(name) && property.default === undefined) {
      minJsonBytes += Buffer.byteLength(name) + field.minJsonBytes + 4;
    }
  }
  return { type: { kind: 'object', fields }, minJsonBytes };
}

function stringType(schema: Schema): SchemaType {
  const maxSize = stringSize(schema);
  switch (schema.format) {
    case 'byte':
      return { type: { kind: 'bytes', maxSize: schema.maxLength ?? maxSize }, minJsonBytes: 2 };
    case 'duration':
      return { type: { kind: 'duration', maxSize: 32 }, minJsonBytes: 3 };
    case 'date':
      return { type: { kind: 'timestamp', maxSize: 12 }, minJsonBytes: 12 };
    case 'date-time':
      return { type: { kind: 'timestamp', maxSize: 32 }, minJsonBytes: 21 };
    default:
      return { type: { ...STRING, maxSize }, minJsonBytes: 2 };
  }
}

/** In bytes: each of the characters that `maxLength` counts can take four. */
function stringSize(schema: Schema): number {
  if (schema.maxLength !== undefined) {
    return Math.max(0, schema.maxLength) * 4;
  }
  const isPlainString = schema['x-kubernetes-int-or-string'] !== true;
  if (isPlainString && schema.enum !== undefined && schema.enum.length > 0) {
    return Math.max(...schema.enum.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
  }
  return MAX_REQUEST_BYTES - 2;
}
