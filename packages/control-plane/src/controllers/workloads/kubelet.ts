import { ensureObjectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import type { KubeObject } from '../../object.js';
import { isConflict } from '../api-errors.js';
import { NODES, PODS } from '../resource-names.js';
import { daemonNodeOf } from './daemon-sets.js';
import type { ImageStandIns } from './image-stand-ins.js';
import { controllerOf } from './owned-objects.js';
import { podStatus, type PodFate } from './pod-status.js';
import { isPodReady } from './pod-template.js';
import { behaviourOf, exitCodeOf, isDeleting, type WorkloadContext } from './workload-context.js';

/** The node that every pod runs on. */
export const NODE_NAME = 'trueup-node';

const NODE_IP = '192.0.2.1';
const KUBELET_VERSION = 'v1.34.1';

/** Scheduler and kubelet of the one node: brings pods up as they are told to fare, and lets deleted ones go. */
export class Kubelet {
  readonly #context: WorkloadContext;
  readonly #standIns: ImageStandIns;
  #addresses = 0;

  constructor(context: WorkloadContext, standIns: ImageStandIns) {
    this.#context = context;
    this.#standIns = standIns;
  }

  async registerNode(): Promise<void> {
    const { api, now } = this.#context;
    if (api.get(NODES, undefined, NODE_NAME) !== undefined) return;
    const time = now().toISOString();
    const resources = { cpu: '64', memory: '256Gi', pods: '1000' };
    await api.create(NODES, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: NODE_NAME,
        labels: { 'kubernetes.io/hostname': NODE_NAME, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
      },
      spec: {},
    });
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'simulated',
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    };
    await api.update(
      NODES,
      undefined,
      NODE_NAME,
      (draft) => {
        const status = ensureObjectAt(draft, 'status');
        Object.assign(status, {
          capacity: resources,
          allocatable: resources,
          addresses: [{ type: 'InternalIP', address: NODE_IP }],
          conditions: [condition],
        });
        Object.assign(ensureObjectAt(status, 'nodeInfo'), {
          kubeletVersion: KUBELET_VERSION,
          operatingSystem: 'linux',
        });
      },
      'status',
    );
  }

  async syncPod(pod: Readonly<KubeObject>): Promise<void> {
    const node = stringAt(specOf(pod), 'nodeName');
    // Pods of other nodes are for those who made these nodes.
    if (node === NODE_NAME) await (isDeleting(pod) ? this.#remove(pod) : this.#run(pod));
    else if (node === '' && !isDeleting(pod)) await this.#schedule(pod);
  }

  /** Ends what stands in for a pod that is gone. */
  forget(uid: string): void {
    this.#standIns.end(uid);
  }

  async #schedule(pod: Readonly<KubeObject>): Promise<void> {
    const isGated = objectsAt(specOf(pod), 'schedulingGates').length > 0;
    if (isGated || behaviourOf(this.#context, pod) === 'none') return;
    const { namespace, name = '', uid } = pod.metadata;
    await this.#context.api.update(
      PODS,
      namespace,
      name,
      (draft) => {
        if (draft.metadata.uid === uid) ensureObjectAt(draft, 'spec')['nodeName'] = daemonNodeOf(pod) ?? NODE_NAME;
      },
      'binding',
    );
  }

  async #run(pod: Readonly<KubeObject>): Promise<void> {
    const { api, now } = this.#context;
    const { namespace, name = '', uid = '' } = pod.metadata;
    const phase = statusOf(pod)['phase'];
    if (phase === 'Succeeded' || phase === 'Failed') return this.#standIns.end(uid);

    const fate = this.#fateOf(pod);
    const podIP = stringAt(statusOf(pod), 'podIP') || this.#nextAddress();
    const exitCode = this.#standIns.exitCodeOf(uid) ?? exitCodeOf(this.#context, pod) ?? 1;
    const place = { fate, exitCode, podIP, hostIP: NODE_IP, now: now() };
    const updated = await api.update(
      PODS,
      namespace,
      name,
      (draft) => {
        if (draft.metadata.uid === uid) draft['status'] = podStatus(draft, place);
      },
      'status',
    );
    if (updated === undefined) return;
    if (isPodReady(updated)) this.#standIns.start(updated, api);
    else if (fate !== 'crash' || this.#standIns.stateOf(uid) !== 'failed') this.#standIns.end(uid);
  }

  /** A Job's pod succeeds once it was ready and what stands in for it is done. */
  #fateOf(pod: Readonly<KubeObject>): PodFate {
    const behaviour = behaviourOf(this.#context, pod);
    if (behaviour !== 'ready') return behaviour === 'none' ? 'notready' : behaviour;
    const state = this.#standIns.stateOf(pod.metadata.uid ?? '');
    const isJob = controllerOf(pod)?.kind === 'Job';
    if (state === 'failed') return isJob ? 'failed' : 'crash';
    return isJob && isPodReady(pod) && state !== 'working' ? 'succeeded' : 'ready';
  }

  async #remove(pod: Readonly<KubeObject>): Promise<void> {
    const { namespace, name = '', uid = '', deletionGracePeriodSeconds = 0 } = pod.metadata;
    this.#standIns.end(uid);
    // Without grace left, only finalizers hold it.
    if (deletionGracePeriodSeconds === 0) return;
    try {
      await this.#context.api.delete(PODS, namespace, name, { uid, gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  #nextAddress(): string {
    this.#addresses += 1;
    return `10.244.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`;
  }
}
