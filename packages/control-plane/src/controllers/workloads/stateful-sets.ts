import { numberAt, objectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import { copyJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { isConflict } from '../api-errors.js';
import { PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../resource-names.js';
import { makePod } from './make-pod.js';
import { isPodReady, podFromTemplate, shortHash, stringMap } from './pod-template.js';
import { behaviourOf, isDeleting, MAX_PODS, type WorkloadContext } from './workload-context.js';

const REVISION_LABEL = 'controller-revision-hash';

/** Makes the pods of a StatefulSet in order, one after the other is ready, and replaces and removes them in reverse. */
export async function syncStatefulSet(context: WorkloadContext, set: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(set)) return;
  const revision = `${set.metadata.name ?? ''}-${shortHash(specOf(set)['template'])}`;
  const wanted = behaviourOf(context, set) === 'none' ? 0 : Math.min(numberAt(specOf(set), 'replicas'), MAX_PODS);
  const first = numberAt(objectAt(specOf(set), 'ordinals'), 'start');
  const isOrdered = specOf(set)['podManagementPolicy'] !== 'Parallel';

  await createMissing(context, set, { revision, first, wanted, isOrdered });
  await removeSurplus(context, set, { first, wanted, isOrdered });
  await replaceOutdated(context, set, { revision, first, wanted });
  await report(context, set, { revision, wanted });
}

interface Plan {
  readonly revision: string;
  readonly first: number;
  readonly wanted: number;
  readonly isOrdered: boolean;
}

function podsByOrdinal({ pods }: WorkloadContext, set: Readonly<KubeObject>): Map<number, Readonly<KubeObject>> {
  const prefix = `${set.metadata.name ?? ''}-`;
  return new Map(pods.of(set).map((pod) => [Number((pod.metadata.name ?? '').slice(prefix.length)), pod]));
}

async function createMissing(context: WorkloadContext, set: Readonly<KubeObject>, plan: Plan): Promise<void> {
  const pods = podsByOrdinal(context, set);
  for (let ordinal = plan.first; ordinal < plan.first + plan.wanted; ordinal += 1) {
    const pod = pods.get(ordinal);
    if (pod === undefined) await createPod(context, set, ordinal, plan.revision);
    // The next one waits for this one, or for the pod that still has its name.
    if (plan.isOrdered && (pod === undefined || !isPodReady(pod))) return;
  }
}

async function createPod(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  ordinal: number,
  revision: string,
): Promise<void> {
  const name = `${set.metadata.name ?? ''}-${ordinal}`;
  const labels = {
    'apps.kubernetes.io/pod-index': String(ordinal),
    [REVISION_LABEL]: revision,
    'statefulset.kubernetes.io/pod-name': name,
  };
  const pod = podFromTemplate(set, { name, labels });
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
  { first, wanted, isOrdered }: Omit<Plan, 'revision'>,
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
  { revision, first, wanted }: Omit<Plan, 'isOrdered'>,
): Promise<void> {
  const strategy = objectAt(specOf(set), 'updateStrategy');
  if (strategy['type'] === 'OnDelete') return;
  const partition = numberAt(objectAt(strategy, 'rollingUpdate'), 'partition');
  const pods = podsByOrdinal(context, set);
  for (let ordinal = first + wanted - 1; ordinal >= Math.max(first, partition); ordinal -= 1) {
    const pod = pods.get(ordinal);
    if (pod === undefined || isDeleting(pod)) return;
    if (pod.metadata.labels?.[REVISION_LABEL] !== revision) return deletePod(context, pod);
    if (!isPodReady(pod)) return;
  }
}

async function deletePod({ api }: WorkloadContext, { metadata }: Readonly<KubeObject>): Promise<void> {
  await api.delete(PODS, metadata.namespace, metadata.name ?? '', { uid: metadata.uid ?? '' });
}

async function report(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { revision, wanted }: Pick<Plan, 'revision' | 'wanted'>,
): Promise<void> {
  const { namespace, name = '', generation } = set.metadata;
  const pods = [...podsByOrdinal(context, set).values()].filter((pod) => !isDeleting(pod));
  const ready = pods.filter(isPodReady).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length;
  const isComplete = updated === wanted && ready === wanted;
  await context.api.update(
    STATEFUL_SETS,
    namespace,
    name,
    (draft) => {
      const currentRevision = isComplete ? revision : stringAt(statusOf(draft), 'currentRevision') || revision;
      const current = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === currentRevision).length;
      draft['status'] = {
        observedGeneration: generation,
        replicas: pods.length,
        ...(ready > 0 ? { readyReplicas: ready } : {}),
        availableReplicas: ready,
        ...(current > 0 ? { currentReplicas: current } : {}),
        ...(updated > 0 ? { updatedReplicas: updated } : {}),
        currentRevision,
        updateRevision: revision,
        collisionCount: 0,
      };
    },
    'status',
  );
}
