import { isDeepStrictEqual } from 'node:util';
import { celFieldName, celText } from './cel-text.js';
import type { Refuse } from './kind-errors.js';
import type { StructuralSchema, ValidationRule } from './structural-schema.js';

/** One schema for a choice between others, as far as there is one: of fixed values, or of an integer and a string. */
export function mergeAlternatives(schemas: readonly StructuralSchema[], refuse: Refuse): StructuralSchema {
  const [first] = schemas;
  if (first !== undefined && schemas.length === 1) return first;
  if (
    schemas.every(
      (schema) => schema.type === first?.type && hasOnly(schema, ['type', 'enum', 'description']) && schema.enum,
    )
  ) {
    return { ...first, enum: [...new Set(schemas.flatMap((schema) => schema.enum ?? []))] };
  }
  const integer = schemas.find((schema) => schema.type === 'integer');
  const string = schemas.find((schema) => schema.type === 'string');
  if (schemas.length === 2 && integer && string && hasOnly(integer, INTEGER_BOUNDS) && hasOnly(string, STRING_BOUNDS)) {
    // Bounds hold for integers only and patterns for strings only, so both can stand side by side.
    const { type: _integer, format: _format, ...bounds } = integer;
    const { type: _string, ...lengths } = string;
    return { ...bounds, ...lengths, 'x-kubernetes-int-or-string': true };
  }
  return refuse(
    'a union cannot be said in a CRD, except of an integer and a string, of fixed values, or z.discriminatedUnion()',
  );
}

type Keyword = keyof StructuralSchema;

const INTEGER_BOUNDS: readonly Keyword[] = [
  'type',
  'format',
  'description',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
];

const STRING_BOUNDS: readonly Keyword[] = ['type', 'description', 'minLength', 'maxLength', 'pattern', 'allOf'];

/** The words that the merging of objects knows how to join. */
const MERGEABLE: readonly Keyword[] = [
  'description',
  'type',
  'properties',
  'required',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
];

function hasOnly(schema: StructuralSchema, keywords: readonly Keyword[]): boolean {
  const allowed: readonly string[] = keywords;
  return Object.keys(schema).every((keyword) => allowed.includes(keyword));
}

/** One object that satisfies both. */
export function mergeIntersection(left: StructuralSchema, right: StructuralSchema, refuse: Refuse): StructuralSchema {
  const required = new Set([...(left.required ?? []), ...(right.required ?? [])]);
  const rules = [...(left['x-kubernetes-validations'] ?? []), ...(right['x-kubernetes-validations'] ?? [])];
  return {
    ...mergeObjects([left, right], refuse),
    ...(required.size > 0 && { required: [...required] }),
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules }),
  };
}

/**
 * One object for all variants of a discriminated union: structural schemas name every field once. Which fields a variant
 * needs and which it must not have is said in CEL, one rule a variant.
 */
export function mergeVariants(tag: string, variants: readonly StructuralSchema[], refuse: Refuse): StructuralSchema {
  const values = variants.map((variant) => tagValues(tag, variant, refuse));
  const withoutTag = variants.map((variant) => withoutProperty(variant, tag));
  const merged = mergeObjects(withoutTag, refuse);
  const names = Object.keys(merged.properties ?? {});
  const shared = names.filter((name) => withoutTag.every((variant) => variant.properties?.[name] !== undefined));
  for (const name of names) {
    if (!shared.includes(name) && merged.properties?.[name]?.default !== undefined) {
      refuse(
        `the API server would fill in the default of ${name} in every variant; drop it, or give the field to all of them`,
      );
    }
  }
  const unspeakable = [tag, ...names].find((name) => celFieldName(name) === undefined);
  if (unspeakable !== undefined)
    refuse(`the name of the field '${unspeakable}' cannot be used in a rule, and a variant needs one`);
  const required = shared.filter((name) => withoutTag.every((variant) => variant.required?.includes(name)));
  const rules = withoutTag.flatMap((variant, index) => {
    const needed = (variant.required ?? []).filter((name) => !required.includes(name));
    const foreign = names.filter((name) => variant.properties?.[name] === undefined);
    return variantRules(tag, values[index] ?? [], variant, needed, foreign);
  });
  return {
    ...merged,
    properties: { [tag]: { type: 'string', enum: values.flat() }, ...merged.properties },
    required: [tag, ...required],
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules }),
  };
}

function variantRules(
  tag: string,
  values: readonly string[],
  variant: StructuralSchema,
  needed: readonly string[],
  foreign: readonly string[],
): ValidationRule[] {
  const otherwise = values.map((value) => `self.${celFieldName(tag)} != ${celText(value)}`).join(' && ');
  const when = `when ${tag} is ${values.map((value) => `'${value}'`).join(' or ')}`;
  const has = (name: string) => `has(self.${celFieldName(name)})`;
  return [
    ...needed.map((name) => ({ rule: `${otherwise} || ${has(name)}`, message: `${name} is required ${when}` })),
    ...foreign.map((name) => ({ rule: `${otherwise} || !${has(name)}`, message: `${name} must not be set ${when}` })),
    ...(variant['x-kubernetes-validations'] ?? []).map((own) => ({ ...own, rule: `${otherwise} || (${own.rule})` })),
  ];
}

function tagValues(tag: string, variant: StructuralSchema, refuse: Refuse): readonly string[] {
  const values = variant.properties?.[tag]?.enum ?? [];
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length === 0 || texts.length < values.length || !variant.required?.includes(tag)) {
    refuse(`every variant of a discriminated union needs ${tag}: z.literal('…')`);
  }
  return texts;
}

function withoutProperty(variant: StructuralSchema, tag: string): StructuralSchema {
  const properties = Object.entries(variant.properties ?? {}).filter(([name]) => name !== tag);
  return {
    ...variant,
    properties: Object.fromEntries(properties),
    required: (variant.required ?? []).filter((name) => name !== tag),
  };
}

function mergeObjects(schemas: readonly StructuralSchema[], refuse: Refuse): StructuralSchema {
  const properties = new Map<string, StructuralSchema>();
  for (const schema of schemas) {
    if (schema.type !== 'object' || !hasOnly(schema, MERGEABLE)) {
      refuse('only objects with named fields can be joined in a CRD');
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const known = properties.get(name);
      if (known !== undefined && !isSameApartFromDescription(known, property)) {
        refuse(`the field ${name} is described in two different ways; a CRD has one schema for a field`);
      }
      properties.set(name, known ?? property);
    }
  }
  const isOpen = schemas.some((schema) => schema['x-kubernetes-preserve-unknown-fields']);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(isOpen && { 'x-kubernetes-preserve-unknown-fields': true }),
  };
}

function isSameApartFromDescription(left: StructuralSchema, right: StructuralSchema): boolean {
  return isDeepStrictEqual({ ...left, description: undefined }, { ...right, description: undefined });
}
