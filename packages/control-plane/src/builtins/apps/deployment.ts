import type { JsonObject, KubeObject } from '../../object.js';
import { equalJson } from '../../json.js';
import { forbidden } from '../../schema/field-error.js';
import type { FieldError } from '../../status-error.js';
import { ensureObjectAt, numberAt, objectAt, setDefault, specOf, statusOf } from '../../access.js';
import { ageColumn, column, containerColumns, wideColumn } from '../columns.js';
import { contentChanged, defineBuiltin } from '../define-builtin.js';
import { defaultPodSpec, podSpecOf } from '../core/pod-spec-defaults.js';
import { formatSelector } from '../label-selector.js';
import { immutableErrors, nonNegativeErrors, validateWorkloadSpec } from './workload-validation.js';

/** The scale subresource of the kinds of this group. */
export const workloadScale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
} as const;

export function templatePodSpec(object: KubeObject): JsonObject {
  return objectAt(objectAt(specOf(object), 'template'), 'spec');
}

export const deployments = defineBuiltin({
  definition: 'io.k8s.api.apps.v1.Deployment',
  group: 'apps',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  subresources: { status: true, scale: workloadScale },
  columns: [
    column(
      'Ready',
      (object) => `${numberAt(statusOf(object), 'readyReplicas')}/${numberAt(specOf(object), 'replicas')}`,
    ),
    column('Up-to-date', (object) => numberAt(statusOf(object), 'updatedReplicas')),
    column('Available', (object) => numberAt(statusOf(object), 'availableReplicas')),
    ageColumn,
    ...containerColumns(templatePodSpec),
    wideColumn('Selector', (object) => formatSelector(specOf(object)['selector'])),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'replicas', 1);
    setDefault(spec, 'revisionHistoryLimit', 10);
    setDefault(spec, 'progressDeadlineSeconds', 600);
    const strategy = ensureObjectAt(spec, 'strategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rollingUpdate = ensureObjectAt(strategy, 'rollingUpdate');
      setDefault(rollingUpdate, 'maxUnavailable', '25%');
      setDefault(rollingUpdate, 'maxSurge', '25%');
    }
    defaultPodSpec(podSpecOf(spec));
  },
  statusKeeps: ['labels'],
  // Annotations count, because the controller copies them to ReplicaSets.
  changesGeneration: (next, old) =>
    contentChanged(next, old) || !equalJson(next.metadata.annotations ?? {}, old.metadata.annotations ?? {}),
  validate(next, old) {
    const spec = specOf(next);
    return [
      ...nonNegativeErrors(spec, ['replicas', 'minReadySeconds', 'revisionHistoryLimit']),
      ...validateWorkloadSpec(spec, { kind: 'deployment' }),
      ...strategyErrors(objectAt(spec, 'strategy')),
      ...(old === undefined ? [] : immutableErrors(spec, specOf(old), ['selector'])),
    ];
  },
});

function strategyErrors(strategy: JsonObject): FieldError[] {
  if (strategy['type'] !== 'Recreate' || strategy['rollingUpdate'] === undefined) return [];
  return [forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")];
}
