import { numberAt, objectsAt, optionalObjectAt, specOf, statusOf } from '../../access.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { setCondition } from '../conditions.js';
import { PODS, REPLICA_SETS } from '../resource-names.js';
import { makePod, PodRefusedError } from './make-pod.js';
import { isPodReady, podFromTemplate } from './pod-template.js';
import { behaviourOf, isDeleting, MAX_PODS, type WorkloadContext } from './workload-context.js';

/** Says that pods of a ReplicaSet, or of a Deployment, could not be made. */
export const REPLICA_FAILURE = 'ReplicaFailure';

/** Makes the pods a ReplicaSet wants, removes those it does not, and reports how many there are. */
export async function syncReplicaSet(context: WorkloadContext, replicaSet: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(replicaSet)) return;
  const { api } = context;
  const { namespace, name = '' } = replicaSet.metadata;
  const wanted = behaviourOf(context, replicaSet) === 'none' ? 0 : numberAt(specOf(replicaSet), 'replicas');
  const pods = livingPods(context, replicaSet);
  const missing = Math.min(wanted, MAX_PODS) - pods.length;
  const refusal = await createMissing(context, replicaSet, missing);
  for (const pod of surplus(pods, pods.length - wanted)) {
    await api.delete(PODS, namespace, pod.metadata.name ?? '', { uid: pod.metadata.uid ?? '' });
  }
  // Pods that come and go bring it back, to report what has become of them.
  if (missing !== 0 && !refusal) return;

  const left = livingPods(context, replicaSet);
  const ready = left.filter(isPodReady).length;
  await api.update(
    REPLICA_SETS,
    namespace,
    name,
    (draft) => {
      const status: JsonObject = {
        ...conditionsOf(draft, refusal),
        replicas: left.length,
        ...(left.length > 0 ? { fullyLabeledReplicas: left.length } : {}),
        ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
        observedGeneration: replicaSet.metadata.generation,
      };
      // Each attempt is refused under another name of the pod: the first one tells enough.
      if (refusal && !isFailing(status)) {
        const failure = {
          type: REPLICA_FAILURE,
          status: 'True',
          reason: 'FailedCreate',
          message: refusal.message,
        } as const;
        setCondition(status, failure, context.now());
      }
      draft['status'] = status;
    },
    'status',
  );
  if (refusal) throw refusal;
}

/** @returns why no more could be made, if something refused them. */
async function createMissing(
  context: WorkloadContext,
  replicaSet: Readonly<KubeObject>,
  count: number,
): Promise<PodRefusedError | undefined> {
  const name = replicaSet.metadata.name ?? '';
  try {
    for (let missing = count; missing > 0; missing -= 1) {
      await makePod(context, replicaSet, podFromTemplate(replicaSet, { generateName: `${name}-` }));
    }
    return undefined;
  } catch (error) {
    if (error instanceof PodRefusedError) return error;
    throw error;
  }
}

function isFailing(status: JsonObject): boolean {
  return objectsAt(status, 'conditions').some(({ type }) => type === REPLICA_FAILURE);
}

/** The conditions of a status that stay. */
function conditionsOf(replicaSet: Readonly<KubeObject>, refusal: PodRefusedError | undefined): JsonObject {
  const conditions = objectsAt(statusOf(replicaSet), 'conditions').filter(
    ({ type }) => refusal !== undefined || type !== REPLICA_FAILURE,
  );
  return conditions.length > 0 ? { conditions } : {};
}

/** Pods that have failed are left to who wants to look at them; others take their place, unless those were to fail, too. */
function livingPods(context: WorkloadContext, owner: Readonly<KubeObject>): Readonly<KubeObject>[] {
  const counts = behaviourOf(context, owner) === 'failed' ? () => true : (pod: Readonly<KubeObject>) => !hasFailed(pod);
  return context.pods.of(owner).filter((pod) => !isDeleting(pod) && counts(pod));
}

function hasFailed(pod: Readonly<KubeObject>): boolean {
  return optionalObjectAt(pod, 'status')?.['phase'] === 'Failed';
}

/** The pods that are missed least: those that are not ready, then the newest. */
function surplus(pods: readonly Readonly<KubeObject>[], count: number): Readonly<KubeObject>[] {
  if (count <= 0) return [];
  const newestFirst = [...pods].reverse();
  return [...newestFirst.filter((pod) => !isPodReady(pod)), ...newestFirst.filter(isPodReady)].slice(0, count);
}
