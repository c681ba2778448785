import type { z } from 'zod';
import type { Refuse } from './kind-errors.js';
import { annotationOf } from './schema-annotations.js';
import { withPattern } from './string-format.js';
import type { StructuralSchema, ValidationRule } from './structural-schema.js';
import { withZodCheck } from './zod-checks.js';

/** The schema with what the checks of a zod schema (`.min()`, `.regex()`, `rule()`) ask for in addition. */
export function withChecks(schema: StructuralSchema, zodDef: z.core.$ZodTypeDef, refuse: Refuse): StructuralSchema {
  let result = schema;
  let refinementWithoutRule = false;
  for (const check of checksOf(zodDef)) {
    const annotation = annotationOf(check);
    if (check.check === 'custom' && refinementWithoutRule) break;
    if (check.check === 'custom') refinementWithoutRule = true;
    else if (annotation === undefined) result = withZodCheck(result, check, refuse);
    else if ('rule' in annotation) {
      result = withRule(result, annotation.rule, refuse);
      refinementWithoutRule = false;
    } else if ('pattern' in annotation) {
      if (result.type !== 'string' && !result['x-kubernetes-int-or-string']) refuse('pattern() is for strings');
      result = withPattern(result, annotation.pattern);
    } else if ('keywords' in annotation) result = withKeywords(result, annotation.keywords, refuse);
  }
  if (refinementWithoutRule) {
    refuse('a refinement runs only here, not on the API server; let a rule(…) of the same meaning follow it directly');
  }
  return result;
}

/** True when the schema, or one it wraps, was marked with `required()`. */
export function isMarkedRequired(zodDef: z.core.$ZodTypeDef): boolean {
  return checksOf(zodDef).some((check) => {
    const annotation = annotationOf(check);
    return annotation !== undefined && 'required' in annotation;
  });
}

/** `z.email()` is its own first check, `z.string().email()` holds it in the list. */
function checksOf(zodDef: z.core.$ZodTypeDef): z.core.$ZodCheckDef[] {
  const listed = (zodDef.checks ?? []).map((check) => check._zod.def);
  return 'check' in zodDef ? [{ ...zodDef, check: String(zodDef.check) }, ...listed] : listed;
}

function withRule(schema: StructuralSchema, rule: ValidationRule, refuse: Refuse): StructuralSchema {
  if (rule.rule.trim() === '') refuse('a rule needs an expression');
  if (rule.message?.includes('\n')) refuse('the message of a rule must be one line');
  if (rule.message === undefined && rule.rule.trim().includes('\n')) {
    refuse('a rule over several lines needs a message');
  }
  return { ...schema, 'x-kubernetes-validations': [...(schema['x-kubernetes-validations'] ?? []), rule] };
}

function withKeywords(schema: StructuralSchema, keywords: StructuralSchema, refuse: Refuse): StructuralSchema {
  if (keywords['x-kubernetes-list-type'] !== undefined) checkList(schema, keywords, refuse);
  if (keywords['x-kubernetes-map-type'] !== undefined && schema.type !== 'object') {
    refuse('atomic() is for lists, objects and maps');
  }
  if ((keywords.minProperties ?? keywords.maxProperties) !== undefined && schema.type !== 'object') {
    refuse('entryCount() is for maps and objects');
  }
  if (keywords['x-kubernetes-embedded-resource']) {
    // The API server knows apiVersion, kind and metadata itself and permits nothing to be said about them.
    const { properties: _properties, required: _required, ...rest } = schema;
    return { ...rest, ...keywords };
  }
  return { ...schema, ...keywords };
}

function checkList({ type, items }: StructuralSchema, keywords: StructuralSchema, refuse: Refuse): void {
  if (type !== 'array') refuse('only lists have items to tell apart');
  if (keywords['x-kubernetes-list-type'] === 'set' && !isScalar(items)) {
    refuse('the items of listSet() must be strings, numbers or booleans');
  }
  for (const key of keywords['x-kubernetes-list-map-keys'] ?? []) {
    const field = items?.properties?.[key];
    if (!isScalar(field) || field?.nullable) {
      refuse(`the items of listMap() need a field ${key}, a string, number or boolean`);
    }
    if (field?.default === undefined && !items?.required?.includes(key)) {
      refuse(`the field ${key} tells the items of listMap() apart; it must not be optional`);
    }
  }
}

function isScalar(schema: StructuralSchema | undefined): boolean {
  return schema?.type !== undefined && schema.type !== 'object' && schema.type !== 'array';
}
