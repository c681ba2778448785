import { randomUUID } from 'node:crypto';

import { copyJson, equalJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { invalid, required } from '../../schema/field-error.js';
import { child } from '../../schema/field-path.js';
import type { FieldError } from '../../status-error.js';
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
} from '../../access.js';
import { templatePodSpec } from '../apps/deployment.js';
import { immutableErrors, nonNegativeErrors } from '../apps/workload-validation.js';
import { ageColumn, column, containerColumns, wideColumn } from '../columns.js';
import { defaultPodSpec, podSpecOf } from '../core/pod-spec-defaults.js';
import { validatePodSpec } from '../core/pod-spec-validation.js';
import { defineBuiltin } from '../define-builtin.js';
import { humanDuration } from '../human-duration.js';
import { formatSelector } from '../label-selector.js';
import { defaultFailurePolicy, jobPolicyErrors } from './job-policies.js';

const MAX_INT32 = 2 ** 31 - 1;
const MAX_INDEXES = 100_000;
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
    return [...jobSpecErrors(spec, 'spec'), ...(old === undefined ? [] : changeErrors(spec, old))];
  },
});

/** What is wrong with a Job's spec, or with that of a CronJob's template. */
export function jobSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const podPath = `${path}.template.spec`;
  const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ];
  const errors = [
    ...nonNegativeErrors(spec, counts, path),
    ...indexErrors(spec, path),
    ...jobPolicyErrors(spec, path),
    ...validatePodSpec(podSpec, podPath),
  ];
  const restartPolicy = stringAt(podSpec, 'restartPolicy');
  if (!['Never', 'OnFailure'].includes(restartPolicy)) {
    errors.push(required(`${podPath}.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  } else if (restartPolicy !== 'Never' && spec['podFailurePolicy'] !== undefined) {
    const why = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalid(`${podPath}.restartPolicy`, restartPolicy, why));
  }
  return errors;
}

function indexErrors(spec: JsonObject, path: string): FieldError[] {
  const wanted = optionalNumberAt(spec, 'completions');
  const maxFailed = optionalNumberAt(spec, 'maxFailedIndexes');
  const errors: FieldError[] = [];
  if (maxFailed !== undefined && spec['backoffLimitPerIndex'] === undefined) {
    errors.push(required(child(path, 'backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  if (stringAt(spec, 'completionMode') === 'Indexed') {
    if (wanted === undefined) {
      errors.push(required(child(path, 'completions'), 'when completion mode is Indexed'));
    }
    const parallelism = numberAt(spec, 'parallelism');
    if (parallelism > MAX_INDEXES) {
      const limit = `must be less than or equal to ${MAX_INDEXES} when completion mode is Indexed`;
      errors.push(invalid(child(path, 'parallelism'), parallelism, limit));
    }
    if (maxFailed !== undefined && wanted !== undefined && maxFailed > wanted) {
      errors.push(invalid(child(path, 'maxFailedIndexes'), maxFailed, 'must be less than or equal to completions'));
    }
    return errors;
  }
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
    const value = optionalNumberAt(spec, field);
    if (value !== undefined) {
      errors.push(invalid(child(path, field), value, 'requires indexed completion mode'));
    }
  }
  return errors;
}

/** The completions of an indexed Job may change with its parallelism; where its pods run, as long as none has. */
function changeErrors(spec: JsonObject, old: KubeObject): FieldError[] {
  const before = specOf(old);
  const isElastic = stringAt(spec, 'completionMode') === 'Indexed' && spec['completions'] === spec['parallelism'];
  const hasBegun = !booleanAt(before, 'suspend') || statusOf(old)['startTime'] !== undefined;
  const isSameButPlaced = !hasBegun && equalJson(withoutPlacement(spec), withoutPlacement(before));
  return immutableErrors(spec, before, [
    ...(isElastic ? [] : ['completions']),
    'selector',
    ...(isSameButPlaced ? [] : ['template']),
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ]);
}

/** The template of a spec without what says where its pods may run. */
function withoutPlacement(spec: JsonObject): JsonObject {
  const template = copyJson(objectAt(spec, 'template'));
  for (const field of ['labels', 'annotations']) delete objectAt(template, 'metadata')[field];
  for (const field of ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates'])
    delete objectAt(template, 'spec')[field];
  return template;
}

function defaultJobSpec(spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', spec['backoffLimitPerIndex'] === undefined ? 6 : MAX_INT32);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed');
  defaultFailurePolicy(spec);
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

function jobState(job: KubeObject): string {
  const conditions = objectsAt(statusOf(job), 'conditions').filter(({ status }) => status === 'True');
  const types = conditions.map((condition) => stringAt(condition, 'type'));
  const decided = ['Complete', 'Failed'].find((type) => types.includes(type));
  if (decided !== undefined) return decided;
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget'].find((type) => types.includes(type)) ?? 'Running';
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
