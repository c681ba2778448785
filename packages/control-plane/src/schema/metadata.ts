import { isJsonObject, type JsonObject } from '../object.js';
import { child, index } from './field-path.js';
import { isDate } from './formats.js';

/** How a field of ObjectMeta is encoded. */
type FieldShape =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'time'
  | 'any'
  | { readonly mapOf: 'string' }
  | { readonly listOf: FieldShape }
  | StructShape;

interface StructShape {
  readonly fields: Readonly<Record<string, FieldShape>>;
  /** `ObjectMeta`. */
  readonly type: string;
}

const OWNER_REFERENCE: FieldShape = {
  type: 'OwnerReference',
  fields: {
    apiVersion: 'string',
    kind: 'string',
    name: 'string',
    uid: 'string',
    controller: 'boolean',
    blockOwnerDeletion: 'boolean',
  },
};

const MANAGED_FIELDS_ENTRY: FieldShape = {
  type: 'ManagedFieldsEntry',
  fields: {
    manager: 'string',
    operation: 'string',
    apiVersion: 'string',
    time: 'time',
    fieldsType: 'string',
    fieldsV1: 'any',
    subresource: 'string',
  },
};

/** @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ | ObjectMeta} */
const META_FIELDS: Readonly<Record<string, FieldShape>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'integer',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'integer',
  labels: { mapOf: 'string' },
  annotations: { mapOf: 'string' },
  ownerReferences: { listOf: OWNER_REFERENCE },
  finalizers: { listOf: 'string' },
  managedFields: { listOf: MANAGED_FIELDS_ENTRY },
};
const OBJECT_META: FieldShape = { type: 'ObjectMeta', fields: META_FIELDS };

export interface CoercedMetadata {
  /** Paths of the fields that ObjectMeta does not have; they were removed. */
  readonly unknown: readonly string[];
  /** Why the metadata cannot be read, in the words of the API server's decoder. Nothing was changed then. */
  readonly problem?: string;
}

/**
 * Brings metadata into the form that the API server stores: unknown fields, nulls and empty values are removed.
 *
 * @param path - Where the metadata is, for the paths of unknown fields.
 * @param isRoot - Whether it is the metadata of the object itself, not of one that is embedded in it.
 */
export function coerceMetadata(metadata: unknown, path: string, isRoot: boolean): CoercedMetadata {
  const problem = malformedMetadata(metadata);
  if (problem !== undefined || !isJsonObject(metadata)) {
    return { unknown: [], ...(problem === undefined ? {} : { problem }) };
  }
  // At the root, empty managedFields are no value but a request to reset them, which their writer must see.
  const asksForReset = isRoot && Array.isArray(metadata.managedFields) && metadata.managedFields.length === 0;
  const unknown: string[] = [];
  normalize(metadata, META_FIELDS, path, unknown);
  if (asksForReset) {
    metadata.managedFields = [];
  }
  return { unknown };
}

/** Why the value cannot be an object's metadata: `json: cannot unmarshal number into Go struct field …`. */
export function malformedMetadata(metadata: unknown): string | undefined {
  if (metadata === null || metadata === undefined) {
    return undefined;
  }
  if (!isJsonObject(metadata)) {
    return `json: cannot unmarshal ${jsonType(metadata)} into Go value of type v1.ObjectMeta`;
  }
  return problemIn(metadata, OBJECT_META, '');
}

function problemIn(value: unknown, shape: FieldShape, path: string): string | undefined {
  if (value === null || value === undefined || shape === 'any') {
    return undefined;
  }
  if (shape === 'time') {
    return typeof value === 'string' ? timeProblem(value) : cannotUnmarshal(value, path, 'string');
  }
  if (typeof shape === 'string') {
    const fits = shape === 'integer' ? Number.isInteger(value) : typeof value === shape;
    return fits ? undefined : cannotUnmarshal(value, path, GO_TYPES[shape]);
  }
  if ('listOf' in shape) {
    if (Array.isArray(value)) {
      return problemAmong(value, shape.listOf, path);
    }
    return cannotUnmarshal(
      value,
      path,
      typeof shape.listOf === 'object' ? `[]v1.${structName(shape.listOf)}` : '[]string',
    );
  }
  if (!isJsonObject(value)) {
    return cannotUnmarshal(value, path, 'mapOf' in shape ? 'map[string]string' : `v1.${structName(shape)}`);
  }
  return 'mapOf' in shape ? problemAmong(Object.values(value), shape.mapOf, path) : problemInStruct(value, shape, path);
}

function problemAmong(values: readonly unknown[], shape: FieldShape, path: string): string | undefined {
  for (const value of values) {
    const problem = problemIn(value, shape, path);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

function problemInStruct(value: JsonObject, { fields, type }: StructShape, path: string): string | undefined {
  for (const name in fields) {
    const shape = fields[name];
    if (shape === undefined || !Object.hasOwn(value, name)) {
      continue;
    }
    const problem = problemIn(value[name], shape, `${path === '' ? type : path}.${name}`);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

const GO_TYPES = { string: 'string', integer: 'int64', boolean: 'bool' } as const;

function structName(shape: FieldShape): string {
  return typeof shape === 'object' && 'type' in shape ? shape.type : '';
}

function cannotUnmarshal(value: unknown, path: string, goType: string): string {
  return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${path} of type ${goType}`;
}

function jsonType(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : 'number';
    case 'string':
      return 'string';
    default:
      return Array.isArray(value) ? 'array' : 'object';
  }
}

/** What Go's time package says of a text that is not RFC 3339. */
function timeProblem(text: string): string | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (parts !== null && isDate(parts[1] ?? '')) {
    return undefined;
  }
  const rest = ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05', 'Z07:00'];
  let position = 0;
  for (const element of rest) {
    const found = text.slice(position, position + element.length);
    const fits = /^\d+$/.test(element) ? /^\d+$/.test(found) && found.length === element.length : found === element;
    if (!fits) {
      return `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text.slice(position))} as ${JSON.stringify(element)}`;
    }
    position += element.length;
  }
  return `parsing time ${JSON.stringify(text)}: day out of range`;
}

function normalize(
  value: JsonObject,
  fields: Readonly<Record<string, FieldShape>>,
  path: string,
  unknown: string[],
): void {
  for (const name of Object.keys(value)) {
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (shape === undefined) {
      unknown.push(child(path, name));
      delete value[name];
      continue;
    }
    const field = value[name];
    if (isEmpty(field, shape)) {
      delete value[name];
    } else if (typeof shape === 'object' && 'mapOf' in shape && isJsonObject(field)) {
      normalizeMap(field);
    } else if (typeof shape === 'object' && 'listOf' in shape && Array.isArray(field)) {
      normalizeList(field, shape.listOf, child(path, name), unknown);
    }
  }
}

/** A null among strings reads as the empty string. */
function normalizeMap(map: JsonObject): void {
  for (const name of Object.keys(map)) {
    map[name] ??= '';
  }
}

function normalizeList(list: unknown[], shape: FieldShape, path: string, unknown: string[]): void {
  list.forEach((item, position) => {
    if (typeof shape === 'object' && 'fields' in shape && isJsonObject(item)) {
      normalize(item, shape.fields, index(path, position), unknown);
      for (const [name, field] of Object.entries(REQUIRED_FIELDS)) {
        if (shape === OWNER_REFERENCE && !Object.hasOwn(item, name)) {
          item[name] = field;
        }
      }
    } else {
      list[position] ??= '';
    }
  });
}

/** What an owner reference always has, even when empty. */
const REQUIRED_FIELDS = { apiVersion: '', kind: '', name: '', uid: '' };

/** Whether Go leaves the field out: pointers (booleans of owner references, grace periods) only when null. */
function isEmpty(value: unknown, shape: FieldShape): boolean {
  if (value === null || value === undefined || value === '') {
    return true;
  }
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  return typeof shape === 'object' && 'mapOf' in shape && isJsonObject(value) && Object.keys(value).length === 0;
}
