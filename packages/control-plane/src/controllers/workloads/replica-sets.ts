import { numberAt, optionalObjectAt, specOf } from '../../access.js';
import type { KubeObject } from '../../object.js';
import { PODS, REPLICA_SETS } from '../resource-names.js';
import { isPodReady, podFromTemplate } from './pod-template.js';
import { behaviourOf, isDeleting, MAX_PODS, type WorkloadContext } from './workload-context.js';

/** Makes the pods a ReplicaSet wants, removes those it does not, and reports how many there are. */
export async function syncReplicaSet(context: WorkloadContext, replicaSet: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(replicaSet)) return;
  const { api } = context;
  const { namespace, name = '' } = replicaSet.metadata;
  const wanted = behaviourOf(context, replicaSet) === 'none' ? 0 : numberAt(specOf(replicaSet), 'replicas');
  const pods = livingPods(context, replicaSet);
  for (let missing = Math.min(wanted, MAX_PODS) - pods.length; missing > 0; missing -= 1) {
    await api.create(PODS, podFromTemplate(replicaSet, { generateName: `${name}-` }));
  }
  for (const pod of surplus(pods, pods.length - wanted)) {
    await api.delete(PODS, namespace, pod.metadata.name ?? '', { uid: pod.metadata.uid ?? '' });
  }

  const left = livingPods(context, replicaSet);
  const ready = left.filter(isPodReady).length;
  await api.update(
    REPLICA_SETS,
    namespace,
    name,
    (draft) => {
      draft['status'] = {
        replicas: left.length,
        ...(left.length > 0 ? { fullyLabeledReplicas: left.length } : {}),
        ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
        observedGeneration: replicaSet.metadata.generation,
      };
    },
    'status',
  );
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
