import type { JsonObject, KubeObject } from '../../object.js';
import { CronError, parseCron } from '../../cron/cron-schedule.js';
import { invalid, required } from '../../schema/field-error.js';
import type { FieldError } from '../../status-error.js';
import {
  booleanAt,
  ensureObjectAt,
  objectAt,
  objectsAt,
  optionalStringAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
} from '../../access.js';
import { TimeZone } from '../../time-zone.js';
import { nonNegativeErrors } from '../apps/workload-validation.js';
import { ageColumn, column, containerColumns, orNone } from '../columns.js';
import { defaultPodSpec, podSpecOf } from '../core/pod-spec-defaults.js';
import { defineBuiltin } from '../define-builtin.js';
import { age } from '../human-duration.js';
import { defaultFailurePolicy } from './job-policies.js';
import { jobSpecErrors } from './job.js';

/** Room for the time in the names of its Jobs. */
const MAX_NAME_LENGTH = 52;

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
    const jobSpec = ensureObjectAt(ensureObjectAt(spec, 'jobTemplate'), 'spec');
    defaultFailurePolicy(jobSpec);
    defaultPodSpec(podSpecOf(jobSpec));
  },
  validate(next, old) {
    const spec = specOf(next);
    return [
      ...(old === undefined ? nameErrors(next) : []),
      ...scheduleErrors(spec, old),
      ...zoneErrors(spec, old),
      ...nonNegativeErrors(spec, ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']),
      ...jobSpecErrors(jobSpecOf(next), 'spec.jobTemplate.spec'),
    ];
  },
});

function jobSpecOf(cronJob: KubeObject): JsonObject {
  return objectAt(objectAt(specOf(cronJob), 'jobTemplate'), 'spec');
}

function cronJobPodSpec(cronJob: KubeObject): JsonObject {
  return objectAt(objectAt(jobSpecOf(cronJob), 'template'), 'spec');
}

function nameErrors({ metadata: { name = '' } }: KubeObject): FieldError[] {
  if (name.length <= MAX_NAME_LENGTH) return [];
  return [invalid('metadata.name', name, `must be no more than ${MAX_NAME_LENGTH} characters`)];
}

/** A time zone in the schedule itself is kept where it is from before there was a field for it. */
function scheduleErrors(spec: JsonObject, old: KubeObject | undefined): FieldError[] {
  const field = 'spec.schedule';
  const schedule = stringAt(spec, 'schedule');
  if (schedule === '') return [required(field)];
  const errors: FieldError[] = [];
  try {
    parseCron(schedule);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    errors.push(invalid(field, schedule, error.message));
  }
  if (!schedule.includes('TZ')) return errors;
  const hadZone = old !== undefined && stringAt(specOf(old), 'schedule').includes('TZ');
  if (!hadZone) {
    errors.push(invalid(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  } else if (spec['timeZone'] !== undefined) {
    errors.push(invalid(field, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  }
  return errors;
}

function zoneErrors(spec: JsonObject, old: KubeObject | undefined): FieldError[] {
  const field = 'spec.timeZone';
  const zone = optionalStringAt(spec, 'timeZone');
  if (zone === undefined || (old !== undefined && specOf(old)['timeZone'] === zone)) return [];
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local') {
    const advice = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return [invalid(field, zone, advice)];
  }
  // An offset is no name, though the platform would take it for one.
  const isName =
    zone.split('/').every((part) => /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/.test(part)) && !/^[+]/.test(zone);
  return isName && TimeZone.named(zone) !== undefined ? [] : [invalid(field, zone, `unknown time zone ${zone}`)];
}
