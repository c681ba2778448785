import { numberAt, specOf } from '../../access.js';
import type { KubeObject, OwnerReference } from '../../object.js';
import { parseApiVersion } from '../../resources/registry.js';
import { StatusError } from '../../status-error.js';
import type { Api } from '../api.js';
import { resourceKey } from '../resource-names.js';
import { controllerOf } from '../workloads/owned-objects.js';
import { share } from '../workloads/share.js';

type Pod = Readonly<KubeObject>;

/** How many pods a PodDisruptionBudget counts on, and how many of them are to be healthy. */
export interface ExpectedPods {
  readonly expected: number;
  readonly desiredHealthy: number;
  /** Names of pods that no controller makes: how many of them there should be, nobody can say. */
  readonly unmanaged: readonly string[];
}

/** Thrown when a pod's controller is not one whose size can be told. The message is for the budget's status. */
export class UnknownScaleError extends Error {
  override readonly name = 'UnknownScaleError';
}

/**
 * What a budget expects of the pods it selects. Shares are of what the pods' controllers are to have.
 *
 * @throws {@link UnknownScaleError}
 */
export function expectedPods(api: Api, budget: Readonly<KubeObject>, pods: readonly Pod[]): ExpectedPods {
  const { minAvailable, maxUnavailable } = specOf(budget);
  if (typeof minAvailable === 'number') {
    return { expected: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  }
  const unmanaged = pods.filter((pod) => controllerOf(pod) === undefined).map(({ metadata }) => metadata.name ?? '');
  const expected = [...scales(api, pods).values()].reduce((sum, scale) => sum + scale, 0);
  const desiredHealthy =
    minAvailable === undefined
      ? Math.max(expected - Math.ceil(share(maxUnavailable ?? expected, expected)), 0)
      : Math.ceil(share(minAvailable, expected));
  return { expected, desiredHealthy, unmanaged };
}

/** How many pods the controllers of some pods are to have, by the uid of the controller. */
function scales(api: Api, pods: readonly Pod[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const known = new Set<string>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined || known.has(owner.uid)) continue;
    known.add(owner.uid);
    const [uid, scale] = scaleOf(api, owner, pod);
    found.set(uid, scale);
  }
  return found;
}

function scaleOf(api: Api, owner: OwnerReference, pod: Pod): readonly [uid: string, scale: number] {
  const { namespace, name: podName = '' } = pod.metadata;
  const { group } = parseApiVersion(owner.apiVersion);
  const resource = api.resources().find((candidate) => candidate.group === group && candidate.kind === owner.kind);
  const object = resource && api.get(resource, namespace, owner.name);
  if (!resource || object?.metadata.uid !== owner.uid) {
    throw new UnknownScaleError(`found no controllers for pod ${JSON.stringify(podName)}`);
  }
  // The ReplicaSets of a Deployment grow and shrink; what it is to have altogether, it says itself.
  const parent = controllerOf(object);
  if (owner.kind === 'ReplicaSet' && parent?.kind === 'Deployment') return scaleOf(api, parent, object);
  try {
    const scale = api.scale(resource, namespace, owner.name);
    return [owner.uid, scale === undefined ? 0 : numberAt(specOf(scale), 'replicas')];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw new UnknownScaleError(`${resourceKey(resource)} does not implement the scale subresource`);
  }
}
