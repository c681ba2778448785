import type { KubeObject } from '../object.js';
import type { Api, ObjectEvent, ResourceName, ServerController } from './api.js';
import { isNamespaceTerminating } from './api-errors.js';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
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
import { syncJob } from './workloads/jobs.js';
import { Kubelet } from './workloads/kubelet.js';
import { OwnedObjects, controllerOf } from './workloads/owned-objects.js';
import { syncReplicaSet } from './workloads/replica-sets.js';
import { removeServiceEndpoints, selectsPod, syncServiceEndpoints } from './workloads/service-endpoints.js';
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

/**
 * Plays controller manager, scheduler and kubelet for Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, bare
 * pods and the endpoints of Services, on one node named `trueup-node`. Nothing runs in a pod, except what
 * {@link WorkloadSimulator.onImage} puts there.
 *
 * Everything happens at once: there are no probes, no resources, no minReadySeconds. Pods that match a selector but have
 * no controller are not adopted.
 */
export class WorkloadSimulator implements ServerController {
  readonly name = 'workload-simulator';
  readonly #pods = new OwnedObjects();
  readonly #replicaSets = new OwnedObjects();
  readonly #services = new Map<string, Map<string, Readonly<KubeObject>>>();
  readonly #behaviours = new Behaviours();
  readonly #standIns = new ImageStandIns((pod) => this.#add(PODS, pod));
  readonly #clock: () => Date;
  #api: Api | undefined;
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  /** @param options.clock - The time that statuses carry; default: the machine's. */
  constructor({ clock = () => new Date() }: { clock?: () => Date } = {}) {
    this.#clock = clock;
  }

  start(api: Api): void {
    const context: WorkloadContext = {
      api,
      pods: this.#pods,
      replicaSets: this.#replicaSets,
      behaviours: this.#behaviours,
      now: this.#clock,
    };
    const kubelet = new Kubelet(context, this.#standIns);
    this.#api = api;
    this.#queue = new WorkQueue({ process: (key) => this.#process(context, kubelet, key) });
    this.#unsubscribe = api.onEvent((event) => this.#observe(kubelet, event));
    this.#queue.add(NODE_KEY);
    for (const resource of FOLLOWED) {
      for (const object of api.list(resource)) this.#observe(kubelet, { type: 'ADDED', resource, object });
    }
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    this.#standIns.endAll();
    this.#pods.clear();
    this.#replicaSets.clear();
    this.#services.clear();
    this.#api = undefined;
  }

  /** True while a pod is on its way, and while a stand-in has not done its first work. */
  isBusy(): boolean {
    return this.#queue?.isBusy() === true || this.#standIns.isBusy();
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

  #add({ plural }: ResourceName, { metadata }: Readonly<KubeObject>): void {
    this.#queue?.add(`${plural}/${metadata.namespace ?? ''}/${metadata.name ?? ''}`);
  }

  #observe(kubelet: Kubelet, event: ObjectEvent): void {
    const { type, resource, object, old } = event;
    if (!FOLLOWED.some((followed) => isResource(followed, resource))) return;
    this.#add(resource, object);
    if (isResource(resource, SERVICES)) this.#observeService(event);
    if (isResource(resource, REPLICA_SETS)) this.#replicaSets.observe(event);
    if (isResource(resource, PODS)) {
      this.#pods.observe(event);
      if (type === 'DELETED') kubelet.forget(object.metadata.uid ?? '');
      for (const service of this.#services.get(object.metadata.namespace ?? '')?.values() ?? []) {
        if (selectsPod(service, object) || (old !== undefined && selectsPod(service, old)))
          this.#add(SERVICES, service);
      }
    }
    for (const reference of [controllerOf(object), old && controllerOf(old)]) {
      const owner = WORKLOADS.find(({ kind }) => kind === reference?.kind);
      if (owner === undefined || reference === undefined) continue;
      const { namespace = '' } = object.metadata;
      this.#queue?.add(`${owner.resource.plural}/${namespace}/${reference.name}`);
      // A Deployment that recreates its pods waits for the last of the old ones, which its ReplicaSet no longer counts.
      const set = type === 'DELETED' ? this.#api?.get(REPLICA_SETS, namespace, reference.name) : undefined;
      const deployment = set && controllerOf(set);
      if (deployment !== undefined) this.#queue?.add(`${DEPLOYMENTS.plural}/${namespace}/${deployment.name}`);
    }
  }

  #observeService({ type, object }: ObjectEvent): void {
    const { namespace = '', name = '' } = object.metadata;
    const services = this.#services.get(namespace) ?? new Map<string, Readonly<KubeObject>>();
    this.#services.set(namespace, services);
    if (type === 'DELETED') services.delete(name);
    else services.set(name, object);
    if (services.size === 0) this.#services.delete(namespace);
  }

  async #process(context: WorkloadContext, kubelet: Kubelet, key: string): Promise<void> {
    if (key === NODE_KEY) return kubelet.registerNode();
    const [plural = '', namespace = '', name = ''] = key.split('/');
    const resource = FOLLOWED.find((followed) => followed.plural === plural);
    if (resource === undefined) return;
    const object = context.api.get(resource, namespace, name);
    try {
      if (resource === SERVICES) await this.#syncService(context.api, object, namespace, name);
      else if (object === undefined) return;
      else if (resource === PODS) await kubelet.syncPod(object);
      else await WORKLOADS.find((workload) => workload.resource === resource)?.sync(context, object);
    } catch (error) {
      // Its content is being deleted anyway.
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  async #syncService(
    api: Api,
    service: Readonly<KubeObject> | undefined,
    namespace: string,
    name: string,
  ): Promise<void> {
    if (service === undefined) await removeServiceEndpoints(api, namespace, name);
    else await syncServiceEndpoints(api, service);
  }
}
