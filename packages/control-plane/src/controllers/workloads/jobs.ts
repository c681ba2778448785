import { numberAt, objectsAt, optionalNumberAt, specOf, statusOf, stringAt } from '../../access.js';
import { equalJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { isConflict } from '../api-errors.js';
import { JOBS } from '../resource-names.js';
import { jobOutcome } from './job-outcome.js';
import {
  createJobPod,
  deleteJobPod,
  earlierFailures,
  indexOf,
  releasePod,
  sortJobPods,
  type IndexFailures,
  type JobPods,
  type PodIndex,
} from './job-pods.js';
import {
  deadlineMs,
  indexFields,
  isIndexed,
  jobStatus,
  progressOf,
  setDecision,
  verdictOf,
  type JobProgress,
  type JobVerdict,
} from './job-progress.js';
import { countsAsFailure } from './pod-failure-policy.js';
import { behaviourOf, isDeleting, MAX_PODS, type WorkloadContext } from './workload-context.js';

type Job = Readonly<KubeObject>;

const CONTROLLER = 'kubernetes.io/job-controller';

/**
 * Runs the pods of a Job until enough succeeded, too many failed, one of its policies decides, or its time is over. Failed
 * pods are replaced at once, without the delay that grows in a cluster.
 */
export async function syncJob(context: WorkloadContext, job: Job): Promise<void> {
  const managedBy = stringAt(specOf(job), 'managedBy');
  if (managedBy !== '' && managedBy !== CONTROLLER) return;
  if (jobOutcome(job) !== undefined) return cleanUp(context, job);

  const before = sortJobPods(context, job);
  const progress = progressOf(job, before);
  const verdict = verdictOf(job, progress, before, context.now().getTime());
  await takeInEndedPods(context, job, progress, before, verdict);
  try {
    // What still runs when enough has succeeded has not failed.
    if (verdict) await deleteAll(context, before, { forgotten: verdict.outcome === 'Complete' });
    else if (!isDeleting(job)) await keepRunning(context, job, progress, before);
  } finally {
    // Also when a pod was refused: what has ended so far is released, and counted here or never.
    const pods = sortJobPods(context, job);
    await writeStatus(context, job, (live) => jobStatus(live, progress, pods, verdict, context.now()));
  }
  const current = context.api.get(JOBS, job.metadata.namespace, job.metadata.name ?? '');
  const dueMs = current && !verdict ? deadlineMs(current) : undefined;
  if (dueMs !== undefined) context.lookAgain(JOBS, job, dueMs);
}

/**
 * Notes in the status which pods have ended, and what they decide, and then lets them go: whatever happens in between, each
 * is counted once.
 */
async function takeInEndedPods(
  context: WorkloadContext,
  job: Job,
  progress: JobProgress,
  pods: JobPods,
  verdict: JobVerdict | undefined,
): Promise<void> {
  const ended = [...pods.succeeded, ...pods.failed];
  if (ended.length === 0) return;
  const { succeeded, failed } = progress.uncounted;
  await writeStatus(context, job, (live) => {
    const status: JsonObject = {
      ...statusOf(live),
      ...indexFields(job, progress),
      uncountedTerminatedPods: {
        ...(succeeded.length > 0 ? { succeeded } : {}),
        ...(failed.length > 0 ? { failed } : {}),
      },
    };
    if (verdict) setDecision(status, verdict, context.now());
    return status;
  });
  for (const pod of ended) await releasePod(context, pod);
}

/** Makes the pods that are missing and deletes those that are too many. */
async function keepRunning(context: WorkloadContext, job: Job, progress: JobProgress, pods: JobPods): Promise<void> {
  const spec = specOf(job);
  if (spec['suspend'] === true) return deleteAll(context, pods, { forgotten: true });
  if (behaviourOf(context, job) === 'none') return;
  const wanted = Math.min(wantedPods(job, progress, pods), MAX_PODS);
  for (const pod of pods.active.slice(wanted)) await deleteJobPod(context, pod, { forgotten: true });
  const waiting = spec['podReplacementPolicy'] === 'Failed' ? pods.terminating.length : 0;
  const missing = Math.max(wanted - pods.active.length - waiting, 0);
  if (isIndexed(job)) {
    for (const index of freeIndexes(context, job, progress, pods, missing)) await createJobPod(context, job, index);
  } else {
    for (let count = 0; count < missing; count += 1) await createJobPod(context, job);
  }
}

function wantedPods(job: Job, { succeeded, failedIndexes }: JobProgress, { active }: JobPods): number {
  const spec = specOf(job);
  const parallelism = numberAt(spec, 'parallelism');
  const completions = optionalNumberAt(spec, 'completions');
  // Pods that work off a queue know when it is empty: once one has succeeded, no other is made.
  if (completions === undefined) return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  return Math.min(completions - succeeded - failedIndexes.size, parallelism);
}

/** The lowest indexes that no pod has worked off or works on. */
function freeIndexes(
  context: WorkloadContext,
  job: Job,
  { completedIndexes, failedIndexes }: JobProgress,
  { active, failed }: JobPods,
  count: number,
): PodIndex[] {
  const taken = new Set([...completedIndexes, ...failedIndexes, ...active.map(indexOf)]);
  const failures = failuresByIndex(job, [...context.pods.of(job), ...failed]);
  const isLimited = specOf(job)['backoffLimitPerIndex'] !== undefined;
  const free: PodIndex[] = [];
  for (let value = 0; value < numberAt(specOf(job), 'completions') && free.length < count; value += 1) {
    if (taken.has(value)) continue;
    free.push(isLimited ? { value, failures: failures.get(value) ?? { counted: 0, ignored: 0 } } : { value });
  }
  return free;
}

function failuresByIndex(
  job: Job,
  pods: readonly Readonly<KubeObject>[],
): ReadonlyMap<number | undefined, IndexFailures> {
  const failures = new Map<number | undefined, IndexFailures>();
  for (const pod of pods) {
    if (statusOf(pod)['phase'] !== 'Failed' && !isDeleting(pod)) continue;
    const index = indexOf(pod);
    const known = failures.get(index) ?? { counted: 0, ignored: 0 };
    const earlier = earlierFailures(pod);
    const isCounted = countsAsFailure(job, pod);
    failures.set(index, {
      counted: Math.max(known.counted, earlier.counted + (isCounted ? 1 : 0)),
      ignored: Math.max(known.ignored, earlier.ignored + (isCounted ? 0 : 1)),
    });
  }
  return failures;
}

async function deleteAll(
  context: WorkloadContext,
  { active }: JobPods,
  how: { readonly forgotten: boolean },
): Promise<void> {
  for (const pod of active) await deleteJobPod(context, pod, how);
}

/** Deletes a Job that has ended when it was kept for as long as it says, and lets its last pods go. */
async function cleanUp(context: WorkloadContext, job: Job): Promise<void> {
  const { succeeded, failed } = sortJobPods(context, job);
  for (const pod of [...succeeded, ...failed]) await releasePod(context, pod);
  const { namespace, name = '', uid = '' } = job.metadata;
  const seconds = optionalNumberAt(specOf(job), 'ttlSecondsAfterFinished');
  if (seconds === undefined || isDeleting(job)) return;
  const dueMs = endedAtMs(job) + seconds * 1000;
  if (dueMs > context.now().getTime()) return context.lookAgain(JOBS, job, dueMs);
  try {
    await context.api.delete(JOBS, namespace, name, { uid, propagationPolicy: 'Foreground' });
  } catch (error) {
    // Another one has its name by now.
    if (!isConflict(error)) throw error;
  }
}

function endedAtMs(job: Job): number {
  const ended = objectsAt(statusOf(job), 'conditions').find((condition) =>
    ['Complete', 'Failed'].includes(stringAt(condition, 'type')),
  );
  return Date.parse(stringAt(ended ?? {}, 'lastTransitionTime'));
}

async function writeStatus(
  { api }: WorkloadContext,
  { metadata: { namespace, name = '', uid } }: Job,
  make: (live: Job) => JsonObject,
): Promise<void> {
  await api.update(
    JOBS,
    namespace,
    name,
    (draft) => {
      if (draft.metadata.uid !== uid) return;
      const status = make(draft);
      if (!equalJson(status, draft['status'])) draft['status'] = status;
    },
    'status',
  );
}
