import { objectAt, optionalStringAt, specOf } from '../../access.js';
import { copyJson } from '../../json.js';
import type { KubeObject } from '../../object.js';
import { TimeZone } from '../../time-zone.js';
import { controllerReference, stringMap } from '../workloads/pod-template.js';

const SCHEDULED_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const MINUTE_MS = 60_000;

/** The name of the Job that is to run at some time: the same for each attempt to make it. */
export function jobNameOf(cronJob: Readonly<KubeObject>, scheduledMs: number): string {
  return `${cronJob.metadata.name ?? ''}-${Math.floor(scheduledMs / MINUTE_MS)}`;
}

/** The Job of a CronJob that is to run at some time. */
export function jobOfCronJob(cronJob: Readonly<KubeObject>, scheduledMs: number): KubeObject {
  const template = objectAt(specOf(cronJob), 'jobTemplate');
  const metadata = objectAt(template, 'metadata');
  const zone = TimeZone.named(optionalStringAt(specOf(cronJob), 'timeZone') ?? 'UTC') ?? TimeZone.UTC;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobNameOf(cronJob, scheduledMs),
      namespace: cronJob.metadata.namespace ?? '',
      labels: stringMap(metadata['labels']),
      annotations: { ...stringMap(metadata['annotations']), [SCHEDULED_ANNOTATION]: localTime(scheduledMs, zone) },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: copyJson(objectAt(template, 'spec')),
  };
}

/** RFC 3339 with the offset of the zone. */
function localTime(momentMs: number, zone: TimeZone): string {
  const offset = zone.offsetSeconds(momentMs) / 60;
  const wall = zone.wallClock(momentMs).toISOString().slice(0, 19);
  if (offset === 0) return `${wall}Z`;
  const size = Math.abs(offset);
  const digits = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
  return `${wall}${offset < 0 ? '-' : '+'}${digits.join(':')}`;
}
