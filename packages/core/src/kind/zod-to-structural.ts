import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { celText } from './cel-text.js';
import { SchemaError, type Refuse } from './kind-errors.js';
import { isMarkedRequired, withChecks } from './schema-checks.js';
import { mergeAlternatives, mergeIntersection, mergeVariants } from './schema-merge.js';
import { inKeywordOrder, type StructuralSchema, type ValidationRule } from './structural-schema.js';

/** Where in a kind's schema the conversion is. */
interface Place {
  readonly kind: string;
  readonly path: string;
  /** The definitions around this one: one that comes again is recursive. */
  readonly around: readonly z.core.$ZodTypeDef[];
  readonly refuse: Refuse;
}

/** Deeper than any sensible kind: a schema that is built anew each time it is looked at. */
const MAX_DEPTH = 64;

/**
 * Says a zod schema in the words of a CustomResourceDefinition.
 *
 * What zod checks and the API server would not is never dropped: it is refused, with the field and what to write instead.
 * Unknown keys need no word: the API server prunes them.
 *
 * @param kind - The kind, for messages.
 * @param path - The field the schema is for: `spec`.
 * @throws {@link SchemaError} (`ERR_SCHEMA_INVALID`).
 */
export function structuralSchema(schema: z.core.$ZodType, kind: string, path: string): StructuralSchema {
  return convert(schema, placeAt(kind, path, []));
}

function placeAt(kind: string, path: string, around: Place['around']): Place {
  const refuse: Refuse = (problem) => {
    throw new SchemaError(kind, path, problem);
  };
  return { kind, path, around, refuse };
}

function below(place: Place, step: string): Place {
  return placeAt(place.kind, place.path + step, place.around);
}

function convert(schema: z.core.$ZodType, place: Place): StructuralSchema {
  const { def } = schema._zod;
  if (place.around.includes(def) || place.around.length > MAX_DEPTH) {
    place.refuse('a CRD cannot be recursive; let rawObject() or z.unknown() stand for what lies deeper');
  }
  const converted = convertType(schema, placeAt(place.kind, place.path, [...place.around, def]));
  const description = z.globalRegistry.get(schema)?.description;
  return inKeywordOrder({
    ...withChecks(converted, def, place.refuse),
    ...(description !== undefined && { description }),
  });
}

function convertType(schema: z.core.$ZodType, place: Place): StructuralSchema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('coerce' in def && def.coerce === true) {
    place.refuse('z.coerce changes values; the API server stores what was sent');
  }
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return convertString(schema, place);
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'any':
    case 'unknown':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    case 'enum':
    case 'literal':
      return convertValues([...(schema._zod.values ?? [])], place);
    case 'array':
      return convertArray(def, place);
    case 'object':
      return convertObject(def, place);
    case 'record':
      return convertRecord(def, place);
    case 'union':
      return isDiscriminated(def) ? convertVariants(def, place) : convertUnion(def.options, place);
    case 'intersection':
      return mergeIntersection(convert(def.left, place), convert(def.right, place), place.refuse);
    case 'optional':
    case 'nonoptional':
    case 'readonly':
      return convert(def.innerType, place);
    case 'nullable':
      return nullable(convert(def.innerType, place), place);
    case 'default':
    case 'prefault':
      return { ...convert(def.innerType, place), default: defaultOf(def, place) };
    case 'lazy':
      return convert(def.getter(), place);
    case 'bigint':
    case 'catch':
    case 'custom':
    case 'date':
    case 'file':
    case 'function':
    case 'map':
    case 'nan':
    case 'never':
    case 'null':
    case 'pipe':
    case 'promise':
    case 'set':
    case 'success':
    case 'symbol':
    case 'transform':
    case 'tuple':
    case 'undefined':
    case 'void':
      return place.refuse(`z.${def.type}() ${REMEDIES[def.type] ?? 'cannot be said in a CRD'}`);
  }
}

const REMEDIES: Readonly<Partial<Record<z.core.$ZodTypeDef['type'], string>>> = {
  bigint: 'is not JSON; use int64()',
  catch: 'hides invalid values, which the API server refuses; use .default(…)',
  custom: 'runs only here, not on the API server; use a schema and rule(…)',
  date: 'is not JSON; use z.iso.datetime()',
  map: 'is not JSON; use z.record(z.string(), …)',
  null: 'holds nothing; use .nullable() on a schema',
  pipe: 'changes the value; the API server stores what was sent, so say what that is',
  set: 'is not JSON; use listSet(z.array(…))',
  transform: 'changes the value; the API server stores what was sent, so say what that is',
  tuple: 'cannot be said in a CRD; use z.object(…) or z.array(…)',
  undefined: 'is not JSON; use .optional() on a schema',
};

/** `z.templateLiteral()` has no checks, only the pattern that follows from its parts. */
function convertString(schema: z.core.$ZodType, place: Place): StructuralSchema {
  if (schema._zod.def.type === 'string') return { type: 'string' };
  const { pattern } = (schema as z.core.$ZodTemplateLiteral)._zod;
  return withChecks({ type: 'string' }, z.string().regex(pattern)._zod.def, place.refuse);
}

function convertValues(values: readonly unknown[], place: Place): StructuralSchema {
  const allowed = values.filter((value) => value !== null);
  const types = new Set(allowed.map((value) => typeof value));
  const [type] = types;
  if (types.size !== 1) return place.refuse('values of different types cannot be said in a CRD; use strings');
  if (values.length > allowed.length) return nullable({ enum: allowed }, place);
  if (type === 'string' || type === 'boolean') return { type, enum: allowed };
  if (type === 'number') return { type: allowed.every(Number.isInteger) ? 'integer' : 'number', enum: allowed };
  return place.refuse(`a literal of type ${type} is not JSON`);
}

/** The API server compares `null` with the enum even where the field is nullable, and refuses it. */
function nullable(schema: StructuralSchema, place: Place): StructuralSchema {
  if (schema.enum !== undefined) {
    place.refuse('a field with a fixed set of values cannot be null in a CRD; use .optional()');
  }
  return { ...schema, nullable: true };
}

function defaultOf(def: z.core.$ZodDefaultDef | z.core.$ZodPrefaultDef, { refuse }: Place): unknown {
  const value = def.defaultValue;
  if (!isDeepStrictEqual(value, def.defaultValue)) refuse('the default is another each time; a CRD holds one');
  if (value === undefined || !isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) {
    refuse('the default is not JSON');
  }
  const { error } = z.safeParse(def.innerType, value);
  if (error !== undefined) refuse(`the default is not valid: ${error.issues[0]?.message}`);
  return value;
}

function convertArray(def: z.core.$ZodArrayDef, place: Place): StructuralSchema {
  const inItems = below(place, '[]');
  if (def.element._zod.optin !== undefined) {
    inItems.refuse('an item of a list is always there; it is neither optional nor has it a default');
  }
  return { type: 'array', items: convert(def.element, inItems) };
}

function convertObject(def: z.core.$ZodObjectDef, place: Place): StructuralSchema {
  const extra = def.catchall?._zod.def.type;
  if (extra !== undefined && extra !== 'never' && extra !== 'unknown') {
    place.refuse('a CRD has either named fields or a map, not both; put the z.record(…) into a field of its own');
  }
  const entries = Object.entries(def.shape);
  const required = entries.flatMap(([name, field]) => (isRequired(field, below(place, `.${name}`)) ? [name] : []));
  return {
    type: 'object',
    ...(entries.length > 0 && {
      properties: Object.fromEntries(entries.map(([name, field]) => [name, convert(field, below(place, `.${name}`))])),
    }),
    ...(required.length > 0 && { required }),
    ...(extra === 'unknown' && { 'x-kubernetes-preserve-unknown-fields': true }),
  };
}

function isRequired(field: z.core.$ZodType, place: Place): boolean {
  const isAlwaysSent = field._zod.optin === undefined;
  if (!isMarkedRequired(field._zod.def)) return isAlwaysSent;
  if (!isAlwaysSent && field._zod.optout !== undefined) {
    place.refuse('required() is for fields with a default; drop .optional()');
  }
  return true;
}

function convertRecord(def: z.core.$ZodRecordDef, place: Place): StructuralSchema {
  const keys = def.keyType._zod.values;
  if (def.mode === 'loose') place.refuse('z.looseRecord() cannot be said in a CRD; use z.record(…)');
  if (keys !== undefined) {
    const names = [...keys].map(String);
    const value = convert(def.valueType, below(place, '{}'));
    const isOptional = def.partial === true || def.valueType._zod.optin !== undefined;
    return {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, value])),
      ...(!isOptional && { required: names }),
    };
  }
  const key = convert(def.keyType, place);
  if (key.type !== 'string') place.refuse('the keys of a map are strings');
  const rules = keyRules(key, place);
  return {
    type: 'object',
    additionalProperties: convert(def.valueType, below(place, '{}')),
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules }),
  };
}

/** A CRD has no schema for keys; CEL has. */
function keyRules(key: StructuralSchema, place: Place): ValidationRule[] {
  const { type: _, description: _description, minLength, maxLength, pattern, allOf = [], ...others } = key;
  if (Object.keys(others).length > 0)
    place.refuse('formats and rules of keys cannot be said in a CRD; use .regex() on the key');
  const patterns = pattern === undefined ? [] : [pattern, ...allOf.map((each) => each.pattern)];
  const all = (condition: string, text: string) => ({
    rule: `self.all(k, ${condition})`,
    message: `keys must ${text}`,
  });
  return [
    ...(minLength === undefined ? [] : [all(`size(k) >= ${minLength}`, `have at least ${minLength} characters`)]),
    ...(maxLength === undefined ? [] : [all(`size(k) <= ${maxLength}`, `have at most ${maxLength} characters`)]),
    ...patterns.map((each) => all(`k.matches(${celText(each)})`, `match ${each}`)),
  ];
}

function convertUnion(options: readonly z.core.$ZodType[], place: Place): StructuralSchema {
  const isNull = (option: z.core.$ZodType) => option._zod.def.type === 'null';
  const others = options.filter((option) => !isNull(option));
  const schemas = others.map((option) => convert(option, place));
  const merged = mergeAlternatives(schemas, place.refuse);
  return others.length < options.length ? nullable(merged, place) : merged;
}

function convertVariants(def: z.core.$ZodDiscriminatedUnionDef, place: Place): StructuralSchema {
  return mergeVariants(
    def.discriminator,
    def.options.map((option) => convert(option, place)),
    place.refuse,
  );
}

function isDiscriminated(def: z.core.$ZodUnionDef): def is z.core.$ZodDiscriminatedUnionDef {
  return 'discriminator' in def;
}
