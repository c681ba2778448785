import { specOf } from '../../access.js';
import type { KubeObject } from '../../object.js';
import { DAEMON_SETS, PODS } from '../resource-names.js';
import { isPodReady, podFromTemplate, shortHash } from './pod-template.js';
import { behaviourOf, isDeleting, type WorkloadContext } from './workload-context.js';

const REVISION_LABEL = 'controller-revision-hash';

/** Keeps one pod of a DaemonSet on the one node there is. */
export async function syncDaemonSet(context: WorkloadContext, set: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(set)) return;
  const { api, pods } = context;
  const { namespace, name = '', generation } = set.metadata;
  const revision = shortHash(specOf(set)['template']);
  const wanted = behaviourOf(context, set) === 'none' ? 0 : 1;
  const isWanted = (pod: Readonly<KubeObject>): boolean =>
    wanted === 1 && pod.metadata.labels?.[REVISION_LABEL] === revision;
  for (const pod of pods.of(set)) {
    if (!isWanted(pod) && !isDeleting(pod)) {
      await api.delete(PODS, namespace, pod.metadata.name ?? '', { uid: pod.metadata.uid ?? '' });
    }
  }
  if (pods.of(set).length < wanted) {
    await api.create(PODS, podFromTemplate(set, { generateName: `${name}-`, labels: { [REVISION_LABEL]: revision } }));
  }

  const present = pods.of(set).filter((pod) => !isDeleting(pod));
  const ready = present.filter(isPodReady).length;
  const updated = present.filter(isWanted).length;
  await api.update(
    DAEMON_SETS,
    namespace,
    name,
    (draft) => {
      draft['status'] = {
        observedGeneration: generation,
        desiredNumberScheduled: wanted,
        currentNumberScheduled: present.length,
        numberMisscheduled: 0,
        numberReady: ready,
        ...(ready > 0 ? { numberAvailable: ready } : {}),
        ...(ready < wanted ? { numberUnavailable: wanted - ready } : {}),
        ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
      };
    },
    'status',
  );
}
