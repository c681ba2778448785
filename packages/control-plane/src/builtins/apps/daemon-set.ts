import { equalJson } from '../../json.js';
import type { KubeObject } from '../../object.js';
import { ensureObjectAt, numberAt, objectAt, setDefault, specOf, statusOf } from '../../access.js';
import { ageColumn, column, containerColumns, formatLabels, orNone, wideColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';
import { defaultPodSpec, podSpecOf } from '../core/pod-spec-defaults.js';
import { formatSelector } from '../label-selector.js';
import { templatePodSpec } from './deployment.js';
import { immutableErrors, nonNegativeErrors, validateWorkloadSpec } from './workload-validation.js';

/** Counts the templates: what older clients go by instead of revisions. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const counts = [
  ['Desired', 'desiredNumberScheduled'],
  ['Current', 'currentNumberScheduled'],
  ['Ready', 'numberReady'],
  ['Up-to-date', 'updatedNumberScheduled'],
  ['Available', 'numberAvailable'],
] as const;

export const daemonSets = defineBuiltin({
  definition: 'io.k8s.api.apps.v1.DaemonSet',
  group: 'apps',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  generation: true,
  subresources: { status: true },
  columns: [
    ...counts.map(([name, field]) => column(name, (object) => numberAt(statusOf(object), field), 'integer')),
    column('Node Selector', (object) => orNone(formatLabels(objectAt(templatePodSpec(object), 'nodeSelector')))),
    ageColumn,
    ...containerColumns(templatePodSpec),
    wideColumn('Selector', (object) => formatSelector(specOf(object)['selector'])),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'revisionHistoryLimit', 10);
    const strategy = ensureObjectAt(spec, 'updateStrategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rollingUpdate = ensureObjectAt(strategy, 'rollingUpdate');
      setDefault(rollingUpdate, 'maxUnavailable', 1);
      setDefault(rollingUpdate, 'maxSurge', 0);
    }
    defaultPodSpec(podSpecOf(spec));
  },
  prepareForCreate(next) {
    setTemplateGeneration(next, Math.max(templateGeneration(next), 1));
  },
  prepareForUpdate(next, old) {
    const hasChanged = !equalJson(specOf(next)['template'], specOf(old)['template']);
    setTemplateGeneration(next, templateGeneration(old) + (hasChanged ? 1 : 0));
  },
  validate(next, old) {
    const spec = specOf(next);
    return [
      ...nonNegativeErrors(spec, ['minReadySeconds', 'revisionHistoryLimit']),
      ...validateWorkloadSpec(spec, { kind: 'daemonset' }),
      ...(old === undefined ? [] : immutableErrors(spec, specOf(old), ['selector'])),
    ];
  },
});

function templateGeneration({ metadata }: KubeObject): number {
  return Number.parseInt(metadata.annotations?.[TEMPLATE_GENERATION] ?? '', 10) || 0;
}

function setTemplateGeneration({ metadata }: KubeObject, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}
