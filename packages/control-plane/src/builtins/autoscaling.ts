import type { JsonObject, KubeObject } from '../object.js';
import {
  ensureObjectAt,
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  scalarAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
} from '../access.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

/** Stored and served; nothing scales by them. */
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
    column('Targets', (object) => formatTargets(object)),
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
  },
});

function formatTargets(object: KubeObject): string {
  const targets = objectsAt(specOf(object), 'metrics').flatMap((metric) => {
    const resource: JsonObject = objectAt(metric, 'resource');
    const wanted = optionalNumberAt(objectAt(resource, 'target'), 'averageUtilization');
    return wanted === undefined ? [] : [`${stringAt(resource, 'name')}: <unknown>/${wanted}%`];
  });
  return targets.join(', ') || '<none>';
}
