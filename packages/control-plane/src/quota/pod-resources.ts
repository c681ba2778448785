import { objectAt, objectsAt, specOf, stringAt } from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';
import { addLists, largest, resourceListAt, type ResourceList } from './resource-list.js';

/**
 * What a pod as a whole requests, or is limited to: its containers together, or the largest of its init containers with the
 * sidecars that run by then if that is more, and the overhead.
 *
 * @see {@link https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers | Resource sharing within containers}
 */
export function podResources(pod: Readonly<KubeObject>, field: 'requests' | 'limits'): ResourceList {
  const spec = specOf(pod);
  const amounts = (container: JsonObject): ResourceList => resourceListAt(objectAt(container, 'resources'), field);
  let total = objectsAt(spec, 'containers').map(amounts).reduce(addLists, EMPTY);
  let sidecars = EMPTY;
  let beginning = EMPTY;
  for (const container of objectsAt(spec, 'initContainers')) {
    const isSidecar = stringAt(container, 'restartPolicy') === 'Always';
    if (isSidecar) {
      sidecars = addLists(sidecars, amounts(container));
      total = addLists(total, amounts(container));
    }
    beginning = largest(beginning, isSidecar ? sidecars : addLists(sidecars, amounts(container)));
  }
  const needed = largest(total, beginning);
  const ofPod = resourceListAt(objectAt(spec, 'resources'), field);
  const overhead = resourceListAt(spec, 'overhead');
  const sum = new Map([...needed, ...ofPod]);
  // An overhead counts against limits where there is one.
  return addLists(sum, field === 'requests' ? overhead : new Map([...overhead].filter(([name]) => sum.has(name))));
}

const EMPTY: ResourceList = new Map();
