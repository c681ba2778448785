import { numberAt, scalarAt, specOf, statusOf } from '../access.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

export const podDisruptionBudgets = defineBuiltin({
  definition: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  group: 'policy',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  generation: true,
  conditionalUpdate: true,
  subresources: { status: true },
  columns: [
    column('Min Available', (object) => scalarAt(specOf(object), 'minAvailable') ?? 'N/A'),
    column('Max Unavailable', (object) => scalarAt(specOf(object), 'maxUnavailable') ?? 'N/A'),
    column('Allowed Disruptions', (object) => numberAt(statusOf(object), 'disruptionsAllowed'), 'integer'),
    ageColumn,
  ],
});
