import { isJsonObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import { objectMetaSchema } from './object-meta-schema.js';
import { canonicalJson, fieldElement, type PathElement } from './path-element.js';

/**
 * A schema as ownership sees it: how a value divides into fields that can be owned.
 *
 * A type may allow several forms (`x-kubernetes-int-or-string`, regions that keep unknown fields); the value decides.
 * @see {@link https://github.com/kubernetes-sigs/structured-merge-diff | structured-merge-diff}
 */
export interface FieldType {
  readonly scalar?: ScalarType;
  readonly list?: ListType;
  readonly map?: MapType;
}

export type ScalarType = 'string' | 'numeric' | 'boolean' | 'untyped';

export interface ListType {
  /** Owned as a whole. */
  readonly atomic: boolean;
  /** The fields whose values name an item; none: the list is a set of scalars. */
  readonly keys: readonly string[];
  readonly items: FieldType;
  /** The path element of an item by these keys; undefined when it has none of them. */
  itemElement(item: Readonly<Record<string, unknown>>): PathElement | undefined;
}

export interface MapType {
  /** Owned as a whole. */
  readonly atomic: boolean;
  readonly hasFields: boolean;
  /** The type of the keys that have no field of their own; undefined where there may be none. */
  readonly others: FieldType | undefined;
  /** The field of a name; undefined where there may be none of that name. */
  field(name: string): Field | undefined;
}

export interface Field {
  readonly element: PathElement;
  readonly type: FieldType;
  /** Whether the schema names it; otherwise it is a key of a map. */
  readonly declared: boolean;
}

export type Form = 'scalar' | 'list' | 'map';

/** The form in which a type takes a value; for null and for a value that does not fit, the first that the type has. */
export function formOf(type: FieldType, value: unknown): Form {
  if (Array.isArray(value)) {
    if (type.list !== undefined) return 'list';
  } else if (isJsonObject(value)) {
    if (type.map !== undefined) return 'map';
  } else if (value !== null && value !== undefined && type.scalar !== undefined) return 'scalar';
  return defaultForm(type);
}

/** The form of a type without a value. */
export function defaultForm(type: FieldType): Form {
  if (type.map !== undefined) return 'map';
  return type.scalar !== undefined ? 'scalar' : 'list';
}

/** The type of what a path element leads to. */
export function typeBelow(type: FieldType, element: PathElement): FieldType | undefined {
  return element.startsWith('f:') ? type.map?.field(element.slice(2))?.type : type.list?.items;
}

/** Anything, owned as a whole. */
const opaque: FieldType = {
  scalar: 'untyped',
  list: untypedList(() => opaque),
  map: untypedMap(true, () => opaque),
};

/** Anything: objects by key, lists as a whole. What the server does not know is owned so. */
export const deduced: FieldType = {
  scalar: 'untyped',
  list: untypedList(() => opaque),
  map: untypedMap(false, () => deduced),
};

function untypedList(items: () => FieldType): ListType {
  return {
    atomic: true,
    keys: [],
    get items() {
      return items();
    },
    itemElement: () => undefined,
  };
}

function untypedMap(atomic: boolean, others: () => FieldType): MapType {
  return {
    atomic,
    hasFields: false,
    get others() {
      return others();
    },
    field: (name) => ({ element: fieldElement(name), type: others(), declared: false }),
  };
}

const roots = new WeakMap<Schema, FieldType>();
const types = new WeakMap<Schema, FieldType>();
const preservingTypes = new WeakMap<Schema, FieldType>();

/** The type of a whole object of a kind. `metadata` is ObjectMeta, whatever the schema says about it. */
export function objectType(schema: Schema): FieldType {
  let type = roots.get(schema);
  if (type === undefined) {
    const { type: _, ...rest } = withObjectFields(schema);
    type = compile({ ...rest, type: 'object' }, false);
    roots.set(schema, type);
  }
  return type;
}

/**
 * The type of a part of an object. Compiled once per schema.
 * @param preserving - The schema lies in a region that keeps unknown fields.
 */
export function fieldType(schema: Schema, preserving: boolean): FieldType {
  const cache = preserving ? preservingTypes : types;
  let type = cache.get(schema);
  if (type === undefined) {
    type = compile(schema['x-kubernetes-embedded-resource'] === true ? withObjectFields(schema) : schema, preserving);
    cache.set(schema, type);
  }
  return type;
}

function withObjectFields(schema: Schema): Schema {
  const string: Schema = { type: 'string' };
  return {
    ...schema,
    properties: { ...schema.properties, apiVersion: string, kind: string, metadata: objectMetaSchema },
  };
}

function compile(schema: Schema, inherited: boolean): FieldType {
  const preserving = inherited || schema['x-kubernetes-preserve-unknown-fields'] === true;
  switch (schema.type) {
    case 'object':
      return { map: mapType(schema, preserving) };
    case 'array':
      return { list: listType(schema, preserving) };
    case 'integer':
    case 'number':
      return { scalar: 'numeric' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped' };
    case undefined:
    default:
      return { scalar: 'untyped', list: listType(schema, preserving), map: mapType(schema, preserving) };
  }
}

/** Compiles the types of its fields when they are asked for: a schema may contain itself. */
function mapType(schema: Schema, preserving: boolean): MapType {
  const { properties = {}, additionalProperties } = schema;
  const fields = new Map<string, Field>();
  const hasFields = Object.keys(properties).length > 0;
  const open = typeof additionalProperties === 'object' || (additionalProperties ?? (preserving || !hasFields));

  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    hasFields,
    get others() {
      if (!open) return undefined;
      return typeof additionalProperties === 'object' ? fieldType(additionalProperties, preserving) : deduced;
    },
    field(name) {
      const known = fields.get(name);
      if (known !== undefined) return known;
      const element = fieldElement(name);
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property === undefined) {
        const { others } = this;
        return others && { element, type: others, declared: false };
      }
      const field = { element, type: fieldType(property, preserving), declared: true };
      fields.set(name, field);
      return field;
    },
  };
}

function listType(schema: Schema, preserving: boolean): ListType {
  const { items } = schema;
  const { atomic, keys } = listRelationship(schema);
  let type: FieldType | undefined;
  return {
    atomic,
    keys,
    get items() {
      return (type ??= items === undefined ? opaque : fieldType(items, preserving));
    },
    itemElement: keyElementOf(keys, items?.properties ?? {}),
  };
}

/** A key that an item leaves out has its default, if there is one; else it is no part of the path element. */
function keyElementOf(keys: readonly string[], properties: NonNullable<Schema['properties']>): ListType['itemElement'] {
  const fields = [...keys].sort().map((key) => ({
    key,
    keyText: `${canonicalJson(key)}:`,
    default: Object.hasOwn(properties, key) ? properties[key]?.default : undefined,
  }));
  return (item) => {
    let content = '';
    for (const { key, keyText, default: byDefault } of fields) {
      const value = Object.hasOwn(item, key) ? item[key] : byDefault;
      if (value !== undefined) content += `${content === '' ? '' : ','}${keyText}${canonicalJson(value)}`;
    }
    return content === '' ? undefined : `k:{${content}}`;
  };
}

/** The list type; where there is none, the strategic merge patch strategy says the same in older words. */
function listRelationship(schema: Schema): { atomic: boolean; keys: readonly string[] } {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { atomic: false, keys: [] };
    case 'map':
      return { atomic: false, keys: schema['x-kubernetes-list-map-keys'] ?? [] };
    case 'atomic':
      return { atomic: true, keys: [] };
    case undefined: {
      const merges = (schema['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge');
      const key = schema['x-kubernetes-patch-merge-key'];
      return { atomic: !merges, keys: key === undefined ? [] : [key] };
    }
  }
}
