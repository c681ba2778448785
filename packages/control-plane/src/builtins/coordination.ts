import { invalid } from '../schema/field-error.js';
import { optionalNumberAt, specOf, stringAt } from '../access.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

export const leases = defineBuiltin({
  definition: 'io.k8s.api.coordination.v1.Lease',
  group: 'coordination.k8s.io',
  plural: 'leases',
  createOnUpdate: true,
  conditionalUpdate: true,
  columns: [column('Holder', (object) => stringAt(specOf(object), 'holderIdentity')), ageColumn],
  validate(next) {
    const duration = optionalNumberAt(specOf(next), 'leaseDurationSeconds');
    const transitions = optionalNumberAt(specOf(next), 'leaseTransitions');
    return [
      ...(duration !== undefined && duration <= 0
        ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
        : []),
      ...(transitions !== undefined && transitions < 0
        ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
        : []),
    ];
  },
});
