import { ensureObjectAt, numberAt, setDefault, specOf, statusOf } from '../../access.js';
import { ageColumn, column, containerColumns, wideColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';
import { defaultPodSpec, podSpecOf } from '../core/pod-spec-defaults.js';
import { formatSelector } from '../label-selector.js';
import { templatePodSpec, workloadScale } from './deployment.js';
import { immutableErrors, nonNegativeErrors, validateWorkloadSpec } from './workload-validation.js';

export const replicaSets = defineBuiltin({
  definition: 'io.k8s.api.apps.v1.ReplicaSet',
  group: 'apps',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  generation: true,
  subresources: { status: true, scale: workloadScale },
  selectableFields: { 'status.replicas': (object) => String(numberAt(statusOf(object), 'replicas')) },
  columns: [
    column('Desired', (object) => numberAt(specOf(object), 'replicas'), 'integer'),
    column('Current', (object) => numberAt(statusOf(object), 'replicas'), 'integer'),
    column('Ready', (object) => numberAt(statusOf(object), 'readyReplicas'), 'integer'),
    ageColumn,
    ...containerColumns(templatePodSpec),
    wideColumn('Selector', (object) => formatSelector(specOf(object)['selector'])),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'replicas', 1);
    defaultPodSpec(podSpecOf(spec));
  },
  // The count is not `omitempty`: a new ReplicaSet reports 0.
  initialStatus: () => ({ replicas: 0 }),
  validate(next, old) {
    const spec = specOf(next);
    return [
      ...nonNegativeErrors(spec, ['replicas', 'minReadySeconds']),
      // The API server's text says deployment here, too.
      ...validateWorkloadSpec(spec, { kind: 'deployment' }),
      ...(old === undefined ? [] : immutableErrors(spec, specOf(old), ['selector'])),
    ];
  },
});
