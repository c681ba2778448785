import { bounded } from '../cel/cost.js';
import { compileRule } from '../cel/rule.js';
import { isEmbeddedResource, MAX_REQUEST_BYTES, schemaType } from '../cel/schema-type.js';
import { escapeHtml, invalid, invalidPrinted } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import type { Schema, ValidationRule } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';
import type { RuleCosts } from './rule-costs.js';

/** Where the schema is that the rules belong to. */
export interface RulePlace {
  readonly path: string;
  readonly isRoot: boolean;
  readonly uncorrelatable?: string;
  readonly cardinality?: number;
}

/** Compiles the rules of one schema, and counts what they can cost. */
export function ruleErrors(schema: Schema, place: RulePlace, costs: RuleCosts): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) {
    return [];
  }
  const values = schemaType(schema, place.isRoot || isEmbeddedResource(schema));
  const cardinality = place.cardinality ?? Math.floor(MAX_REQUEST_BYTES / ((values?.minJsonBytes ?? 0) + 1));
  return rules.flatMap((rule, position) => {
    const path = index(child(place.path, 'x-kubernetes-validations'), position);
    const compiled = compileRule(rule, schema, values?.type);
    const { message, messageProblem, problem, program, usesOldSelf } = compiled;
    const errors: FieldError[] = [];
    if (program !== undefined) {
      errors.push(...costs.observe(path, 'rule', bounded(program.maxCost * cardinality)));
    }
    if (problem !== undefined) {
      errors.push(invalidPrinted(child(path, 'rule'), printRule(rule), problem));
    }
    if (messageProblem !== undefined) {
      errors.push(invalidPrinted(child(path, 'messageExpression'), printRule(rule), messageProblem));
    }
    if (message !== undefined) {
      errors.push(...costs.observe(path, 'messageExpression', message.maxCost));
    }
    if (usesOldSelf && place.uncorrelatable !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
      errors.push(invalid(child(path, 'rule'), rule.rule, detail));
    }
    if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
      const detail = 'may not be set if oldSelf is not used in rule';
      errors.push(invalid(child(path, 'optionalOldSelf'), rule.optionalOldSelf, detail));
    }
    return errors;
  });
}

/** A rule as the server prints it: the fields of its Go type. */
function printRule({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: ValidationRule): string {
  return escapeHtml(
    JSON.stringify({
      Rule: rule,
      Message: message ?? '',
      MessageExpression: messageExpression ?? '',
      Reason: reason ?? null,
      FieldPath: fieldPath ?? '',
      OptionalOldSelf: optionalOldSelf ?? null,
    }),
  );
}
