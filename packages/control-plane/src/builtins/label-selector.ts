import { isJsonObject, type JsonObject } from '../object.js';
import { forbidden, invalid, required } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import { labelValueProblems, qualifiedNameProblems } from '../schema/names.js';
import type { FieldError } from '../status-error.js';
import { objectAt, objectsAt, stringAt, stringsAt } from '../access.js';
import { orNone } from './columns.js';

/** `LabelSelector` of meta/v1: matchLabels and matchExpressions, all of which must hold. */

type Operator = (value: string | undefined, values: readonly string[]) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
};

/** Whether a selector matches labels. An empty selector matches everything, an absent one nothing. */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>> = {}): boolean {
  if (!isJsonObject(selector)) return false;
  return (
    Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value) &&
    objectsAt(selector, 'matchExpressions').every((expression) => {
      const matches = OPERATORS[stringAt(expression, 'operator')];
      return matches?.(labels[stringAt(expression, 'key')], stringsAt(expression, 'values')) ?? false;
    })
  );
}

export function isEmptySelector(selector: JsonObject): boolean {
  return (
    Object.keys(objectAt(selector, 'matchLabels')).length === 0 && objectsAt(selector, 'matchExpressions').length === 0
  );
}

/** A selector as kubectl prints it: `app=a,tier in (b,c),!d`. */
export function formatSelector(selector: unknown): string {
  if (!isJsonObject(selector)) return '<none>';
  const labels = Object.entries(objectAt(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    text: `${key}=${String(value)}`,
  }));
  const expressions = objectsAt(selector, 'matchExpressions').map((expression) => {
    const key = stringAt(expression, 'key');
    return { key, text: formatExpression(key, stringAt(expression, 'operator'), stringsAt(expression, 'values')) };
  });
  const sorted = [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return orNone(sorted.map(({ text }) => text).join(','));
}

function formatExpression(key: string, operator: string, values: readonly string[]): string {
  const list = [...values].sort().join(',');
  switch (operator) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

export function validateLabelSelector(selector: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(objectAt(selector, 'matchLabels'))) {
    const labels = child(path, 'matchLabels');
    errors.push(...qualifiedNameProblems(key).map((problem) => invalid(labels, key, problem)));
    errors.push(...labelValueProblems(String(value)).map((problem) => invalid(labels, value, problem)));
  }
  objectsAt(selector, 'matchExpressions').forEach((expression, position) => {
    errors.push(...validateExpression(expression, index(child(path, 'matchExpressions'), position)));
  });
  return errors;
}

function validateExpression(expression: JsonObject, path: string): FieldError[] {
  const operator = stringAt(expression, 'operator');
  const key = stringAt(expression, 'key');
  const values = stringsAt(expression, 'values');
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(required(child(path, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        forbidden(child(path, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    }
  } else {
    errors.push(invalid(child(path, 'operator'), operator, 'not a valid selector operator'));
  }
  errors.push(...qualifiedNameProblems(key).map((problem) => invalid(child(path, 'key'), key, problem)));
  values.forEach((value, position) => {
    const at = index(child(path, 'values'), position);
    errors.push(...labelValueProblems(value).map((problem) => invalid(at, value, problem)));
  });
  return errors;
}
