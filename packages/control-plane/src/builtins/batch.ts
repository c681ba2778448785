import { randomUUID } from 'node:crypto';

import type { JsonObject, KubeObject } from '../object.js';
import { required } from '../schema/field-error.js';
import type { FieldError } from '../status-error.js';
import {
  booleanAt,
  ensureObjectAt,
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
} from '../access.js';
import { templatePodSpec } from './apps/deployment.js';
import { immutableErrors, nonNegativeErrors } from './apps/workload-validation.js';
import { ageColumn, column, containerColumns, orNone, wideColumn } from './columns.js';
import { defaultPodSpec, podSpecOf } from './core/pod-spec-defaults.js';
import { validatePodSpec } from './core/pod-spec-validation.js';
import { defineBuiltin } from './define-builtin.js';
import { age, humanDuration } from './human-duration.js';
import { formatSelector } from './label-selector.js';

const MAX_INT32 = 2 ** 31 - 1;
const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid';

export const jobs = defineBuiltin({
  definition: 'io.k8s.api.batch.v1.Job',
  group: 'batch',
  plural: 'jobs',
  categories: ['all'],
  generation: true,
  subresources: { status: true },
  selectableFields: { 'status.successful': (object) => String(numberAt(statusOf(object), 'succeeded')) },
  columns: [
    column('Status', jobState),
    column('Completions', completions),
    column('Duration', jobDuration),
    ageColumn,
    ...containerColumns(templatePodSpec),
    wideColumn('Selector', (object) => formatSelector(specOf(object)['selector'])),
  ],
  defaults: (next) => defaultJobSpec(ensureObjectAt(next, 'spec')),
  prepareForCreate(next) {
    if (!booleanAt(specOf(next), 'manualSelector')) selectOwnPods(next);
  },
  validate(next, old) {
    const spec = specOf(next);
    return [
      ...nonNegativeErrors(spec, ['parallelism', 'completions', 'backoffLimit']),
      ...podErrors(templatePodSpec(next), 'spec.template.spec'),
      ...(old === undefined ? [] : immutableErrors(spec, specOf(old), ['selector', 'template', 'completionMode'])),
    ];
  },
});

function jobSpecOf(cronJob: KubeObject): JsonObject {
  return objectAt(objectAt(specOf(cronJob), 'jobTemplate'), 'spec');
}

function cronJobPodSpec(cronJob: KubeObject): JsonObject {
  return objectAt(objectAt(jobSpecOf(cronJob), 'template'), 'spec');
}

/** Stored and served; nothing runs them. */
export const cronJobs = defineBuiltin({
  definition: 'io.k8s.api.batch.v1.CronJob',
  group: 'batch',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  generation: true,
  subresources: { status: true },
  columns: [
    column('Schedule', (object) => stringAt(specOf(object), 'schedule')),
    column('Timezone', (object) => orNone(stringAt(specOf(object), 'timeZone'))),
    column('Suspend', (object) => (booleanAt(specOf(object), 'suspend') ? 'True' : 'False'), 'boolean'),
    column('Active', (object) => objectsAt(statusOf(object), 'active').length, 'integer'),
    column('Last Schedule', (object, nowMs) => {
      const last = statusOf(object)['lastScheduleTime'];
      return last === undefined ? '<none>' : age(last, nowMs);
    }),
    ageColumn,
    ...containerColumns(cronJobPodSpec),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'concurrencyPolicy', 'Allow');
    setDefault(spec, 'suspend', false);
    setDefault(spec, 'successfulJobsHistoryLimit', 3);
    setDefault(spec, 'failedJobsHistoryLimit', 1);
    defaultPodSpec(podSpecOf(ensureObjectAt(ensureObjectAt(spec, 'jobTemplate'), 'spec')));
  },
  validate: (next) => [
    ...(stringAt(specOf(next), 'schedule') === '' ? [required('spec.schedule')] : []),
    ...podErrors(cronJobPodSpec(next), 'spec.jobTemplate.spec.template.spec'),
  ],
});

function defaultJobSpec(spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', spec['backoffLimitPerIndex'] === undefined ? 6 : MAX_INT32);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed');
  defaultPodSpec(podSpecOf(spec));
}

/** Ties the pods to this Job and no other by labels made of its uid. */
function selectOwnPods(job: KubeObject): void {
  const uid = job.metadata.uid ?? randomUUID();
  const spec = ensureObjectAt(job, 'spec');
  const labels = ensureObjectAt(ensureObjectAt(ensureObjectAt(spec, 'template'), 'metadata'), 'labels');
  Object.assign(labels, {
    'controller-uid': uid,
    'job-name': job.metadata.name,
    [CONTROLLER_UID_LABEL]: uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
  });
  setDefault(ensureObjectAt(ensureObjectAt(spec, 'selector'), 'matchLabels'), CONTROLLER_UID_LABEL, uid);
}

function podErrors(podSpec: JsonObject, path: string): FieldError[] {
  const errors = validatePodSpec(podSpec, path);
  if (!['Never', 'OnFailure'].includes(stringAt(podSpec, 'restartPolicy'))) {
    errors.push(required(`${path}.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  }
  return errors;
}

function jobState(job: KubeObject): string {
  const decided = objectsAt(statusOf(job), 'conditions').find(
    (condition) =>
      condition['status'] === 'True' &&
      ['Complete', 'Failed', 'Suspended', 'FailureTarget'].includes(stringAt(condition, 'type')),
  );
  if (decided !== undefined) return stringAt(decided, 'type');
  return job.metadata.deletionTimestamp === undefined ? 'Running' : 'Terminating';
}

function completions(job: KubeObject): string {
  const succeeded = numberAt(statusOf(job), 'succeeded');
  const wanted = optionalNumberAt(specOf(job), 'completions');
  if (wanted !== undefined) return `${succeeded}/${wanted}`;
  const parallelism = numberAt(specOf(job), 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const { startTime, completionTime } = statusOf(job);
  if (typeof startTime !== 'string') return '';
  const endMs = typeof completionTime === 'string' ? Date.parse(completionTime) : nowMs;
  return humanDuration(endMs - Date.parse(startTime));
}
