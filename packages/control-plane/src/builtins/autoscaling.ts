import type { JsonObject, KubeObject } from '../object.js';
import {
  ensureObjectAt,
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  optionalObjectAt,
  optionalStringAt,
  scalarAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
} from '../access.js';
import { invalid, required } from '../schema/field-error.js';
import type { FieldError } from '../status-error.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

export const horizontalPodAutoscalers = defineBuiltin({
  definition: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: { status: true },
  columns: [
    column('Reference', (object) => {
      const target = objectAt(specOf(object), 'scaleTargetRef');
      return `${stringAt(target, 'kind')}/${stringAt(target, 'name')}`;
    }),
    column('Targets', formatTargets),
    column('MinPods', (object) => scalarAt(specOf(object), 'minReplicas') ?? '<unset>'),
    column('MaxPods', (object) => numberAt(specOf(object), 'maxReplicas'), 'integer'),
    column('Replicas', (object) => numberAt(statusOf(object), 'currentReplicas'), 'integer'),
    ageColumn,
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'minReplicas', 1);
    if (objectsAt(spec, 'metrics').length === 0) {
      const target = { type: 'Utilization', averageUtilization: 80 };
      spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target } }];
    }
    const behavior = optionalObjectAt(spec, 'behavior');
    if (behavior) defaultBehavior(behavior);
  },
  validate(next) {
    const spec = specOf(next);
    return [...sizeErrors(spec), ...targetErrors(objectAt(spec, 'scaleTargetRef'))];
  },
});

/** @see {@link https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior | Default behavior} */
function defaultBehavior(behavior: JsonObject): void {
  const up = ensureObjectAt(behavior, 'scaleUp');
  setDefault(up, 'stabilizationWindowSeconds', 0);
  setDefault(up, 'selectPolicy', 'Max');
  setDefault(up, 'policies', [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ]);
  const down = ensureObjectAt(behavior, 'scaleDown');
  setDefault(down, 'selectPolicy', 'Max');
  setDefault(down, 'policies', [{ type: 'Percent', value: 100, periodSeconds: 15 }]);
}

function sizeErrors(spec: JsonObject): FieldError[] {
  const [least, most] = [optionalNumberAt(spec, 'minReplicas') ?? 1, numberAt(spec, 'maxReplicas')];
  const errors: FieldError[] = [];
  if (least < 1) errors.push(invalid('spec.minReplicas', least, 'must be greater than or equal to 1'));
  if (most < 1) errors.push(invalid('spec.maxReplicas', most, 'must be greater than 0'));
  if (most < least) {
    errors.push(invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'));
  }
  return errors;
}

function targetErrors(target: JsonObject): FieldError[] {
  return ['kind', 'name']
    .filter((field) => stringAt(target, field) === '')
    .map((field) => required(`spec.scaleTargetRef.${field}`));
}

const SHOWN_TARGETS = 2;

/** `cpu: 30%/80%, memory: <unknown>/2Gi + 1 more...` */
function formatTargets(object: KubeObject): string {
  const metrics = objectsAt(specOf(object), 'metrics');
  if (metrics.length === 0) return '<none>';
  const current = objectsAt(statusOf(object), 'currentMetrics');
  const shown = metrics
    .slice(0, SHOWN_TARGETS)
    .map((metric, position) => formatTarget(metric, current[position] ?? {}))
    .join(', ');
  return metrics.length > SHOWN_TARGETS ? `${shown} + ${metrics.length - SHOWN_TARGETS} more...` : shown;
}

function formatTarget(metric: JsonObject, current: JsonObject): string {
  const [field = '', source] =
    Object.entries(metric).find((entry): entry is [string, JsonObject] => entry[0] !== 'type') ?? [];
  const target = objectAt(source ?? {}, 'target');
  const value = objectAt(objectAt(current, field), 'current');
  const label = field === 'resource' || field === 'containerResource' ? `${stringAt(source ?? {}, 'name')}: ` : '';
  const wanted = optionalNumberAt(target, 'averageUtilization');
  if (wanted !== undefined) {
    const used = optionalNumberAt(value, 'averageUtilization');
    return `${label}${used === undefined ? '<unknown>' : `${used}%`}/${wanted}%`;
  }
  const isAverage = target['averageValue'] !== undefined;
  const [is, goal] = [value, target].map((owner) => optionalStringAt(owner, isAverage ? 'averageValue' : 'value'));
  const suffix = isAverage && (field === 'object' || field === 'external') ? ' (avg)' : '';
  return `${label}${is ?? '<unknown>'}/${goal ?? ''}${suffix}`;
}
