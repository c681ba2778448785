import { compileRulesOf, RuleCompileError, type RuleSet } from '../cel/rules.js';
import { child } from '../schema/field-path.js';
import { embeddedResourceErrors } from '../schema/embedded-resources.js';
import { invalid } from '../schema/field-error.js';
import { copyJson, equalJson } from '../json.js';
import { prune } from '../schema/prune.js';
import type { Schema } from '../schema/schema.js';
import { validateValue } from '../schema/validate.js';
import type { FieldError } from '../status-error.js';
import { propertyPath } from './structural-schema.js';

/** Checks that each default satisfies the schema it is the default of, and has no fields that pruning would remove. */
export function defaultErrors(schema: Schema, path: string): FieldError[] {
  const errors = hasDefault(schema) ? ownErrors(schema, child(path, 'default')) : [];
  if (schema.items !== undefined) {
    errors.push(...defaultErrors(schema.items, child(path, 'items')));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...defaultErrors(property, propertyPath(path, name)));
  }
  return errors;
}

function ownErrors(schema: Schema, path: string): FieldError[] {
  const value = schema.default;
  const pruned = copyJson(value);
  prune(schema, pruned, { isRoot: schema['x-kubernetes-embedded-resource'] === true });
  const errors = equalJson(pruned, value) ? [] : [invalid(path, value, 'must not have unknown fields')];
  const embedded = embeddedResourceErrors(schema, value, path);
  if (embedded.length > 0) {
    return [...errors, ...embedded];
  }
  const invalidities = validateValue(schema, value, path, { status: true });
  return [...errors, ...(invalidities.length > 0 ? invalidities : ruleErrors(schema, value, path))];
}

/** A default must satisfy the rules both when it is new and when it stays. */
function ruleErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  const rules = compiledRules(schema, path);
  if (rules === undefined || rules.isEmpty) {
    return [];
  }
  const asUpdate = rules.evaluate(value, { old: value, ratchet: false });
  return asUpdate.errors.length > 0 ? asUpdate.errors : rules.evaluate(value, { ratchet: false }).errors;
}

/** Undefined when the rules do not compile, which is reported where the rules are. */
function compiledRules(schema: Schema, path: string): RuleSet | undefined {
  try {
    return compileRulesOf(schema, schema['x-kubernetes-embedded-resource'] === true, path);
  } catch (error) {
    if (error instanceof RuleCompileError) {
      return undefined;
    }
    throw error;
  }
}

function hasDefault(schema: Schema): boolean {
  return schema.default !== undefined && schema.default !== null;
}
