import { booleanAt, numberAt, setDefault, stringAt } from '../access.js';
import type { KubeObject } from '../object.js';
import { forbidden, invalid } from '../schema/field-error.js';
import type { FieldError } from '../status-error.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';

/** The classes that every cluster has; others may not begin with `system-`. */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export const priorityClasses = defineBuiltin({
  definition: 'io.k8s.api.scheduling.v1.PriorityClass',
  group: 'scheduling.k8s.io',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  generation: true,
  columns: [
    column('Value', (object) => numberAt(object, 'value'), 'integer'),
    column('Global-Default', (object) => booleanAt(object, 'globalDefault'), 'boolean'),
    ageColumn,
    column('PreemptionPolicy', (object) => stringAt(object, 'preemptionPolicy')),
  ],
  defaults: (next) => setDefault(next, 'preemptionPolicy', 'PreemptLowerPriority'),
  validate: (next, old) => (old === undefined ? valueErrors(next) : changeErrors(next, old)),
});

function valueErrors(next: KubeObject): FieldError[] {
  const { name = '' } = next.metadata;
  const value = numberAt(next, 'value');
  if (name.startsWith(SYSTEM_PREFIX)) {
    const problem = systemProblem(name, value, booleanAt(next, 'globalDefault'));
    const rule = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: `;
    return problem === undefined ? [] : [forbidden('metadata.name', rule + problem)];
  }
  return value > HIGHEST_USER_PRIORITY
    ? [forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`)]
    : [];
}

function systemProblem(name: string, value: number, isDefault: boolean): string | undefined {
  const known = SYSTEM_PRIORITIES[name];
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function changeErrors(next: KubeObject, old: KubeObject): FieldError[] {
  const policy = next['preemptionPolicy'];
  return [
    ...(next['value'] === old['value'] ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...(policy === old['preemptionPolicy'] ? [] : [invalid('preemptionPolicy', policy, 'field is immutable')]),
  ];
}
