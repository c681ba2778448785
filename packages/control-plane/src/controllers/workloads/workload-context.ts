import type { KubeObject } from '../../object.js';
import type { Api, ResourceName } from '../api.js';
import { REPLICA_SETS } from '../resource-names.js';
import type { Behaviour, Behaviours } from './behaviour.js';
import type { LabelledObjects } from './labelled-objects.js';
import { controllerOf, type OwnedObjects } from './owned-objects.js';

/** What the simulated controllers share. */
export interface WorkloadContext {
  readonly api: Api;
  readonly pods: OwnedObjects;
  readonly podsByLabel: LabelledObjects;
  /** EndpointSlices. */
  readonly slicesByLabel: LabelledObjects;
  readonly replicaSets: OwnedObjects;
  readonly revisions: OwnedObjects;
  readonly behaviours: Behaviours;
  now(): Date;
  /** Has a workload looked at again at a time, in milliseconds since the epoch. */
  lookAgain(resource: ResourceName, object: Readonly<KubeObject>, dueMs: number): void;
}

/** The most pods that are made for one owner: no number in a spec may exhaust the process. */
export const MAX_PODS = 1000;

/** How the pods of a workload, or a pod, are to fare. */
export function behaviourOf({ api, behaviours }: WorkloadContext, object: Readonly<KubeObject>): Behaviour {
  return behaviours.of(object.metadata.namespace ?? '', namesOf(api, object)).behaviour;
}

/** What the containers of a pod that fails exit with, where that was told. */
export function exitCodeOf({ api, behaviours }: WorkloadContext, pod: Readonly<KubeObject>): number | undefined {
  return behaviours.of(pod.metadata.namespace ?? '', namesOf(api, pod)).exitCode;
}

/** What a pod or a workload is known by: its own name and those of what it belongs to. */
export function namesOf(api: Api, object: Readonly<KubeObject>): string[] {
  const { namespace = '', name = '' } = object.metadata;
  const names = [name];
  const owner = controllerOf(object);
  if (owner !== undefined) {
    names.push(owner.name);
    const replicaSet = owner.kind === 'ReplicaSet' ? api.get(REPLICA_SETS, namespace, owner.name) : undefined;
    const deployment = replicaSet && controllerOf(replicaSet);
    if (deployment !== undefined) names.push(deployment.name);
  }
  return names;
}

export function isDeleting({ metadata }: Readonly<KubeObject>): boolean {
  return metadata.deletionTimestamp !== undefined;
}
