import { objectsAt, specOf, stringAt } from '../access.js';
import { systemClock, type Clock } from '../clock.js';
import type { KubeObject } from '../object.js';
import { Alarms } from './alarms.js';
import type { Api, ObjectEvent, ResourceName, ServerController } from './api.js';
import { isNamespaceTerminating } from './api-errors.js';
import {
  CONTROLLER_REVISIONS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  JOBS,
  NODES,
  PODS,
  REPLICA_SETS,
  SERVICES,
  STATEFUL_SETS,
  isResource,
} from './resource-names.js';
import { WorkQueue } from './work-queue.js';
import { Behaviours, type BehaviourRule } from './workloads/behaviour.js';
import { syncDaemonSet } from './workloads/daemon-sets.js';
import { syncDeployment } from './workloads/deployments.js';
import { ImageStandIns, type ImageMatcher, type StandIn } from './workloads/image-stand-ins.js';
import { releaseOrphan } from './workloads/job-pods.js';
import { syncJob } from './workloads/jobs.js';
import { Kubelet } from './workloads/kubelet.js';
import { LabelledObjects } from './workloads/labelled-objects.js';
import { PodRefusedError } from './workloads/make-pod.js';
import { PodLogs } from './workloads/pod-logs.js';
import { OwnedObjects, controllerOf } from './workloads/owned-objects.js';
import { RefusedWorkloads } from './workloads/refused-workloads.js';
import { syncReplicaSet } from './workloads/replica-sets.js';
import { SelectingServices } from './workloads/selecting-services.js';
import { removeServiceEndpoints, syncServiceEndpoints } from './workloads/service-endpoints.js';
import { syncStatefulSet } from './workloads/stateful-sets.js';
import type { WorkloadContext } from './workloads/workload-context.js';

type Sync = (context: WorkloadContext, object: Readonly<KubeObject>) => Promise<void>;

/** The kinds whose objects make others, and who looks after them. */
const WORKLOADS: readonly { readonly resource: ResourceName; readonly kind: string; readonly sync: Sync }[] = [
  { resource: DEPLOYMENTS, kind: 'Deployment', sync: syncDeployment },
  { resource: REPLICA_SETS, kind: 'ReplicaSet', sync: syncReplicaSet },
  { resource: STATEFUL_SETS, kind: 'StatefulSet', sync: syncStatefulSet },
  { resource: DAEMON_SETS, kind: 'DaemonSet', sync: syncDaemonSet },
  { resource: JOBS, kind: 'Job', sync: syncJob },
];

const FOLLOWED = [...WORKLOADS.map(({ resource }) => resource), PODS, SERVICES];
const NODE_KEY = 'node//';
/** Whoever looks after others waits for what becomes of them: a look at the end is worth more than one at each step. */
const TURNS_TO_WAIT: ReadonlyMap<string, number> = new Map([
  ...WORKLOADS.map(({ resource }): [string, number] => [resource.plural, 1]),
  [DEPLOYMENTS.plural, 3],
  [SERVICES.plural, 3],
]);

function turnsToWait(key: string): number {
  return TURNS_TO_WAIT.get(key.slice(0, key.indexOf('/'))) ?? 0;
}

/** Whatever it was that refused a pod, or failed again and again, it is tried anew from time to time. */
const FAILED_RETRY_MS = 10_000;

function keyOf({ plural }: ResourceName, { metadata }: Readonly<KubeObject>): string {
  return `${plural}/${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/**
 * Plays controller manager, scheduler and kubelet for Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, bare
 * pods and the endpoints of Services, on one node named `trueup-node`. Nothing runs in a pod, except what
 * {@link WorkloadSimulator.onImage} puts there.
 *
 * Everything happens at once, but for the deadlines of Jobs: there are no probes, no resources, no minReadySeconds. Pods
 * that match a selector but have no controller are not adopted.
 */
export class WorkloadSimulator implements ServerController {
  readonly name = 'workload-simulator';
  readonly #pods = new OwnedObjects();
  readonly #replicaSets = new OwnedObjects();
  readonly #revisions = new OwnedObjects();
  readonly #podsByLabel = new LabelledObjects();
  readonly #slicesByLabel = new LabelledObjects();
  readonly #services = new SelectingServices();
  readonly #behaviours = new Behaviours();
  readonly #standIns: ImageStandIns;
  readonly #refused = new RefusedWorkloads();
  /** What {@link WorkloadSimulator.log} and stand-ins wrote. */
  readonly logs: PodLogs;
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  #api: Api | undefined;
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  /** @param options.clock - The time that statuses carry and deadlines go by; default: the machine's. */
  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
    this.logs = new PodLogs(() => clock.now());
    this.#standIns = new ImageStandIns((pod) => this.#add(PODS, pod), this.logs);
    this.#alarms = new Alarms({ clock, ring: (key) => this.#queue?.add(key) });
  }

  start(api: Api): void {
    const context: WorkloadContext = {
      api,
      pods: this.#pods,
      podsByLabel: this.#podsByLabel,
      slicesByLabel: this.#slicesByLabel,
      replicaSets: this.#replicaSets,
      revisions: this.#revisions,
      behaviours: this.#behaviours,
      now: () => this.#clock.now(),
      lookAgain: (resource, object, dueMs) => {
        this.#alarms.set(keyOf(resource, object), dueMs);
      },
    };
    const kubelet = new Kubelet(context, this.#standIns);
    this.#api = api;
    this.#queue = new WorkQueue({ process: (key) => this.#process(context, kubelet, key), turnsToWait });
    this.#unsubscribe = api.onEvent((event) => this.#observe(kubelet, event));
    this.#queue.add(NODE_KEY);
    for (const resource of [...FOLLOWED, ENDPOINT_SLICES, CONTROLLER_REVISIONS]) {
      for (const object of api.list(resource)) this.#observe(kubelet, { type: 'ADDED', resource, object });
    }
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    this.#alarms.stop();
    this.#refused.clear();
    this.#standIns.endAll();
    this.logs.clear();
    this.#pods.clear();
    this.#podsByLabel.clear();
    this.#slicesByLabel.clear();
    this.#replicaSets.clear();
    this.#revisions.clear();
    this.#services.clear();
    this.#api = undefined;
  }

  /** True while a pod is on its way, and while a stand-in has not done its first work. */
  isBusy(): boolean {
    return this.#queue?.isBusy() === true || this.#standIns.isBusy();
  }

  wake(): void {
    this.#alarms.ringDue();
  }

  /**
   * Decides how pods fare from now on, those that exist included. Of several rules that apply to a pod the last one
   * counts; without one it is `ready`.
   *
   * @example
   * ```ts
   * simulator.behave({ namespace: 'default', name: 'proxy', behaviour: 'crash' });
   * ```
   */
  behave(rule: BehaviourRule): void {
    this.#behaviours.add(rule);
    for (const resource of [...WORKLOADS.map((workload) => workload.resource), PODS]) {
      for (const object of this.#api?.list(resource, rule.namespace) ?? []) this.#add(resource, object);
    }
  }

  /**
   * Lets a function stand in for what an image does: it is called for each container with such an image once its pod is
   * ready, and told by a signal when the pod goes away.
   *
   * @param image - A pattern, or a function of the image and its pod.
   * @returns a function that takes the registration back; what runs already goes on.
   */
  onImage(image: ImageMatcher, standIn: StandIn): () => void {
    const unregister = this.#standIns.register(image, standIn);
    for (const pod of this.#api?.list(PODS) ?? []) this.#add(PODS, pod);
    return unregister;
  }

  /**
   * Writes to the log of a container, which `kubectl logs` shows. The last MiB is kept, until the pod is deleted.
   *
   * @param pod - The container may be left out when the pod has but one.
   * @param text - Whole lines.
   * @throws Error when there is no such pod.
   */
  log(pod: { readonly namespace: string; readonly name: string; readonly container?: string }, text: string): void {
    const found = this.#api?.get(PODS, pod.namespace, pod.name);
    if (!found) throw new Error(`there is no pod ${pod.namespace}/${pod.name} to write a log of`);
    const [first] = objectsAt(specOf(found), 'containers');
    this.logs.append(found.metadata.uid ?? '', pod.container ?? stringAt(first ?? {}, 'name'), text);
  }

  #add(resource: ResourceName, object: Readonly<KubeObject>): void {
    this.#queue?.add(keyOf(resource, object));
  }

  #observe(kubelet: Kubelet, event: ObjectEvent): void {
    const { type, resource, object, old } = event;
    if (isResource(resource, ENDPOINT_SLICES)) this.#slicesByLabel.observe(event);
    if (isResource(resource, CONTROLLER_REVISIONS)) {
      this.#revisions.observe(event);
      // One that is needed may have lacked a name until now.
      if (type === 'DELETED') this.#addOwner(object);
    }
    if (isResource(resource, NODES)) for (const set of this.#api?.list(DAEMON_SETS) ?? []) this.#add(DAEMON_SETS, set);
    for (const key of this.#refused.letInBy(event)) this.#queue?.add(key);
    if (!FOLLOWED.some((followed) => isResource(followed, resource))) return;
    this.#add(resource, object);
    if (isResource(resource, SERVICES)) this.#services.observe(event);
    if (isResource(resource, REPLICA_SETS)) this.#replicaSets.observe(event);
    if (isResource(resource, PODS)) {
      this.#pods.observe(event);
      if (type === 'DELETED') {
        kubelet.forget(object.metadata.uid ?? '');
        this.logs.forget(object.metadata.uid ?? '');
      }
      this.#podsByLabel.observe(event);
      for (const pod of old === undefined ? [object] : [object, old]) {
        for (const service of this.#services.of(pod)) this.#add(SERVICES, service);
      }
    }
    this.#addOwner(object);
    if (old !== undefined) this.#addOwner(old);
    if (type === 'DELETED') this.#addDeploymentOf(object);
  }

  #addOwner(object: Readonly<KubeObject>): void {
    const reference = controllerOf(object);
    const owner = WORKLOADS.find(({ kind }) => kind === reference?.kind);
    if (owner === undefined || reference === undefined) return;
    this.#queue?.add(`${owner.resource.plural}/${object.metadata.namespace ?? ''}/${reference.name}`);
  }

  /** A Deployment that recreates its pods waits for the last of the old ones, which its ReplicaSet no longer counts. */
  #addDeploymentOf(pod: Readonly<KubeObject>): void {
    const reference = controllerOf(pod);
    const set = reference && this.#api?.get(REPLICA_SETS, pod.metadata.namespace, reference.name);
    if (set !== undefined) this.#addOwner(set);
  }

  async #process(context: WorkloadContext, kubelet: Kubelet, key: string): Promise<void> {
    if (key === NODE_KEY) return kubelet.registerNode();
    const [plural = '', namespace = '', name = ''] = key.split('/');
    const resource = FOLLOWED.find((followed) => followed.plural === plural);
    if (resource === undefined) return;
    const object = context.api.get(resource, namespace, name);
    this.#refused.delete(key);
    try {
      if (resource === SERVICES) await this.#syncService(context, object, namespace, name);
      else if (object === undefined) return;
      else if (resource === PODS) await this.#syncPod(context, kubelet, object);
      else await WORKLOADS.find((workload) => workload.resource === resource)?.sync(context, object);
    } catch (error) {
      // Its content is being deleted anyway.
      if (isNamespaceTerminating(error)) return;
      this.#alarms.set(key, this.#clock.now().getTime() + FAILED_RETRY_MS);
      if (!(error instanceof PodRefusedError)) throw error;
      this.#refused.add(key);
    }
  }

  async #syncPod(context: WorkloadContext, kubelet: Kubelet, pod: Readonly<KubeObject>): Promise<void> {
    await releaseOrphan(context, pod);
    await kubelet.syncPod(pod);
  }

  async #syncService(
    context: WorkloadContext,
    service: Readonly<KubeObject> | undefined,
    namespace: string,
    name: string,
  ): Promise<void> {
    if (service === undefined) await removeServiceEndpoints(context, namespace, name);
    else await syncServiceEndpoints(context, service);
  }
}
