import { equalJson } from '../../json.js';
import type { KubeObject } from '../../object.js';
import { forbidden } from '../../schema/field-error.js';
import type { FieldError } from '../../status-error.js';
import { ensureObjectAt, numberAt, objectAt, objectsAt, setDefault, specOf, statusOf, stringAt } from '../../access.js';
import { ageColumn, column, containerColumns } from '../columns.js';
import { defineBuiltin, specWith } from '../define-builtin.js';
import { defaultPodSpec, podSpecOf } from '../core/pod-spec-defaults.js';
import { defaultClaimSpec } from '../core/volumes.js';
import { templatePodSpec, workloadScale } from './deployment.js';
import { nonNegativeErrors, validateWorkloadSpec } from './workload-validation.js';

export const statefulSets = defineBuiltin({
  definition: 'io.k8s.api.apps.v1.StatefulSet',
  group: 'apps',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  generation: true,
  subresources: { status: true, scale: workloadScale },
  columns: [
    column(
      'Ready',
      (object) => `${numberAt(statusOf(object), 'readyReplicas')}/${numberAt(specOf(object), 'replicas')}`,
    ),
    ageColumn,
    ...containerColumns(templatePodSpec),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'replicas', 1);
    setDefault(spec, 'revisionHistoryLimit', 10);
    setDefault(spec, 'podManagementPolicy', 'OrderedReady');
    const strategy = ensureObjectAt(spec, 'updateStrategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') setDefault(ensureObjectAt(strategy, 'rollingUpdate'), 'partition', 0);
    const retention = ensureObjectAt(spec, 'persistentVolumeClaimRetentionPolicy');
    setDefault(retention, 'whenDeleted', 'Retain');
    setDefault(retention, 'whenScaled', 'Retain');
    defaultPodSpec(podSpecOf(spec));
    for (const claim of objectsAt(spec, 'volumeClaimTemplates')) {
      setDefault(claim, 'apiVersion', 'v1');
      setDefault(claim, 'kind', 'PersistentVolumeClaim');
      defaultClaimSpec(ensureObjectAt(claim, 'spec'));
      setDefault(ensureObjectAt(claim, 'status'), 'phase', 'Pending');
    }
  },
  validate(next, old) {
    const spec = specOf(next);
    // Containers mount claims as if they were volumes.
    const claims = objectsAt(spec, 'volumeClaimTemplates').map((claim) =>
      stringAt(objectAt(claim, 'metadata'), 'name'),
    );
    return [
      ...nonNegativeErrors(spec, ['replicas', 'minReadySeconds', 'revisionHistoryLimit']),
      ...validateWorkloadSpec(spec, { kind: 'statefulset', claims }),
      ...(old === undefined ? [] : updateErrors(next, old)),
    ];
  },
});

const UPDATABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function updateErrors(next: KubeObject, old: KubeObject): FieldError[] {
  if (equalJson(specWith(next, old, UPDATABLE), specOf(old))) return [];
  return [
    forbidden(
      'spec',
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ];
}
