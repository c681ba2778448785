import { numberAt, objectAt, objectsAt, optionalNumberAt, specOf, statusOf, stringAt } from '../../access.js';
import { copyJson, equalJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { setCondition, type ConditionState } from '../conditions.js';
import { DEPLOYMENTS, REPLICA_SETS } from '../resource-names.js';
import { controllerReference, shortHash, stringMap } from './pod-template.js';
import { REPLICA_FAILURE } from './replica-sets.js';
import { share } from './share.js';
import { behaviourOf, isDeleting, type WorkloadContext } from './workload-context.js';

const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MAX = 'deployment.kubernetes.io/max-replicas';

type ReplicaSet = Readonly<KubeObject>;

interface Rollout {
  readonly deployment: Readonly<KubeObject>;
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  /** The ReplicaSet of the present template. */
  readonly current: ReplicaSet | undefined;
  /** The others, oldest first. */
  readonly former: readonly ReplicaSet[];
}

/**
 * Rolls a Deployment out: a ReplicaSet a template, grown and shrunk within what its strategy allows, one step a call;
 * the ReplicaSets' own progress brings the next one.
 */
export async function syncDeployment(context: WorkloadContext, deployment: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(deployment)) return;
  const isPaused = specOf(deployment)['paused'] === true;
  if (!isPaused) {
    // A new ReplicaSet tells of itself, and of its pods, soon enough.
    if (await ensureCurrent(context, deployment)) return;
    await step(context, rolloutOf(context, deployment));
  } else {
    const { current, replicas } = rolloutOf(context, deployment);
    if (current !== undefined) await scale(context, current, replicas);
  }
  await report(context, rolloutOf(context, deployment));
}

function rolloutOf(context: WorkloadContext, deployment: Readonly<KubeObject>): Rollout {
  const sets = context.replicaSets.of(deployment).filter((set) => !isDeleting(set));
  const current = sets.find((set) => isOfTemplate(set, deployment));
  const replicas = numberAt(specOf(deployment), 'replicas');
  const rolling = objectAt(objectAt(specOf(deployment), 'strategy'), 'rollingUpdate');
  const maxSurge = Math.ceil(share(rolling['maxSurge'], replicas));
  const maxUnavailable = Math.floor(share(rolling['maxUnavailable'], replicas));
  return {
    deployment,
    replicas,
    maxSurge,
    // With neither, nothing could ever move.
    maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : Math.min(maxUnavailable, replicas),
    current,
    former: sets.filter((set) => set !== current),
  };
}

function isOfTemplate(set: ReplicaSet, deployment: Readonly<KubeObject>): boolean {
  return equalJson(templateWithoutHash(set), objectAt(specOf(deployment), 'template'));
}

const templatesWithoutHash = new WeakMap<JsonObject, JsonObject>();

/** The template of the Deployment that a ReplicaSet was made for. States of a ReplicaSet share their template. */
function templateWithoutHash(set: ReplicaSet): JsonObject {
  const template = objectAt(specOf(set), 'template');
  let without = templatesWithoutHash.get(template);
  if (without === undefined) {
    without = copyJson(template);
    delete objectAt(objectAt(without, 'metadata'), 'labels')[HASH_LABEL];
    templatesWithoutHash.set(template, without);
  }
  return without;
}

function specReplicas(set: ReplicaSet): number {
  return numberAt(specOf(set), 'replicas');
}

function available(set: ReplicaSet): number {
  return numberAt(statusOf(set), 'availableReplicas');
}

function sum(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}

function revisionOf(object: Readonly<KubeObject>): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0);
}

/** Makes the ReplicaSet of the present template, and gives it the highest revision. @returns whether it was made now. */
async function ensureCurrent(context: WorkloadContext, deployment: Readonly<KubeObject>): Promise<boolean> {
  const { api } = context;
  const { namespace, name = '' } = deployment.metadata;
  const rollout = rolloutOf(context, deployment);
  const revision = String(Math.max(0, ...rollout.former.map(revisionOf)) + 1);
  if (rollout.current === undefined) {
    await api.create(REPLICA_SETS, newReplicaSet(rollout, revision));
  } else if (revisionOf(rollout.current) < Number(revision)) {
    // An older template is back: its ReplicaSet becomes the newest.
    await annotate(context, rollout.current, { [REVISION]: revision });
  }
  const current = rolloutOf(context, deployment).current;
  const shown = current?.metadata.annotations?.[REVISION];
  if (shown !== undefined && deployment.metadata.annotations?.[REVISION] !== shown) {
    // Through the status endpoint, where annotations may change without making a new generation.
    await api.update(DEPLOYMENTS, namespace, name, addAnnotations({ [REVISION]: shown }), 'status');
  }
  return rollout.current === undefined;
}

function newReplicaSet(rollout: Rollout, revision: string): KubeObject {
  const { deployment, replicas, maxSurge } = rollout;
  const { namespace = '', name = '' } = deployment.metadata;
  const spec = specOf(deployment);
  const template = copyJson(objectAt(spec, 'template'));
  const hash = shortHash(template);
  const metadata = objectAt(template, 'metadata');
  const labels = { ...stringMap(metadata['labels']), [HASH_LABEL]: hash };
  const selector = copyJson(objectAt(spec, 'selector'));
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: {
        ...copiedAnnotations(deployment),
        [REVISION]: revision,
        [DESIRED]: String(replicas),
        [MAX]: String(replicas + maxSurge),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: isRecreated(rollout) && sum(rollout.former, specReplicas) > 0 ? 0 : growth(rollout, 0),
      ...(spec['minReadySeconds'] === undefined ? {} : { minReadySeconds: spec['minReadySeconds'] }),
      selector: { ...selector, matchLabels: { ...stringMap(selector['matchLabels']), [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  };
}

/** A ReplicaSet shows its Deployment's annotations, except what kubectl keeps there for itself. */
function copiedAnnotations({ metadata }: Readonly<KubeObject>): Record<string, string> {
  const { [LAST_APPLIED]: _lastApplied, ...others } = metadata.annotations ?? {};
  return others;
}

function isRecreated({ deployment }: Rollout): boolean {
  return objectAt(specOf(deployment), 'strategy')['type'] === 'Recreate';
}

/** How large the current ReplicaSet may become now. */
function growth({ replicas, maxSurge, former }: Rollout, present: number): number {
  const room = replicas + maxSurge - sum(former, specReplicas) - present;
  return present + Math.max(0, Math.min(room, replicas - present));
}

async function step(context: WorkloadContext, rollout: Rollout): Promise<void> {
  const { current, former, replicas } = rollout;
  if (current === undefined) return;
  if (isRecreated(rollout)) {
    for (const set of former) await scale(context, set, 0);
    const isClear = former.every((set) => context.pods.of(set).length === 0);
    if (isClear) await scale(context, current, replicas);
  } else {
    const size = specReplicas(current);
    await scale(context, current, size > replicas ? replicas : growth(rollout, size));
    await shrinkFormer(context, rolloutOf(context, rollout.deployment));
  }
  await removeHistory(context, rolloutOf(context, rollout.deployment));
}

/** Takes away former pods as far as enough remain available: first those that are not, then the oldest. */
async function shrinkFormer(context: WorkloadContext, rollout: Rollout): Promise<void> {
  const { current, former, replicas, maxUnavailable } = rollout;
  if (current === undefined) return;
  const minAvailable = replicas - maxUnavailable;
  const newUnavailable = specReplicas(current) - available(current);
  let removable = sum(former, specReplicas) + specReplicas(current) - minAvailable - newUnavailable;
  const sizes = new Map(former.map((set) => [set, specReplicas(set)]));
  for (const set of former) {
    const unhealthy = Math.min(specReplicas(set) - available(set), Math.max(0, removable));
    removable -= unhealthy;
    sizes.set(set, specReplicas(set) - unhealthy);
  }
  let spare = Math.min(removable, sum(former, available) + available(current) - minAvailable);
  for (const set of former) {
    const size = sizes.get(set) ?? 0;
    const taken = Math.min(size, Math.max(0, spare));
    spare -= taken;
    await scale(context, set, size - taken);
  }
}

/** Removes emptied ReplicaSets beyond spec.revisionHistoryLimit, oldest first. */
async function removeHistory({ api }: WorkloadContext, { deployment, former }: Rollout): Promise<void> {
  const limit = optionalNumberAt(specOf(deployment), 'revisionHistoryLimit') ?? 10;
  const empty = former.filter((set) => specReplicas(set) === 0 && numberAt(statusOf(set), 'replicas') === 0);
  for (const { metadata } of empty.slice(0, Math.max(0, empty.length - limit))) {
    await api.delete(REPLICA_SETS, metadata.namespace, metadata.name ?? '', { uid: metadata.uid ?? '' });
  }
}

async function scale({ api }: WorkloadContext, set: ReplicaSet, replicas: number): Promise<void> {
  if (specReplicas(set) === replicas) return;
  const { namespace, name = '' } = set.metadata;
  await api.update(REPLICA_SETS, namespace, name, (draft) => {
    draft['spec'] = { ...specOf(draft), replicas };
  });
}

async function annotate({ api }: WorkloadContext, set: ReplicaSet, annotations: Record<string, string>): Promise<void> {
  const { namespace, name = '' } = set.metadata;
  await api.update(REPLICA_SETS, namespace, name, addAnnotations(annotations));
}

function addAnnotations(annotations: Record<string, string>): (draft: KubeObject) => void {
  return ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, ...annotations };
  };
}

async function report(context: WorkloadContext, rollout: Rollout): Promise<void> {
  const { namespace, name = '' } = rollout.deployment.metadata;
  const statusNow = newStatus(rollout);
  const hasFailed = behaviourOf(context, rollout.deployment) === 'failed';
  await context.api.update(
    DEPLOYMENTS,
    namespace,
    name,
    (draft) => {
      const status: JsonObject = { ...statusNow, conditions: statusOf(draft)['conditions'] ?? [] };
      setAvailable(status, rollout, context.now());
      setProgressing(status, rollout, hasFailed, context.now());
      setReplicaFailure(status, rollout, context.now());
      draft['status'] = status;
    },
    'status',
  );
}

function newStatus({ deployment, current, former }: Rollout): JsonObject {
  const sets = current === undefined ? former : [...former, current];
  const counts = {
    replicas: sum(sets, (set) => numberAt(statusOf(set), 'replicas')),
    updatedReplicas: current === undefined ? 0 : numberAt(statusOf(current), 'replicas'),
    readyReplicas: sum(sets, (set) => numberAt(statusOf(set), 'readyReplicas')),
    availableReplicas: sum(sets, available),
    unavailableReplicas: Math.max(0, sum(sets, specReplicas) - sum(sets, available)),
  };
  return {
    observedGeneration: deployment.metadata.generation,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
  };
}

function setAvailable(status: JsonObject, { replicas, maxUnavailable }: Rollout, now: Date): void {
  const isAvailable = numberAt(status, 'availableReplicas') >= replicas - maxUnavailable;
  setCondition(
    status,
    isAvailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
    ['lastUpdateTime'],
  );
}

function setProgressing(status: JsonObject, { current, replicas }: Rollout, hasFailed: boolean, now: Date): void {
  if (current === undefined) return;
  const set = JSON.stringify(stringAt({ ...current.metadata }, 'name'));
  const counts = ['replicas', 'updatedReplicas', 'availableReplicas'].map((field) => numberAt(status, field));
  const isComplete = counts.every((count) => count === replicas);
  const state: Omit<ConditionState, 'type'> = isComplete
    ? { status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet ${set} has successfully progressed.` }
    : hasFailed
      ? { status: 'False', reason: 'ProgressDeadlineExceeded', message: `ReplicaSet ${set} has timed out progressing.` }
      : { status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet ${set} is progressing.` };
  setCondition(status, { type: 'Progressing', ...state }, now, ['lastUpdateTime']);
}

/** What keeps the present ReplicaSet from making its pods. */
function setReplicaFailure(status: JsonObject, { current }: Rollout, now: Date): void {
  const failure = current && objectsAt(statusOf(current), 'conditions').find(({ type }) => type === REPLICA_FAILURE);
  if (failure) {
    const [reason, message] = [stringAt(failure, 'reason'), stringAt(failure, 'message')];
    setCondition(status, { type: REPLICA_FAILURE, status: 'True', reason, message }, now, ['lastUpdateTime']);
  } else {
    status['conditions'] = objectsAt(status, 'conditions').filter(({ type }) => type !== REPLICA_FAILURE);
  }
}
