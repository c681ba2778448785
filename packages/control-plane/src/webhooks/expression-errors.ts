import type { JsonObject, KubeObject } from '../object.js';
import { invalid, required } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import type { FieldError } from '../status-error.js';
import { CONDITION_VARIABLES, type AdmissionExpression } from './admission-expression.js';
import { MatchConditions } from './match-conditions.js';
import { readPolicy } from './policy.js';

/** What is wrong with the `matchConditions` of a webhook. */
export function conditionErrors(webhook: JsonObject, path: string): FieldError[] {
  const { expressions } = new MatchConditions(webhook, CONDITION_VARIABLES);
  return errorsOf(expressions, child(path, 'matchConditions'), 'expression');
}

/** What is wrong with the expressions of a ValidatingAdmissionPolicy. */
export function policyExpressionErrors(object: KubeObject): FieldError[] {
  const { conditions, variables, validations, auditAnnotations } = readPolicy(object);
  const messages = validations.map(({ messageExpression }) => messageExpression);
  return [
    ...errorsOf(conditions.expressions, 'spec.matchConditions', 'expression'),
    ...errorsOf(variables.map(expressionOf), 'spec.variables', 'expression'),
    ...errorsOf(validations.map(expressionOf), 'spec.validations', 'expression'),
    ...errorsOf(messages, 'spec.validations', 'messageExpression'),
    ...errorsOf(auditAnnotations.map(expressionOf), 'spec.auditAnnotations', 'valueExpression'),
  ];
}

function expressionOf({ expression }: { readonly expression: AdmissionExpression }): AdmissionExpression {
  return expression;
}

function errorsOf(expressions: readonly (AdmissionExpression | undefined)[], list: string, name: string): FieldError[] {
  return expressions.flatMap((expression, position) => {
    if (expression?.problem === undefined) return [];
    const field = child(index(list, position), name);
    return [expression.text.trim() === '' ? required(field) : invalid(field, expression.text, expression.problem)];
  });
}
