import { isJsonObject, type JsonObject } from '../object.js';
import { goFields, openApiDefinition } from './definitions.js';

/**
 * The built-in kinds as kube-apiserver holds them in memory: Go structs. They decide which JSON it can decode, which
 * values vanish when an object passes through it, and the protobuf encoding of each field.
 */
export type GoType =
  | { readonly kind: 'struct'; readonly struct: GoStruct }
  | { readonly kind: 'list'; readonly item: GoType }
  | { readonly kind: 'map'; readonly value: GoType }
  /** Any JSON, kept as it is. */
  | { readonly kind: 'raw'; readonly definition?: string }
  | { readonly kind: Scalar };

export type Scalar =
  'string' | 'bool' | 'int32' | 'int64' | 'double' | 'bytes' | 'time' | 'microTime' | 'quantity' | 'intOrString';

export interface GoStruct {
  /** `Container`. */
  readonly name: string;
  readonly definition: string;
  readonly fields: ReadonlyMap<string, GoField>;
}

export interface GoField {
  readonly name: string;
  readonly type: GoType;
  /** A pointer: a zero value (`0`, `false`, `""`) differs from an absent one and is kept. */
  readonly pointer: boolean;
  /** Written even when empty. */
  readonly always: boolean;
  /** Left out when it is an empty struct; other structs are written as `{}`. */
  readonly omitZero: boolean;
  /** Protobuf field numbers from the struct down to this field; more than one for fields of embedded structs. */
  readonly path: readonly number[];
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const REF_PREFIX = '#/components/schemas/';

const SPECIAL: Readonly<Record<string, Scalar>> = {
  [`${META}.Time`]: 'time',
  [`${META}.MicroTime`]: 'microTime',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
};

const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Fields that hold a JSONSchemaProps or something simpler: a boolean, a list. */
const SCHEMA_UNIONS: ReadonlySet<string | undefined> = new Set([
  `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
]);

/** The struct that a value of raw type is, if it is an object. */
export function structInRaw(definition: string | undefined): GoStruct | undefined {
  return SCHEMA_UNIONS.has(definition) ? goStruct(`${EXTENSIONS}.JSONSchemaProps`) : undefined;
}

const structs = new Map<string, GoStruct>();

/** The Go struct of an OpenAPI definition. */
export function goStruct(definition: string): GoStruct {
  const known = structs.get(definition);
  if (known !== undefined) return known;
  const fields = new Map<string, GoField>();
  const struct = { name: definition.slice(definition.lastIndexOf('.') + 1), definition, fields };
  structs.set(definition, struct);

  const properties = openApiDefinition(definition)['properties'];
  const facts = fieldFacts(definition, []);
  for (const [name, schema] of Object.entries(isJsonObject(properties) ? properties : {})) {
    if (!isJsonObject(schema)) continue;
    const { flags, path } = facts.get(name) ?? { flags: '', path: [] };
    fields.set(name, {
      name,
      type: goTypeOf(schema),
      pointer: flags.includes('*'),
      always: flags.includes('!'),
      omitZero: flags.includes('z'),
      path,
    });
  }
  return struct;
}

function fieldFacts(definition: string, outer: readonly number[]): Map<string, { flags: string; path: number[] }> {
  const found = new Map<string, { flags: string; path: number[] }>();
  const packageName = definition.slice(0, definition.lastIndexOf('.'));
  for (const [name, text] of Object.entries(goFields(definition))) {
    const number = Number.parseInt(text, 10);
    const path = [...outer, ...(Number.isNaN(number) ? [] : [number])];
    if (name.startsWith('...')) {
      for (const [inner, facts] of fieldFacts(`${packageName}.${name.slice(3)}`, path)) found.set(inner, facts);
    } else {
      found.set(name, { flags: text.replace(/^\d+/, ''), path });
    }
  }
  return found;
}

function goTypeOf(schema: JsonObject): GoType {
  const [base] = Array.isArray(schema['allOf']) ? schema['allOf'] : [schema];
  if (isJsonObject(base) && typeof base['$ref'] === 'string') return goTypeOfRef(base['$ref'].slice(REF_PREFIX.length));
  switch (schema['type']) {
    case 'string':
      return { kind: schema['format'] === 'byte' ? 'bytes' : schema['format'] === 'date-time' ? 'time' : 'string' };
    case 'boolean':
      return { kind: 'bool' };
    case 'integer':
      return { kind: schema['format'] === 'int64' ? 'int64' : 'int32' };
    case 'number':
      return { kind: 'double' };
    case 'array':
      return { kind: 'list', item: isJsonObject(schema['items']) ? goTypeOf(schema['items']) : { kind: 'raw' } };
    case 'object': {
      const value = schema['additionalProperties'];
      return isJsonObject(value) ? { kind: 'map', value: goTypeOf(value) } : { kind: 'raw' };
    }
    default:
      return { kind: 'raw' };
  }
}

function goTypeOfRef(definition: string): GoType {
  const special = SPECIAL[definition];
  if (special !== undefined) return { kind: special };
  const schema = openApiDefinition(definition);
  if (isJsonObject(schema['properties'])) return { kind: 'struct', struct: goStruct(definition) };
  const type = goTypeOf(schema);
  return type.kind === 'raw' ? { kind: 'raw', definition } : type;
}
