import { RE2JS } from 're2js';
import { z } from 'zod';
import type { StructuralSchema, ValidationRule } from './structural-schema.js';

/**
 * What zod has no word for. Annotations travel as checks of the schema, so that they survive wherever zod keeps checks
 * (`.optional()`, `.describe()`, `.extend()`) and zod itself refuses where they would be lost (`.omit()`, overwriting keys).
 */
export type Annotation =
  | { readonly rule: ValidationRule }
  | { readonly keywords: StructuralSchema }
  | { readonly pattern: string }
  | { readonly required: true };

interface AnnotationDef extends z.core.$ZodCheckDef {
  readonly annotation: Annotation;
}

const ANNOTATION = '@trueup/core:annotation';

/** The annotation in a check of a schema, `undefined` for zod's own checks. */
export function annotationOf(check: z.core.$ZodCheckDef): Annotation | undefined {
  return isAnnotation(check) ? check.annotation : undefined;
}

function isAnnotation(check: z.core.$ZodCheckDef): check is AnnotationDef {
  return check.check === ANNOTATION;
}

/** @param problemWith - Says what is wrong with a value that breaks the annotation, as far as this can be known without an API server. */
function annotate<T extends z.ZodType>(
  schema: T,
  annotation: Annotation,
  problemWith: (value: unknown) => string | undefined = () => undefined,
): T {
  const def: AnnotationDef = { check: ANNOTATION, annotation };
  const check = new z.core.$ZodCheck(def);
  check._zod.check = (payload) => {
    const message = problemWith(payload.value);
    if (message !== undefined) {
      payload.issues.push({ code: 'custom', message, input: payload.value, continue: true });
    }
  };
  return schema.check(check);
}

/**
 * Adds CEL rules that the API server checks on every write, in their order.
 *
 * Rules are not evaluated by zod. A `.refine()` of the same meaning may precede a rule: then objects stored before the rule
 * existed are judged the same way by {@link validateSpec}.
 *
 * @example
 * ```ts
 * rule(z.object({ min: z.int(), max: z.int() }), { rule: 'self.min <= self.max', message: 'min must not exceed max' })
 * ```
 */
export function rule<T extends z.ZodType>(schema: T, ...validations: readonly ValidationRule[]): T {
  return validations.reduce((result, validation) => annotate(result, { rule: validation }), schema);
}

/**
 * Requires a string to match a pattern in the API server's own syntax, {@link https://github.com/google/re2/wiki/Syntax | RE2}, checked the same way here.
 * For what a JavaScript expression cannot say, like `[[:space:]]`; otherwise `.regex()` does.
 */
export function pattern<T extends z.ZodType>(schema: T, source: string): T {
  const expression = RE2JS.compile(source);
  return annotate(schema, { pattern: source }, (value) =>
    typeof value === 'string' && !expression.matcher(value).find() ? `must match ${source}` : undefined,
  );
}

/** A list whose items are told apart by one or more of their fields: writers with server-side apply own items, not the whole list. */
export function listMap<T extends z.ZodType>(schema: T, keys: readonly [string, ...string[]]): T {
  const keywords = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys } as const;
  return annotate(schema, { keywords }, (value) =>
    hasDuplicates(value, (item) => keys.map((key) => fieldOf(item, key)))
      ? `must not hold two items with the same ${keys.join(' and ')}`
      : undefined,
  );
}

/** A list without duplicates whose order has no meaning; items are scalars. */
export function listSet<T extends z.ZodType>(schema: T): T {
  return annotate(schema, { keywords: { 'x-kubernetes-list-type': 'set' } }, (value) =>
    hasDuplicates(value, (item) => item) ? 'must not hold the same item twice' : undefined,
  );
}

/** A list, object or map that writers with server-side apply replace as a whole. For lists this is how they are anyway. */
export function atomic<T extends z.ZodType>(schema: T): T {
  const isList = innermostType(schema) === 'array';
  return annotate(schema, {
    keywords: isList ? { 'x-kubernetes-list-type': 'atomic' } : { 'x-kubernetes-map-type': 'atomic' },
  });
}

/** Bounds the number of entries of a map. */
export function entryCount<T extends z.ZodType>(
  schema: T,
  { min, max }: { readonly min?: number; readonly max?: number },
): T {
  const keywords = {
    ...(min !== undefined && { minProperties: min }),
    ...(max !== undefined && { maxProperties: max }),
  };
  return annotate(schema, { keywords }, (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const count = Object.keys(value).length;
    if (min !== undefined && count < min) return `must have at least ${min} entries`;
    if (max !== undefined && count > max) return `must have at most ${max} entries`;
    return undefined;
  });
}

/**
 * Lists a field that has a default as required. The API server fills in the default before it looks, so nothing is refused
 * that was not before; clients and documentation show the field as one that is always there.
 */
export function required<T extends z.ZodType>(schema: T): T {
  return annotate(schema, { required: true });
}

/** An integer of 32 bits. The API server notes the format and checks no bounds of its own; those of `.min()` and `.max()` it does. */
export function int32(): z.ZodInt32 {
  return z.int32();
}

/** An integer of 64 bits. JSON readers in JavaScript are exact up to 2^53, and so is this. */
export function int64(): z.ZodInt {
  return annotate(z.int(), { keywords: { format: 'int64' } });
}

/** An integer or a string, as ports and quantities are. */
export function intOrString(): z.ZodUnion<readonly [z.ZodInt, z.ZodString]> {
  return z.union([z.int(), z.string()]);
}

/** Any JSON object, kept as it was sent. */
export function rawObject(): z.ZodObject<Record<never, never>, z.core.$loose> {
  return z.looseObject({});
}

/** A whole Kubernetes object inside a field; the API server requires and checks its `apiVersion`, `kind` and `metadata`. */
export function embeddedResource() {
  const resource = z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string().optional() }),
  });
  return annotate(resource, { keywords: { 'x-kubernetes-embedded-resource': true } });
}

function innermostType(schema: z.core.$ZodType): string {
  const { def } = schema._zod;
  return 'innerType' in def && def.innerType instanceof z.core.$ZodType ? innermostType(def.innerType) : def.type;
}

function hasDuplicates(value: unknown, keyOf: (item: unknown) => unknown): boolean {
  if (!Array.isArray(value)) return false;
  const keys = value.map((item) => JSON.stringify(keyOf(item)));
  return new Set(keys).size < keys.length;
}

function fieldOf(item: unknown, key: string): unknown {
  return typeof item === 'object' && item !== null ? Reflect.get(item, key) : undefined;
}
