import {
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  optionalObjectAt,
  optionalStringAt,
  stringAt,
} from '../../access.js';
import type { JsonObject } from '../../object.js';
import { duplicate, invalid, notSupported, quote, required, tooLong, tooMany } from '../../schema/field-error.js';
import { child, index } from '../../schema/field-path.js';
import { qualifiedNameProblems } from '../../schema/names.js';
import type { FieldError } from '../../status-error.js';
import { nonNegativeErrors } from '../apps/workload-validation.js';

/** What is wrong with a Job's policies. Enumerations are checked with the schema, where they are not empty. */

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_CONDITIONS = 20;
const MAX_INDEXES_BYTES = 64 * 1024;

export function jobPolicyErrors(spec: JsonObject, path: string): FieldError[] {
  return [
    ...failurePolicyErrors(spec, child(path, 'podFailurePolicy')),
    ...successPolicyErrors(spec, child(path, 'successPolicy')),
    ...replacementErrors(spec, child(path, 'podReplacementPolicy')),
  ];
}

/** A condition is looked for as `True` if the rule does not say. */
export function defaultFailurePolicy(spec: JsonObject): void {
  for (const rule of objectsAt(objectAt(spec, 'podFailurePolicy'), 'rules')) {
    for (const pattern of objectsAt(rule, 'onPodConditions')) {
      if (stringAt(pattern, 'status') === '') pattern['status'] = 'True';
    }
  }
}

// ---- failure

function failurePolicyErrors(spec: JsonObject, path: string): FieldError[] {
  const policy = optionalObjectAt(spec, 'podFailurePolicy');
  if (policy === undefined) return [];
  const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
  const containers = ['containers', 'initContainers'].flatMap((field) => objectsAt(podSpec, field));
  const names = containers.map((container) => stringAt(container, 'name'));
  const hasIndexLimit = spec['backoffLimitPerIndex'] !== undefined;
  return rulesOf(policy, path, (rule, at) => [
    ...actionErrors(stringAt(rule, 'action'), hasIndexLimit, child(at, 'action')),
    ...exitCodeErrors(optionalObjectAt(rule, 'onExitCodes'), names, child(at, 'onExitCodes')),
    ...podConditionErrors(objectsAt(rule, 'onPodConditions'), child(at, 'onPodConditions')),
    ...requirementErrors(rule, at),
  ]);
}

function rulesOf(
  policy: JsonObject,
  path: string,
  errorsOf: (rule: JsonObject, path: string) => FieldError[],
): FieldError[] {
  const rules = objectsAt(policy, 'rules');
  const at = child(path, 'rules');
  return [
    ...(rules.length > MAX_RULES ? [tooMany(at, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, position) => errorsOf(rule, index(at, position))),
  ];
}

function actionErrors(action: string, hasIndexLimit: boolean, path: string): FieldError[] {
  if (action === '') return [required(path, 'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]')];
  return action === 'FailIndex' && !hasIndexLimit
    ? [invalid(path, action, 'requires the backoffLimitPerIndex to be set')]
    : [];
}

function requirementErrors(rule: JsonObject, path: string): FieldError[] {
  const count = [rule['onExitCodes'] !== undefined, objectsAt(rule, 'onPodConditions').length > 0].filter(
    Boolean,
  ).length;
  if (count === 1) return [];
  const why =
    count === 2
      ? 'specifying both OnExitCodes and OnPodConditions is not supported'
      : 'specifying one of OnExitCodes and OnPodConditions is required';
  return [withoutValue(path, why)];
}

/** An invalid value that is not shown. */
function withoutValue(path: string, why: string): FieldError {
  return { type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${why}` };
}

function exitCodeErrors(
  requirement: JsonObject | undefined,
  containers: readonly string[],
  path: string,
): FieldError[] {
  if (requirement === undefined) return [];
  const operator = stringAt(requirement, 'operator');
  const container = optionalStringAt(requirement, 'containerName');
  const errors: FieldError[] = [];
  if (operator === '') errors.push(required(child(path, 'operator'), 'valid values: ["In" "NotIn"]'));
  if (container !== undefined && !containers.includes(container)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(child(path, 'containerName'), container, why));
  }
  return [...errors, ...exitCodeValueErrors(requirement['values'], operator, child(path, 'values'))];
}

function exitCodeValueErrors(listed: unknown, operator: string, path: string): FieldError[] {
  const values = Array.isArray(listed) ? listed.filter((value) => typeof value === 'number') : [];
  if (values.length === 0) return [invalid(path, listed ?? null, 'at least one value is required')];
  const errors = values.length > MAX_EXIT_CODES ? [tooMany(path, values.length, MAX_EXIT_CODES)] : [];
  values.forEach((value, position) => {
    const at = index(path, position);
    if (operator === 'In' && value === 0) errors.push(invalid(at, value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < position) errors.push(duplicate(at, value));
  });
  const isOrdered = values.every((value, position) => position === 0 || (values[position - 1] ?? value) <= value);
  if (!isOrdered) errors.push(invalid(path, values, 'must be ordered'));
  return errors;
}

function podConditionErrors(patterns: readonly JsonObject[], path: string): FieldError[] {
  const errors = patterns.length > MAX_CONDITIONS ? [tooMany(path, patterns.length, MAX_CONDITIONS)] : [];
  patterns.forEach((pattern, position) => {
    const at = index(path, position);
    const [type, status] = [stringAt(pattern, 'type'), stringAt(pattern, 'status')];
    errors.push(...qualifiedNameProblems(type).map((problem) => invalid(child(at, 'type'), type, problem)));
    const known = ['False', 'True', 'Unknown'];
    if (!known.includes(status)) errors.push(notSupported(child(at, 'status'), status, known));
  });
  return errors;
}

/** With a failure policy pods are replaced when it is known how they ended. */
function replacementErrors(spec: JsonObject, path: string): FieldError[] {
  const policy = stringAt(spec, 'podReplacementPolicy');
  return spec['podFailurePolicy'] !== undefined && policy === 'TerminatingOrFailed'
    ? [notSupported(path, policy, ['Failed'])]
    : [];
}

// ---- success

function successPolicyErrors(spec: JsonObject, path: string): FieldError[] {
  const policy = optionalObjectAt(spec, 'successPolicy');
  if (policy === undefined) return [];
  if (stringAt(spec, 'completionMode') !== 'Indexed') {
    return [invalid(path, policy, 'requires indexed completion mode')];
  }
  const completions = numberAt(spec, 'completions');
  const errors = rulesOf(policy, path, (rule, at) => successRuleErrors(rule, completions, at));
  if (objectsAt(policy, 'rules').length > 0) return errors;
  const why = 'at least one rules must be specified when the successPolicy is specified';
  return [required(child(path, 'rules'), why), ...errors];
}

function successRuleErrors(rule: JsonObject, completions: number, path: string): FieldError[] {
  const indexes = optionalStringAt(rule, 'succeededIndexes');
  const count = optionalNumberAt(rule, 'succeededCount');
  const errors: FieldError[] = [];
  if (indexes === undefined && count === undefined) {
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  const counted = indexes === undefined ? { total: 0 } : countIndexes(indexes, completions);
  if (indexes !== undefined) {
    const at = child(path, 'succeededIndexes');
    if (indexes.length > MAX_INDEXES_BYTES) errors.push(tooLong(at, MAX_INDEXES_BYTES));
    if ('problem' in counted) errors.push(invalid(at, indexes, `error parsing succeededIndexes: ${counted.problem}`));
  }
  if (count === undefined) return errors;
  const at = child(path, 'succeededCount');
  errors.push(...nonNegativeErrors(rule, ['succeededCount'], path));
  if (count > completions) {
    errors.push(
      invalid(at, count, `must be less than or equal to ${completions} (the number of specified completions)`),
    );
  }
  const total = 'total' in counted ? counted.total : 0;
  if (indexes !== undefined && count > total) {
    const why = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalid(at, count, why));
  }
  return errors;
}

type IndexCount = { readonly total: number } | { readonly problem: string };

/** How many indexes a text like `0,2-4` names; each below the completions, and in order. */
function countIndexes(text: string, completions: number): IndexCount {
  let total = 0;
  let previous = -1;
  for (const interval of text === '' ? [] : text.split(',')) {
    const limits = interval.split('-');
    if (limits.length > 2) {
      return {
        problem: `the fragment ${quote(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      };
    }
    for (const limit of limits) {
      if (!/^\+?\d+$/.test(limit)) return { problem: `cannot convert string to integer for index: ${quote(limit)}` };
      if (Number(limit) >= completions) return { problem: `too large index: ${quote(limit)}` };
    }
    const [first = 0, last = first] = limits.map(Number);
    if (limits.length === 2 && first >= last) return { problem: outOfOrder(first, last) };
    if (previous >= first) return { problem: outOfOrder(previous, first) };
    total += last - first + 1;
    previous = last;
  }
  return { total };
}

function outOfOrder(previous: number, current: number): string {
  return `non-increasing order, previous: ${previous}, current: ${current}`;
}
