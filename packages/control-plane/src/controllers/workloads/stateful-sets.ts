import { numberAt, objectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import { copyJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { isConflict } from '../api-errors.js';
import { PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../resource-names.js';
import { atRevision, presentRevision, revisionsOf, trimRevisions, type Revision } from './controller-revisions.js';
import { makePod } from './make-pod.js';
import { isPodReady, podFromTemplate, stringMap } from './pod-template.js';
import { behaviourOf, isDeleting, MAX_PODS, type WorkloadContext } from './workload-context.js';

/** On pods: the name of the revision that they are of. */
const REVISION_LABEL = 'controller-revision-hash';
const HASH_LABEL = 'controller.kubernetes.io/hash';

/** Makes the pods of a StatefulSet in order, one after the other is ready, and replaces and removes them in reverse. */
export async function syncStatefulSet(context: WorkloadContext, set: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(set)) return;
  const { revision, collisionCount } = await presentRevision(context, set, HASH_LABEL);
  const currentName = stringAt(statusOf(set), 'currentRevision');
  const current = revisionsOf(context, set).find(({ metadata }) => metadata.name === currentName) ?? revision;
  const wanted = behaviourOf(context, set) === 'none' ? 0 : Math.min(numberAt(specOf(set), 'replicas'), MAX_PODS);
  const first = numberAt(objectAt(specOf(set), 'ordinals'), 'start');
  const isOrdered = specOf(set)['podManagementPolicy'] !== 'Parallel';

  const plan = { revision, current, collisionCount, first, wanted, isOrdered };

  await createMissing(context, set, plan);
  await removeSurplus(context, set, plan);
  await replaceOutdated(context, set, plan);
  await report(context, set, plan);
  const used = new Set([revision, current].map(({ metadata }) => metadata.name));
  for (const pod of context.pods.of(set)) used.add(revisionOf(pod));
  await trimRevisions(context, set, ({ metadata }) => used.has(metadata.name));
}

interface Plan {
  /** Of the present template. */
  readonly revision: Revision;
  /** The one that the set is leaving while it is being updated; else the same. */
  readonly current: Revision;
  readonly collisionCount: number;
  readonly first: number;
  readonly wanted: number;
  readonly isOrdered: boolean;
}

/** The name of the revision that a pod is of. */
function revisionOf({ metadata }: Readonly<KubeObject>): string {
  return metadata.labels?.[REVISION_LABEL] ?? '';
}

/** The pods with ordinals below it are left at the current revision; none where it is not a rolling update. */
function partitionOf(set: Readonly<KubeObject>): number {
  return numberAt(objectAt(objectAt(specOf(set), 'updateStrategy'), 'rollingUpdate'), 'partition');
}

function podsByOrdinal({ pods }: WorkloadContext, set: Readonly<KubeObject>): Map<number, Readonly<KubeObject>> {
  const prefix = `${set.metadata.name ?? ''}-`;
  return new Map(pods.of(set).map((pod) => [Number((pod.metadata.name ?? '').slice(prefix.length)), pod]));
}

async function createMissing(context: WorkloadContext, set: Readonly<KubeObject>, plan: Plan): Promise<void> {
  const pods = podsByOrdinal(context, set);
  for (let ordinal = plan.first; ordinal < plan.first + plan.wanted; ordinal += 1) {
    const pod = pods.get(ordinal);
    const isHeldBack = ordinal < plan.first + partitionOf(set);
    if (pod === undefined) await createPod(context, set, ordinal, isHeldBack ? plan.current : plan.revision);
    // The next one waits for this one, or for the pod that still has its name.
    if (plan.isOrdered && (pod === undefined || !isPodReady(pod))) return;
  }
}

async function createPod(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  ordinal: number,
  revision: Revision,
): Promise<void> {
  const name = `${set.metadata.name ?? ''}-${ordinal}`;
  const labels = {
    'apps.kubernetes.io/pod-index': String(ordinal),
    [REVISION_LABEL]: revision.metadata.name ?? '',
    'statefulset.kubernetes.io/pod-name': name,
  };
  const pod = podFromTemplate(atRevision(set, revision), { name, labels });
  const serviceName = stringAt(specOf(set), 'serviceName');
  pod.spec['hostname'] = name;
  if (serviceName !== '') pod.spec['subdomain'] = serviceName;

  const claims = objectsAt(specOf(set), 'volumeClaimTemplates').map((template) => claimOf(set, template, name));
  const claimed = claims.map(({ volume, claim }) => ({
    name: volume,
    persistentVolumeClaim: { claimName: claim.metadata.name },
  }));
  const volumes = objectsAt(pod.spec, 'volumes').filter((volume) =>
    claimed.every((other) => other.name !== volume['name']),
  );
  if (claimed.length > 0) pod.spec['volumes'] = [...volumes, ...claimed];
  for (const { claim } of claims) await createOnce(() => context.api.create(PERSISTENT_VOLUME_CLAIMS, claim));
  const describe = (why: string): string =>
    `create Pod ${name} in StatefulSet ${set.metadata.name ?? ''} failed error: ${why}`;
  await createOnce(() => makePod(context, set, pod, describe));
}

function claimOf(set: Readonly<KubeObject>, template: JsonObject, pod: string): { volume: string; claim: KubeObject } {
  const metadata = objectAt(template, 'metadata');
  const volume = stringAt(metadata, 'name');
  const claim: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...copyJson(metadata),
      name: `${volume}-${pod}`,
      namespace: set.metadata.namespace ?? '',
      labels: { ...stringMap(metadata['labels']), ...stringMap(objectAt(specOf(set), 'selector')['matchLabels']) },
    },
    spec: copyJson(objectAt(template, 'spec')),
  };
  return { volume, claim };
}

async function createOnce(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

async function removeSurplus(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { first, wanted, isOrdered }: Plan,
): Promise<void> {
  const surplus = [...podsByOrdinal(context, set)]
    .filter(([ordinal]) => ordinal < first || ordinal >= first + wanted)
    .sort(([a], [b]) => b - a);
  for (const [, pod] of surplus) {
    if (!isDeleting(pod)) await deletePod(context, pod);
    if (isOrdered) return;
  }
}

/** Deletes one pod of an older template, the highest first; it comes back with the present one. */
async function replaceOutdated(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { revision, first, wanted }: Plan,
): Promise<void> {
  if (objectAt(specOf(set), 'updateStrategy')['type'] === 'OnDelete') return;
  const pods = podsByOrdinal(context, set);
  for (let ordinal = first + wanted - 1; ordinal >= first + partitionOf(set); ordinal -= 1) {
    const pod = pods.get(ordinal);
    if (pod === undefined || isDeleting(pod)) return;
    if (revisionOf(pod) !== revision.metadata.name) return deletePod(context, pod);
    if (!isPodReady(pod)) return;
  }
}

async function deletePod({ api }: WorkloadContext, { metadata }: Readonly<KubeObject>): Promise<void> {
  await api.delete(PODS, metadata.namespace, metadata.name ?? '', { uid: metadata.uid ?? '' });
}

async function report(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { revision, current, collisionCount, wanted }: Plan,
): Promise<void> {
  const { namespace, name = '', generation } = set.metadata;
  const pods = [...podsByOrdinal(context, set).values()].filter((pod) => !isDeleting(pod));
  const ready = pods.filter(isPodReady).length;
  const updateRevision = revision.metadata.name ?? '';
  const updated = pods.filter((pod) => revisionOf(pod) === updateRevision).length;
  const isRolling = objectAt(specOf(set), 'updateStrategy')['type'] === 'RollingUpdate';
  const isComplete = isRolling && [updated, ready, pods.length].every((count) => count === wanted);
  const currentRevision = isComplete ? updateRevision : (current.metadata.name ?? '');
  const unchanged = pods.filter((pod) => revisionOf(pod) === currentRevision).length;
  await context.api.update(
    STATEFUL_SETS,
    namespace,
    name,
    (draft) => {
      draft['status'] = {
        observedGeneration: generation,
        replicas: pods.length,
        ...(ready > 0 ? { readyReplicas: ready } : {}),
        availableReplicas: ready,
        ...(unchanged > 0 ? { currentReplicas: unchanged } : {}),
        ...(updated > 0 ? { updatedReplicas: updated } : {}),
        currentRevision,
        updateRevision,
        collisionCount,
      };
    },
    'status',
  );
}
