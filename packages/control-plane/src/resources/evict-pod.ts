import { numberAt, objectAt, objectsAt, specOf, statusOf } from '../access.js';
import { secondsTime } from '../builtins/go-time.js';
import { matchesSelector } from '../builtins/label-selector.js';
import { setCondition } from '../controllers/conditions.js';
import { setDisruptionAllowed } from '../controllers/disruption/disruption-condition.js';
import type { JsonObject, KubeObject } from '../object.js';
import { StatusError } from '../status-error.js';
import type { StoredObject } from '../storage/table.js';
import { withoutAdmission } from './admission-request.js';
import { deleteObject, type DeleteOptions } from './delete-object.js';
import { forbidden, plainError } from './errors.js';
import { InProcessApi } from './in-process-api.js';
import type { WriteContext, WritePipeline } from './write-context.js';

const BUDGETS = { group: 'policy', plural: 'poddisruptionbudgets' };
const PODS = { group: '', plural: 'pods' };
/** Tells the controller of the pod that it did not fail by itself. */
const DISRUPTION_TARGET = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
} as const;
/** As many evictions may be under way that the disruption controller has not seen. */
const MOST_DISRUPTED_PODS = 2000;
const REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget.";

/**
 * Deletes a pod if the PodDisruptionBudget that selects it allows for one pod less, and takes that from the budget.
 *
 * @throws StatusError (429) when the budget does not allow it now.
 * @see {@link https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ | API-initiated eviction}
 */
export async function evictPod(
  pipeline: WritePipeline,
  context: WriteContext,
  pod: StoredObject,
  options: DeleteOptions,
): Promise<void> {
  const { namespace, name = '' } = pod.metadata;
  const budget = canIgnoreBudgets(pod) ? undefined : budgetOf(pipeline, pod);
  const isSpared = budget !== undefined && isUnhealthyAndSpared(pod, budget);
  if (budget && !isSpared) await takeFrom(pipeline, context, budget, name);
  const resourceVersion = context.dryRun ? pod.metadata.resourceVersion : await markPod(pipeline, pod);
  const isAskedFor = options.preconditions?.resourceVersion === pod.metadata.resourceVersion;
  const preconditions = {
    ...options.preconditions,
    // What was decided by the state that the pod was in holds for that state only.
    ...((isAskedFor || (isSpared && options.preconditions?.resourceVersion === undefined)) && {
      resourceVersion: resourceVersion ?? '',
    }),
  };
  try {
    await deleteObject(withoutAdmission(pipeline), { ...context, ...(namespace && { namespace }) }, name, {
      ...options,
      preconditions,
    });
  } catch (error) {
    const isOutdated = error instanceof StatusError && error.code === 409 && isSpared;
    throw isOutdated && options.preconditions?.resourceVersion === undefined ? stillProcessed(budget) : error;
  }
}

/** Says on a pod that it is evicted, if it is as it was. @returns the resourceVersion that it has then. */
async function markPod(pipeline: WritePipeline, { metadata }: StoredObject): Promise<string | undefined> {
  const { namespace, name = '', resourceVersion } = metadata;
  let isAsItWas = true;
  const change = (draft: KubeObject): void => {
    isAsItWas = draft.metadata.resourceVersion === resourceVersion;
    if (!isAsItWas) return;
    const status: JsonObject = { ...statusOf(draft) };
    setCondition(status, DISRUPTION_TARGET, pipeline.now());
    draft['status'] = status;
  };
  const api = new InProcessApi(withoutAdmission(pipeline), 'kube-apiserver');
  const marked = await api.update(PODS, namespace, name, change, 'status');
  return isAsItWas ? marked?.metadata.resourceVersion : resourceVersion;
}

/** Pods that have not begun, have ended or are going away are no loss. */
function canIgnoreBudgets(pod: StoredObject): boolean {
  const phase = statusOf(pod)['phase'];
  return ['Pending', 'Succeeded', 'Failed'].includes(String(phase)) || pod.metadata.deletionTimestamp !== undefined;
}

function budgetOf({ store }: WritePipeline, { metadata }: StoredObject): StoredObject | undefined {
  const budgets = store
    .table('poddisruptionbudgets.policy')
    .list(metadata.namespace)
    .filter((candidate) => matchesSelector(specOf(candidate)['selector'], metadata.labels));
  if (budgets.length > 1) {
    throw plainError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  return budgets[0];
}

/** A pod that is not ready is no loss while enough others are, or if its budget says so. */
function isUnhealthyAndSpared(pod: StoredObject, budget: StoredObject): boolean {
  const isReady = objectsAt(statusOf(pod), 'conditions').some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  if (isReady) return false;
  if (specOf(budget)['unhealthyPodEvictionPolicy'] === 'AlwaysAllow') return true;
  const [healthy, desired] = ['currentHealthy', 'desiredHealthy'].map((field) => numberAt(statusOf(budget), field));
  return (healthy ?? 0) >= (desired ?? 0) && (desired ?? 0) > 0;
}

/** Takes one disruption from a budget, or finds that it has none left. */
async function takeFrom(
  pipeline: WritePipeline,
  { dryRun }: WriteContext,
  { metadata }: StoredObject,
  pod: string,
): Promise<void> {
  const api = new InProcessApi(pipeline, 'kube-apiserver');
  const change = (draft: KubeObject): void => {
    const status: JsonObject = { ...statusOf(draft) };
    checkBudget(draft, status);
    if (dryRun) return;
    const left = numberAt(status, 'disruptionsAllowed') - 1;
    status['disruptionsAllowed'] = left;
    status['disruptedPods'] = { ...objectAt(status, 'disruptedPods'), [pod]: secondsTime(pipeline.now()) };
    if (left === 0) setDisruptionAllowed(status, draft.metadata.generation, pipeline.now());
    draft['status'] = status;
  };
  await api.update(BUDGETS, metadata.namespace, metadata.name ?? '', change, 'status');
}

function checkBudget(budget: KubeObject, status: JsonObject): void {
  const name = budget.metadata.name ?? '';
  if (numberAt(status, 'observedGeneration') < (budget.metadata.generation ?? 0)) throw stillProcessed(budget);
  const allowed = numberAt(status, 'disruptionsAllowed');
  const subject = { group: 'policy', plural: 'poddisruptionbudget' };
  if (allowed < 0) throw forbidden(subject, name, 'pdb disruptions allowed is negative');
  if (Object.keys(objectAt(status, 'disruptedPods')).length > MOST_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(subject, name, why);
  }
  if (allowed > 0) return;
  const [desired, healthy] = ['desiredHealthy', 'currentHealthy'].map((field) => numberAt(status, field));
  throw refused(`The disruption budget ${name} needs ${desired ?? 0} healthy pods and has ${healthy ?? 0} currently`);
}

function stillProcessed({ metadata }: Readonly<KubeObject>): StatusError {
  return refused(`The disruption budget ${metadata.name ?? ''} is still being processed by the server.`, 10);
}

function refused(message: string, retryAfterSeconds?: number): StatusError {
  return new StatusError(429, 'TooManyRequests', REFUSAL, {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
