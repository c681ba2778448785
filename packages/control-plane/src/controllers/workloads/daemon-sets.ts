import { objectAt, objectsAt, specOf, stringAt, stringsAt } from '../../access.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { DAEMON_SETS, NODES, PODS } from '../resource-names.js';
import { presentRevision, trimRevisions, type Revision } from './controller-revisions.js';
import { makePod } from './make-pod.js';
import { isPodReady, podFromTemplate } from './pod-template.js';
import { share } from './share.js';
import { behaviourOf, isDeleting, type WorkloadContext } from './workload-context.js';

type Pod = Readonly<KubeObject>;

/** The hash of a revision, on the revision and on its pods. */
const REVISION_LABEL = 'controller-revision-hash';
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** What pods of every DaemonSet put up with. */
const TOLERATIONS: readonly JsonObject[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

interface Plan {
  /** The hash of the present revision. */
  readonly revision: string;
  readonly collisionCount: number;
  /** Names of the nodes that are to have a pod. */
  readonly nodes: readonly string[];
}

/** Keeps a pod of a DaemonSet on each node that it is for. Affinities of its template are not looked at. */
export async function syncDaemonSet(context: WorkloadContext, set: Readonly<KubeObject>): Promise<void> {
  if (isDeleting(set)) return;
  const { revision, collisionCount } = await presentRevision(context, set, REVISION_LABEL);
  const plan = { revision: hashOf(revision), collisionCount, nodes: nodesFor(context, set) };
  await removeUnwanted(context, set, plan);
  await replaceOutdated(context, set, plan);
  try {
    await createMissing(context, set, plan);
  } finally {
    await report(context, set, plan);
    const used = new Set([plan.revision, ...context.pods.of(set).map(hashOf)]);
    await trimRevisions(context, set, (candidate) => used.has(hashOf(candidate)));
  }
}

function hashOf({ metadata }: Pod | Revision): string {
  return metadata.labels?.[REVISION_LABEL] ?? '';
}

function nodesFor(context: WorkloadContext, set: Readonly<KubeObject>): string[] {
  if (behaviourOf(context, set) === 'none') return [];
  const spec = objectAt(objectAt(specOf(set), 'template'), 'spec');
  const selector = Object.entries(objectAt(spec, 'nodeSelector'));
  const tolerations = [...objectsAt(spec, 'tolerations'), ...TOLERATIONS];
  return context.api
    .list(NODES)
    .filter(({ metadata }) => selector.every(([label, value]) => metadata.labels?.[label] === value))
    .filter((node) =>
      objectsAt(specOf(node), 'taints').every(
        (taint) =>
          taint['effect'] === 'PreferNoSchedule' || tolerations.some((toleration) => tolerates(toleration, taint)),
      ),
    )
    .map(({ metadata }) => metadata.name ?? '');
}

function tolerates(toleration: JsonObject, taint: JsonObject): boolean {
  const matches = (field: string): boolean => ['', stringAt(taint, field)].includes(stringAt(toleration, field));
  if (!matches('effect') || !matches('key')) return false;
  return toleration['operator'] === 'Exists' || stringAt(toleration, 'value') === stringAt(taint, 'value');
}

/** The node that a pod is on, or is bound for. */
export function daemonNodeOf(pod: Pod): string | undefined {
  const bound = stringAt(specOf(pod), 'nodeName');
  if (bound !== '') return bound;
  const affinity = objectAt(objectAt(specOf(pod), 'affinity'), 'nodeAffinity');
  const [term = {}] = objectsAt(
    objectAt(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'),
    'nodeSelectorTerms',
  );
  const field = objectsAt(term, 'matchFields').find(({ key }) => key === 'metadata.name');
  return field && stringsAt(field, 'values')[0];
}

function affinityTo(node: string): JsonObject {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
}

/** Pods on nodes that are to have none, and those that have failed: others take their place. */
async function removeUnwanted(context: WorkloadContext, set: Readonly<KubeObject>, { nodes }: Plan): Promise<void> {
  for (const pod of context.pods.of(set)) {
    const hasFailed = objectAt(pod, 'status')['phase'] === 'Failed' && behaviourOf(context, set) !== 'failed';
    if (!isDeleting(pod) && (hasFailed || !nodes.includes(daemonNodeOf(pod) ?? ''))) await deletePod(context, pod);
  }
}

/** Deletes pods of an older template, as many as may be missing at a time; those that are not ready first. */
async function replaceOutdated(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { revision, nodes }: Plan,
): Promise<void> {
  const strategy = objectAt(specOf(set), 'updateStrategy');
  if (strategy['type'] === 'OnDelete') return;
  const present = context.pods.of(set).filter((pod) => !isDeleting(pod));
  const ready = present.filter(isPodReady);
  const limit = Math.max(Math.ceil(share(objectAt(strategy, 'rollingUpdate')['maxUnavailable'], nodes.length)), 1);
  let allowed = limit - (nodes.length - ready.length);
  for (const pod of present.filter((candidate) => hashOf(candidate) !== revision)) {
    const isReady = ready.includes(pod);
    if (isReady && allowed <= 0) continue;
    if (isReady) allowed -= 1;
    await deletePod(context, pod);
  }
}

async function createMissing(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { revision, nodes }: Plan,
): Promise<void> {
  const taken = context.pods.of(set).map(daemonNodeOf);
  for (const node of nodes.filter((name) => !taken.includes(name))) {
    const generation = set.metadata.annotations?.[TEMPLATE_GENERATION];
    const labels = {
      [REVISION_LABEL]: revision,
      ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
    };
    const pod = podFromTemplate(set, { generateName: `${set.metadata.name ?? ''}-`, labels });
    pod.spec['affinity'] = { ...objectAt(pod.spec, 'affinity'), nodeAffinity: affinityTo(node) };
    pod.spec['tolerations'] = [...objectsAt(pod.spec, 'tolerations'), ...TOLERATIONS];
    await makePod(context, set, pod);
  }
}

async function deletePod({ api }: WorkloadContext, { metadata }: Pod): Promise<void> {
  await api.delete(PODS, metadata.namespace, metadata.name ?? '', { uid: metadata.uid ?? '' });
}

async function report(
  context: WorkloadContext,
  set: Readonly<KubeObject>,
  { revision, collisionCount, nodes }: Plan,
): Promise<void> {
  const { namespace, name = '', generation } = set.metadata;
  const present = context.pods.of(set).filter((pod) => !isDeleting(pod));
  const placed = present.filter((pod) => nodes.includes(daemonNodeOf(pod) ?? ''));
  const ready = placed.filter(isPodReady).length;
  const updated = placed.filter((pod) => hashOf(pod) === revision).length;
  await context.api.update(
    DAEMON_SETS,
    namespace,
    name,
    (draft) => {
      draft['status'] = {
        observedGeneration: generation,
        desiredNumberScheduled: nodes.length,
        currentNumberScheduled: placed.length,
        numberMisscheduled: present.length - placed.length,
        numberReady: ready,
        ...(ready > 0 ? { numberAvailable: ready } : {}),
        ...(ready < nodes.length ? { numberUnavailable: nodes.length - ready } : {}),
        ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
        ...(collisionCount > 0 ? { collisionCount } : {}),
      };
    },
    'status',
  );
}
