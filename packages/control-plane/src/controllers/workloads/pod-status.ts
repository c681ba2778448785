import { createHash } from 'node:crypto';

import { objectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import { secondsTime } from '../../builtins/go-time.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { setCondition } from '../conditions.js';

/** What a pod on the simulated node comes to. */
export type PodFate = 'ready' | 'notready' | 'crash' | 'failed' | 'succeeded';

export interface PodPlace {
  readonly fate: PodFate;
  /** Of containers that crash or fail. */
  readonly exitCode: number;
  readonly podIP: string;
  readonly hostIP: string;
  readonly now: Date;
}

/** The status a kubelet would report. What is right already stays as it is, times included. */
export function podStatus(pod: Readonly<KubeObject>, place: PodPlace): JsonObject {
  const { fate, podIP, hostIP, now } = place;
  const before = statusOf(pod);
  const status: JsonObject = {
    ...before,
    observedGeneration: pod.metadata.generation,
    phase: fate === 'succeeded' ? 'Succeeded' : fate === 'failed' ? 'Failed' : 'Running',
    startTime: before['startTime'] ?? secondsTime(now),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP: before['podIP'] ?? podIP,
    podIPs: before['podIPs'] ?? [{ ip: podIP }],
    containerStatuses: containerStatuses(pod, 'containers', (container, old) =>
      mainContainer(pod, container, old, place),
    ),
  };
  const initContainers = containerStatuses(pod, 'initContainers', (container, old) =>
    initContainer(pod, container, old, place),
  );
  if (initContainers.length > 0) status['initContainerStatuses'] = initContainers;
  setConditions(status, pod, place);
  return status;
}

function setConditions(status: JsonObject, pod: Readonly<KubeObject>, { fate, now }: PodPlace): void {
  const names = objectsAt(specOf(pod), 'containers').map((container) => stringAt(container, 'name'));
  const unready = `containers with unready status: [${names.join(' ')}]`;
  const notReady = {
    ready: {},
    notready: { reason: 'ContainersNotReady', message: unready },
    crash: { reason: 'ContainersNotReady', message: unready },
    failed: { reason: 'PodFailed' },
    succeeded: { reason: 'PodCompleted' },
  }[fate];
  const areContainersReady = fate === 'ready';
  const closedGate = openGates(pod, status) ? undefined : 'ReadinessGatesNotReady';
  const isReady = areContainersReady && closedGate === undefined;
  const gated = closedGate === undefined ? {} : { reason: closedGate };
  setCondition(
    status,
    { type: 'PodReadyToStartContainers', status: fate === 'failed' || fate === 'succeeded' ? 'False' : 'True' },
    now,
  );
  setCondition(status, { type: 'Initialized', status: 'True' }, now);
  setCondition(
    status,
    { type: 'Ready', status: isReady ? 'True' : 'False', ...(areContainersReady ? gated : notReady) },
    now,
  );
  setCondition(status, { type: 'ContainersReady', status: areContainersReady ? 'True' : 'False', ...notReady }, now);
  setCondition(status, { type: 'PodScheduled', status: 'True' }, now);
}

function openGates(pod: Readonly<KubeObject>, status: JsonObject): boolean {
  const conditions = objectsAt(status, 'conditions');
  return objectsAt(specOf(pod), 'readinessGates').every((gate) =>
    conditions.some(({ type, status: value }) => type === gate['conditionType'] && value === 'True'),
  );
}

type ContainerReport = (container: JsonObject, old: JsonObject) => JsonObject;

function containerStatuses(
  pod: Readonly<KubeObject>,
  field: 'containers' | 'initContainers',
  report: ContainerReport,
): JsonObject[] {
  const statuses = objectsAt(statusOf(pod), field === 'containers' ? 'containerStatuses' : 'initContainerStatuses');
  return objectsAt(specOf(pod), field).map((container) => {
    const old = statuses.find((status) => status['name'] === container['name']) ?? {};
    return report(container, old);
  });
}

function mainContainer(
  pod: Readonly<KubeObject>,
  container: JsonObject,
  old: JsonObject,
  { fate, exitCode, now }: PodPlace,
): JsonObject {
  const state = objectAt(old, 'state');
  const restarts = typeof old['restartCount'] === 'number' ? old['restartCount'] : 0;
  const base = {
    ...identity(pod, container),
    restartCount: restarts,
    lastState: objectAt(old, 'lastState'),
    volumeMounts: old['volumeMounts'],
  };
  if (base.volumeMounts === undefined) delete base.volumeMounts;
  switch (fate) {
    case 'ready':
    case 'notready':
      return {
        ...base,
        ready: fate === 'ready',
        started: true,
        state: 'running' in state ? state : { running: { startedAt: secondsTime(now) } },
      };
    case 'crash': {
      if ('waiting' in state) return { ...base, ready: false, started: false, state };
      const waiting = {
        reason: 'CrashLoopBackOff',
        message: `back-off 10s restarting failed container=${stringAt(container, 'name')} pod=${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`,
      };
      const lastState = { terminated: terminated(state, now, { exitCode, reason: 'Error' }) };
      return { ...base, ready: false, started: false, restartCount: restarts + 1, lastState, state: { waiting } };
    }
    case 'failed':
    case 'succeeded': {
      const result = fate === 'failed' ? { exitCode, reason: 'Error' } : { exitCode: 0, reason: 'Completed' };
      return { ...base, ready: false, started: false, state: { terminated: terminated(state, now, result) } };
    }
  }
}

function initContainer(pod: Readonly<KubeObject>, container: JsonObject, old: JsonObject, place: PodPlace): JsonObject {
  // A sidecar: an init container that keeps running.
  if (container['restartPolicy'] === 'Always') return mainContainer(pod, container, old, place);
  const result = { exitCode: 0, reason: 'Completed' };
  return {
    ...identity(pod, container),
    lastState: {},
    ready: true,
    restartCount: 0,
    started: false,
    state: { terminated: terminated(objectAt(old, 'state'), place.now, result) },
  };
}

function identity(pod: Readonly<KubeObject>, container: JsonObject): JsonObject {
  const name = stringAt(container, 'name');
  const image = stringAt(container, 'image');
  const id = createHash('sha256')
    .update(`${pod.metadata.uid ?? ''}/${name}`)
    .digest('hex');
  return { name, image, imageID: image, containerID: `trueup://${id}` };
}

function terminated(state: JsonObject, now: Date, result: { exitCode: number; reason: string }): JsonObject {
  const before = objectAt(state, 'terminated');
  if (before['reason'] === result.reason) return before;
  const startedAt = objectAt(state, 'running')['startedAt'] ?? secondsTime(now);
  return { ...result, startedAt, finishedAt: secondsTime(now) };
}
