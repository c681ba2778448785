import { numberAt, objectsAt, optionalNumberAt, specOf, statusOf, stringAt } from '../../access.js';
import { secondsTime } from '../../builtins/go-time.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { setCondition } from '../conditions.js';
import { JOBS, PODS } from '../resource-names.js';
import { podFromTemplate } from './pod-template.js';
import { behaviourOf, isDeleting, MAX_PODS, type WorkloadContext } from './workload-context.js';

/** Runs the pods of a Job until enough succeeded or too many failed. */
export async function syncJob(context: WorkloadContext, job: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(job) || isFinished(job)) return;
  const { api } = context;
  const { namespace, name = '' } = job.metadata;
  const spec = specOf(job);
  const completions = optionalNumberAt(spec, 'completions') ?? 1;
  const isHeld = spec['suspend'] === true || behaviourOf(context, job) === 'none';

  let { active, succeeded, failed } = countPods(context, job);
  const hasFailed = failed > numberAt(spec, 'backoffLimit');
  if (!isHeld && !hasFailed) {
    while (active < Math.min(numberAt(spec, 'parallelism'), MAX_PODS) && active + succeeded < completions) {
      await api.create(PODS, podFromTemplate(job, { generateName: `${name}-` }));
      active += 1;
    }
  }
  ({ active, succeeded, failed } = countPods(context, job));
  const isComplete = succeeded >= completions;
  await api.update(
    JOBS,
    namespace,
    name,
    (draft) => {
      const status: JsonObject = { ...statusOf(draft) };
      if (spec['suspend'] !== true) status['startTime'] ??= secondsTime(context.now());
      Object.assign(status, { active, succeeded, failed, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
      for (const field of ['active', 'succeeded', 'failed']) if (status[field] === 0) delete status[field];
      if (isComplete) complete(status, context.now());
      else if (hasFailed) fail(status, context.now());
      draft['status'] = status;
    },
    'status',
  );
}

function isFinished(job: Readonly<KubeObject>): boolean {
  return objectsAt(statusOf(job), 'conditions').some(
    (condition) => condition['status'] === 'True' && ['Complete', 'Failed'].includes(stringAt(condition, 'type')),
  );
}

function countPods(
  { pods }: WorkloadContext,
  job: Readonly<KubeObject>,
): { active: number; succeeded: number; failed: number } {
  const phases = pods.of(job).map((pod) => statusOf(pod)['phase']);
  const succeeded = phases.filter((phase) => phase === 'Succeeded').length;
  const failed = phases.filter((phase) => phase === 'Failed').length;
  return { active: phases.length - succeeded - failed, succeeded, failed };
}

function complete(status: JsonObject, now: Date): void {
  status['completionTime'] ??= secondsTime(now);
  for (const type of ['SuccessCriteriaMet', 'Complete']) {
    const message = 'Reached expected number of succeeded pods';
    setCondition(status, { type, status: 'True', reason: 'CompletionsReached', message }, now, ['lastProbeTime']);
  }
}

function fail(status: JsonObject, now: Date): void {
  for (const type of ['FailureTarget', 'Failed']) {
    const message = 'Job has reached the specified backoff limit';
    setCondition(status, { type, status: 'True', reason: 'BackoffLimitExceeded', message }, now, ['lastProbeTime']);
  }
}
