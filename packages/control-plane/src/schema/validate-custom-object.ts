import type { RuleSet } from '../cel/rules.js';
import { isJsonObject } from '../object.js';
import type { FieldError } from '../status-error.js';
import { embeddedResourceErrors } from './embedded-resources.js';
import { invalid, NO_FIELD } from './field-error.js';
import { ownEntry } from '../json.js';
import { listTypeErrors } from './list-types.js';
import type { Schema } from './schema.js';
import { validateValue } from './validate.js';

/** Errors after which the rules are not run, since they would stumble over the same. */
const BLOCKING: readonly FieldError['type'][] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];

export interface CustomObjectOptions {
  /** The stored object; makes this the validation of an update, with ratcheting. */
  readonly old?: unknown;
  /** The write is one of the status subresource: of the schema only the part for `status` is checked. */
  readonly status?: boolean;
  /** Errors found elsewhere, such as in what the scale subresource reads: they too can keep the rules from running. */
  readonly others?: readonly FieldError[];
}

/**
 * Checks a custom resource against everything its CustomResourceDefinition says: schema, embedded resources, lists of
 * type set and map, and CEL rules. Metadata is not checked here.
 *
 * @param schema - Of the whole object.
 * @param value - The object, pruned and defaulted.
 */
export function validateCustomObject(
  schema: Schema,
  rules: RuleSet,
  value: unknown,
  options: CustomObjectOptions = {},
): { errors: FieldError[]; warnings: string[] } {
  const { old, others = [], status = false } = options;
  const errors = status
    ? statusErrors(schema, value, old)
    : [...validateValue(schema, value, '', { old, ratchet: true }), ...embeddedResourceErrors(schema, value)];
  errors.push(...duplicateErrors(schema, value, old), ...others);
  if (errors.some(({ type }) => BLOCKING.includes(type))) {
    const problem =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    return { errors: rules.isEmpty ? errors : [...errors, invalid(NO_FIELD, null, problem)], warnings: [] };
  }
  const results = rules.evaluate(value, { old, ratchet: true });
  return { errors: [...errors, ...results.errors], warnings: results.warnings };
}

function statusErrors(schema: Schema, value: unknown, old: unknown): FieldError[] {
  const statusSchema = ownEntry(schema.properties, 'status');
  if (statusSchema === undefined || !isJsonObject(value) || !Object.hasOwn(value, 'status')) {
    return [];
  }
  const oldStatus = isJsonObject(old) ? old.status : undefined;
  return validateValue(statusSchema, value.status, 'status', { old: oldStatus, ratchet: true, status: true });
}

/** Duplicates count only when the stored object had none. */
function duplicateErrors(schema: Schema, value: unknown, old: unknown): FieldError[] {
  const errors = listTypeErrors(schema, value);
  return errors.length === 0 || old === undefined || listTypeErrors(schema, old).length === 0 ? errors : [];
}
