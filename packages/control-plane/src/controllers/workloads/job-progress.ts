import {
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  specOf,
  statusOf,
  stringAt,
  stringsAt,
} from '../../access.js';
import { secondsTime } from '../../builtins/go-time.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { setCondition, type ConditionState } from '../conditions.js';
import { formatIndexes, parseIndexes } from './completion-indexes.js';
import { earlierFailures, indexOf, restartsOf, type JobPods } from './job-pods.js';
import { countsAsFailure, failureRule } from './pod-failure-policy.js';
import { isPodReady } from './pod-template.js';
import { metSuccessRule } from './success-policy.js';

type Job = Readonly<KubeObject>;

/** How far a Job has come: what its status says, and the pods that ended since. */
export interface JobProgress {
  readonly succeeded: number;
  readonly failed: number;
  /** Of an indexed Job. */
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Uids of pods that have ended and are not counted in the status yet. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
}

export function isIndexed(job: Job): boolean {
  return stringAt(specOf(job), 'completionMode') === 'Indexed';
}

export function progressOf(job: Job, pods: JobPods): JobProgress {
  const status = statusOf(job);
  const noted = objectAt(status, 'uncountedTerminatedPods');
  const failures = pods.failed.filter((pod) => countsAsFailure(job, pod));
  const uncounted = {
    succeeded: union(stringsAt(noted, 'succeeded'), pods.succeeded.map(uidOf)),
    failed: union(stringsAt(noted, 'failed'), failures.map(uidOf)),
  };
  const completedIndexes = parseIndexes(stringAt(status, 'completedIndexes'));
  for (const pod of pods.succeeded) completedIndexes.add(indexOf(pod) ?? -1);
  const failedIndexes = parseIndexes(stringAt(status, 'failedIndexes'));
  const limit = optionalNumberAt(specOf(job), 'backoffLimitPerIndex') ?? Infinity;
  for (const pod of failures) {
    const isGivenUp = failureRule(job, pod)?.action === 'FailIndex' || earlierFailures(pod).counted >= limit;
    if (isGivenUp) failedIndexes.add(indexOf(pod) ?? -1);
  }
  return {
    succeeded: isIndexed(job) ? completedIndexes.size : numberAt(status, 'succeeded') + uncounted.succeeded.length,
    failed: numberAt(status, 'failed') + uncounted.failed.length,
    completedIndexes,
    failedIndexes,
    uncounted,
  };
}

function uidOf({ metadata }: Readonly<KubeObject>): string {
  return metadata.uid ?? '';
}

function union(known: readonly string[], added: readonly string[]): string[] {
  return [...new Set([...known, ...added])];
}

export function indexFields(job: Job, { completedIndexes, failedIndexes }: JobProgress): JsonObject {
  if (!isIndexed(job)) return {};
  return {
    ...(completedIndexes.size > 0 ? { completedIndexes: formatIndexes(completedIndexes) } : {}),
    ...(specOf(job)['backoffLimitPerIndex'] === undefined ? {} : { failedIndexes: formatIndexes(failedIndexes) }),
  };
}

/** How a Job is to end, and why. */
export interface JobVerdict {
  readonly outcome: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

const BACKOFF_LIMIT: JobVerdict = {
  outcome: 'Failed',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};
const DEADLINE: JobVerdict = {
  outcome: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};
const TOO_MANY_INDEXES: JobVerdict = {
  outcome: 'Failed',
  reason: 'MaxFailedIndexesExceeded',
  message: 'Job has exceeded the specified maximal number of failed indexes',
};
const FAILED_INDEXES: JobVerdict = { outcome: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
const COMPLETED: JobVerdict = {
  outcome: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

/** What is to become of a Job; undefined while it goes on. What was decided once stays so. */
export function verdictOf(job: Job, progress: JobProgress, pods: JobPods, nowMs: number): JobVerdict | undefined {
  const decided = decidedVerdict(job);
  if (decided) return decided;
  for (const pod of pods.failed) {
    const rule = failureRule(job, pod);
    if (rule?.action === 'FailJob') return { outcome: 'Failed', reason: 'PodFailurePolicy', message: rule.message };
  }
  const spec = specOf(job);
  const { succeeded, failed, completedIndexes, failedIndexes } = progress;
  if (failed > numberAt(spec, 'backoffLimit') || exceedsRestarts(job, pods)) return BACKOFF_LIMIT;
  if (nowMs >= (deadlineMs(job) ?? Infinity)) return DEADLINE;
  if (failedIndexes.size > (optionalNumberAt(spec, 'maxFailedIndexes') ?? Infinity)) return TOO_MANY_INDEXES;
  const wanted = optionalNumberAt(spec, 'completions');
  if (wanted === undefined) return succeeded > 0 && pods.active.length === 0 ? COMPLETED : undefined;
  if (failedIndexes.size > 0 && completedIndexes.size + failedIndexes.size >= wanted) return FAILED_INDEXES;
  const met = isIndexed(job) ? metSuccessRule(job, completedIndexes) : undefined;
  if (met !== undefined) {
    return { outcome: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${met}` };
  }
  return succeeded >= wanted ? COMPLETED : undefined;
}

const DECISIONS = { SuccessCriteriaMet: 'Complete', FailureTarget: 'Failed' } as const;

function decidedVerdict(job: Job): JobVerdict | undefined {
  for (const [type, outcome] of Object.entries(DECISIONS)) {
    const condition = conditionOf(job, type);
    if (condition?.['status'] === 'True') {
      return { outcome, reason: stringAt(condition, 'reason'), message: stringAt(condition, 'message') };
    }
  }
  return undefined;
}

function conditionOf(job: Job, type: string): JsonObject | undefined {
  return objectsAt(statusOf(job), 'conditions').find((condition) => condition['type'] === type);
}

/** Containers that are restarted in place count as pods that failed. */
function exceedsRestarts(job: Job, { active }: JobPods): boolean {
  const spec = specOf(job);
  if (objectAt(objectAt(spec, 'template'), 'spec')['restartPolicy'] !== 'OnFailure') return false;
  return restartsOf(active) >= Math.max(numberAt(spec, 'backoffLimit'), 1);
}

/** When a Job has run for as long as it may, in milliseconds since the epoch. */
export function deadlineMs(job: Job): number | undefined {
  const seconds = optionalNumberAt(specOf(job), 'activeDeadlineSeconds');
  const { startTime } = statusOf(job);
  if (seconds === undefined || typeof startTime !== 'string' || specOf(job)['suspend'] === true) return undefined;
  return Date.parse(startTime) + seconds * 1000;
}

/** The status of a Job that has come so far. */
export function jobStatus(
  job: Job,
  progress: JobProgress,
  pods: JobPods,
  verdict: JobVerdict | undefined,
  now: Date,
): JsonObject {
  const { succeeded, failed } = progress;
  const { startTime, completionTime, conditions } = statusOf(job);
  const isSuspended = specOf(job)['suspend'] === true && verdict === undefined;
  const isResumed = !isSuspended && conditionOf(job, 'Suspended')?.['status'] === 'True';
  const hasEnded = pods.active.length === 0 && pods.terminating.length === 0;
  const active = verdict?.outcome === 'Complete' && hasEnded ? 0 : pods.active.length;
  const status: JsonObject = {
    ...(conditions === undefined ? {} : { conditions }),
    ...(isSuspended && startTime === undefined
      ? {}
      : { startTime: isResumed ? secondsTime(now) : (startTime ?? secondsTime(now)) }),
    ...(completionTime === undefined ? {} : { completionTime }),
    ...(active > 0 ? { active } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ready: pods.active.filter(isPodReady).length,
    terminating: pods.terminating.length,
    ...indexFields(job, progress),
    uncountedTerminatedPods: {},
  };
  const set = (condition: ConditionState): void => {
    setJobCondition(status, condition, now);
  };
  if (isSuspended) set({ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' });
  else if (isResumed) set({ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' });
  if (verdict) {
    const { outcome, reason, message } = verdict;
    setDecision(status, verdict, now);
    if (hasEnded) {
      set({ type: outcome, status: 'True', reason, message });
      if (outcome === 'Complete') status['completionTime'] ??= secondsTime(now);
    }
  }
  return status;
}

/** Says how a Job is to end, while its last pods are still there. */
export function setDecision(status: JsonObject, { outcome, reason, message }: JobVerdict, now: Date): void {
  const type = outcome === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  setJobCondition(status, { type, status: 'True', reason, message }, now);
}

function setJobCondition(status: JsonObject, condition: ConditionState, now: Date): void {
  setCondition(status, condition, now, ['lastProbeTime']);
}
