import { booleanAt, numberAt, setDefault, stringAt } from '../access.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

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
});
