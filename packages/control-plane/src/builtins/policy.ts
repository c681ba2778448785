import { numberAt, optionalObjectAt, scalarAt, specOf, statusOf } from '../access.js';
import type { JsonObject } from '../object.js';
import { invalid } from '../schema/field-error.js';
import type { FieldError } from '../status-error.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';
import { validateLabelSelector } from './label-selector.js';

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
  validate(next) {
    const spec = specOf(next);
    const { minAvailable, maxUnavailable } = spec;
    const areBoth = minAvailable !== undefined && maxUnavailable !== undefined;
    const selector = optionalObjectAt(spec, 'selector');
    return [
      ...(areBoth ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
      ...shareErrors(spec, 'minAvailable'),
      ...shareErrors(spec, 'maxUnavailable'),
      ...(selector ? validateLabelSelector(selector, 'spec.selector') : []),
    ];
  },
});

/** A number that is not negative, or a percentage up to 100. */
function shareErrors(spec: JsonObject, name: string): FieldError[] {
  const field = `spec.${name}`;
  const value = spec[name];
  if (typeof value === 'number') {
    return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
  }
  if (typeof value !== 'string') return [];
  if (!/^\d+%$/.test(value)) {
    return [invalid(field, value, "must be an integer or percentage (e.g '5%')")];
  }
  return Number.parseInt(value, 10) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : [];
}
