import { objectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { JOBS, PODS } from '../resource-names.js';
import { makePod } from './make-pod.js';
import { controllerOf } from './owned-objects.js';
import { podFromTemplate } from './pod-template.js';
import { isDeleting, type WorkloadContext } from './workload-context.js';

type Pod = Readonly<KubeObject>;

/** Holds a pod until its Job has counted it. */
const TRACKING = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** The pods of a Job that it has not counted yet, by what has become of them, and those that go away. */
export interface JobPods {
  readonly active: readonly Pod[];
  readonly succeeded: readonly Pod[];
  readonly failed: readonly Pod[];
  readonly terminating: readonly Pod[];
}

/** Sorts the pods of a Job. One that is deleted before it has ended has failed. */
export function sortJobPods({ pods }: WorkloadContext, job: Readonly<KubeObject>): JobPods {
  const all = pods.of(job);
  const waitsForTheEnd = specOf(job)['podReplacementPolicy'] === 'Failed';
  const hasFailed = (pod: Pod): boolean => {
    if (phaseOf(pod) === 'Failed') return true;
    // With no grace left the kubelet is done with it.
    return waitsForTheEnd ? pod.metadata.deletionGracePeriodSeconds === 0 : isDeleting(pod);
  };
  const uncounted = all.filter(isTracked);
  return {
    active: all.filter((pod) => !isDeleting(pod) && !hasEnded(pod)),
    succeeded: uncounted.filter((pod) => phaseOf(pod) === 'Succeeded'),
    failed: uncounted.filter((pod) => phaseOf(pod) !== 'Succeeded' && hasFailed(pod)),
    terminating: all.filter((pod) => isDeleting(pod) && !hasEnded(pod)),
  };
}

function phaseOf(pod: Pod): string {
  return stringAt(statusOf(pod), 'phase');
}

function hasEnded(pod: Pod): boolean {
  return ['Succeeded', 'Failed'].includes(phaseOf(pod));
}

function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) === true;
}

/** How often pods for an index have failed. */
export interface IndexFailures {
  readonly counted: number;
  /** By the policy of the Job. */
  readonly ignored: number;
}

export interface PodIndex {
  readonly value: number;
  /** Told to the pod where failures of an index are limited. */
  readonly failures?: IndexFailures;
}

/** Makes a pod for a Job; an indexed one, for an index. */
export async function createJobPod(
  context: WorkloadContext,
  job: Readonly<KubeObject>,
  index?: PodIndex,
): Promise<void> {
  const name = job.metadata.name ?? '';
  const pod = podFromTemplate(job, { generateName: index === undefined ? `${name}-` : `${name}-${index.value}-` });
  pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  if (index !== undefined) {
    const { value, failures } = index;
    pod.metadata.labels = { ...pod.metadata.labels, [INDEX]: String(value) };
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [INDEX]: String(value),
      ...(failures === undefined ? {} : { [FAILURES]: String(failures.counted) }),
      ...(failures === undefined || failures.ignored === 0 ? {} : { [IGNORED_FAILURES]: String(failures.ignored) }),
    };
    pod.spec['hostname'] ??= `${name}-${value}`;
    for (const container of ['initContainers', 'containers'].flatMap((field) => objectsAt(pod.spec, field))) {
      tellIndex(container);
    }
  }
  await makePod(context, job, pod);
}

function tellIndex(container: JsonObject): void {
  const variable = 'JOB_COMPLETION_INDEX';
  const known = objectsAt(container, 'env');
  if (known.some((entry) => entry['name'] === variable)) return;
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` };
  container['env'] = [...known, { name: variable, valueFrom: { fieldRef } }];
}

/** The index a pod is for; undefined for a pod without. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text === undefined ? undefined : Number(text);
}

/** How often the index of a pod has failed, the pod itself not counted. */
export function earlierFailures({ metadata: { annotations = {} } }: Pod): IndexFailures {
  return { counted: Number(annotations[FAILURES] ?? 0), ignored: Number(annotations[IGNORED_FAILURES] ?? 0) };
}

/** Lets a pod go that its Job has counted. */
export async function releasePod({ api }: WorkloadContext, { metadata }: Pod): Promise<void> {
  await api.update(PODS, metadata.namespace, metadata.name ?? '', (draft) => {
    if (draft.metadata.uid !== metadata.uid) return;
    draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((finalizer) => finalizer !== TRACKING);
  });
}

/** Deletes a pod. One that is `forgotten` does not count as failed. */
export async function deleteJobPod(
  context: WorkloadContext,
  pod: Pod,
  { forgotten }: { readonly forgotten: boolean },
): Promise<void> {
  const { namespace, name = '', uid = '' } = pod.metadata;
  if (forgotten) await releasePod(context, pod);
  await context.api.delete(PODS, namespace, name, { uid });
}

/** Lets a pod go whose Job is not there to count it. */
export async function releaseOrphan(context: WorkloadContext, pod: Pod): Promise<void> {
  if (!isTracked(pod)) return;
  const owner = controllerOf(pod);
  const job = owner?.kind === 'Job' ? context.api.get(JOBS, pod.metadata.namespace, owner.name) : undefined;
  if (job?.metadata.uid !== owner?.uid || owner === undefined) await releasePod(context, pod);
}

/** How often containers of the pods were restarted in place. */
export function restartsOf(pods: readonly Pod[]): number {
  const statuses = pods.flatMap((pod) =>
    ['initContainerStatuses', 'containerStatuses'].flatMap((field) => objectsAt(objectAt(pod, 'status'), field)),
  );
  return statuses.reduce((sum, { restartCount }) => sum + (typeof restartCount === 'number' ? restartCount : 0), 0);
}
