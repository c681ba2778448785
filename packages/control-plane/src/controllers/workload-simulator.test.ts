import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { systemClock } from '../clock.js';
import { numberAt, objectAt, objectsAt, specOf, statusOf, stringAt } from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { Api, ResourceName } from './api.js';
import { makeApi, settle } from './controllers.test-support.js';
import { GarbageCollector } from './garbage-collector.js';
import {
  CONTROLLER_REVISIONS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  JOBS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  REPLICA_SETS,
  SERVICES,
  STATEFUL_SETS,
} from './resource-names.js';
import { WorkloadSimulator } from './workload-simulator.js';
import { ContainerExit, type StandInContext } from './workloads/image-stand-ins.js';

let api: Api;
let simulator: WorkloadSimulator;
let collector: GarbageCollector;
let nowMs: number;

beforeEach(async () => {
  api = await makeApi();
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  simulator = new WorkloadSimulator({ clock: { ...systemClock, now: () => new Date(nowMs) } });
  collector = new GarbageCollector();
  simulator.start(api);
  collector.start(api);
  await settled();
});

afterEach(() => {
  simulator.stop();
  collector.stop();
});

const settled = (): Promise<void> => settle([simulator, collector]);

function pass(seconds: number): Promise<void> {
  nowMs += seconds * 1000;
  simulator.wake();
  return settled();
}

const container = { name: 'main', image: 'app:1', ports: [{ name: 'http', containerPort: 8080 }] };
const selector = { matchLabels: { app: 'a' } };
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } };
const templateOf = (image: string): JsonObject => ({ ...template, spec: { containers: [{ ...container, image }] } });

function manifest(resource: ResourceName, kind: string, spec: JsonObject): KubeObject {
  const apiVersion = resource.group === '' ? 'v1' : `${resource.group}/v1`;
  return { apiVersion, kind, metadata: { name: 'a', namespace: 'default' }, spec };
}

async function create(resource: ResourceName, kind: string, spec: JsonObject): Promise<void> {
  await api.create(resource, manifest(resource, kind, spec));
  await settled();
}

async function changeSpec(resource: ResourceName, change: JsonObject): Promise<void> {
  await api.update(resource, 'default', 'a', (draft) => {
    draft['spec'] = { ...specOf(draft), ...change };
  });
  await settled();
}

function get(resource: ResourceName): KubeObject {
  const object = api.get(resource, 'default', 'a');
  if (object === undefined) throw new Error(`no ${resource.plural} default/a`);
  return object;
}

function pods(): readonly Readonly<KubeObject>[] {
  return api.list(PODS, 'default');
}

/** The images of the revisions by their numbers: `1 app:1`. */
function revisions(): string[] {
  return api
    .list(CONTROLLER_REVISIONS, 'default')
    .map((revision) => {
      const template = objectAt(objectAt(objectAt(revision, 'data'), 'spec'), 'template');
      return `${numberAt(revision, 'revision')} ${imageOf(template)}`;
    })
    .sort();
}

function imageOf(pod: JsonObject): string {
  return stringAt(objectsAt(objectAt(pod, 'spec'), 'containers')[0] ?? {}, 'image');
}

function condition(object: Readonly<KubeObject>, type: string): JsonObject | undefined {
  return objectsAt(statusOf(object), 'conditions').find((candidate) => candidate['type'] === type);
}

describe('a Deployment', () => {
  it('comes up: a ReplicaSet, ready pods on the node, a status that rollout status accepts', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 2, selector, template });

    const deployment = get(DEPLOYMENTS);
    expect(deployment['status']).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    });
    expect(deployment.metadata).toMatchObject({
      generation: 1,
      annotations: { 'deployment.kubernetes.io/revision': '1' },
    });
    expect(condition(deployment, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(condition(deployment, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });

    const [set] = api.list(REPLICA_SETS, 'default');
    const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(set).toMatchObject({
      metadata: { name: `a-${hash}`, ownerReferences: [{ kind: 'Deployment', name: 'a', controller: true }] },
      spec: { selector: { matchLabels: { app: 'a', 'pod-template-hash': hash } } },
      status: { replicas: 2, readyReplicas: 2 },
    });
    expect(pods()).toHaveLength(2);
    for (const pod of pods()) {
      expect(pod).toMatchObject({
        metadata: {
          name: expect.stringMatching(new RegExp(`^a-${hash}-.{5}$`)),
          labels: { 'pod-template-hash': hash },
        },
        spec: { nodeName: 'trueup-node' },
        status: {
          phase: 'Running',
          podIP: expect.stringMatching(/^10\.244\./),
          containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
        },
      });
      expect(condition(pod, 'Ready')).toMatchObject({ status: 'True' });
    }
    expect(api.get(NODES, undefined, 'trueup-node')).toBeDefined();
  });

  it('writes nothing once it has settled', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 2, selector, template });
    const writes: string[] = [];
    api.onEvent(({ type, object }) => writes.push(`${type} ${object.kind}`));

    simulator.behave({ behaviour: 'ready' });
    await settled();

    expect(writes).toEqual([]);
  });

  it('reports once what becomes of it, not each step on the way', async () => {
    const reports: unknown[] = [];
    const stop = api.onEvent(({ resource, object }) => {
      const status = statusOf(object);
      if (resource.plural === 'deployments' && status['observedGeneration'] !== undefined) reports.push(status);
    });
    await api.create(DEPLOYMENTS, manifest(DEPLOYMENTS, 'Deployment', { replicas: 3, selector, template }));
    await settled();
    stop();
    expect(reports).toMatchObject([{ replicas: 3, readyReplicas: 3, observedGeneration: 1 }]);
  });

  it('is scaled up and down', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 1, selector, template });

    await changeSpec(DEPLOYMENTS, { replicas: 3 });
    expect(pods()).toHaveLength(3);

    await changeSpec(DEPLOYMENTS, { replicas: 0 });
    expect(pods()).toHaveLength(0);
    expect(get(DEPLOYMENTS)['status']).not.toHaveProperty('replicas');
  });

  it('rolls a new template out without having too many or too few pods on the way, and back to the old one', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 4, selector, template });
    const before = pods().map(({ metadata }) => metadata.uid);
    let [least, most] = [4, 4];
    api.onEvent(() => {
      const living = pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const ready = living.filter((pod) => condition(pod, 'Ready')?.['status'] === 'True').length;
      least = Math.min(least, ready);
      most = Math.max(most, living.length);
    });

    await changeSpec(DEPLOYMENTS, {
      template: { ...template, spec: { containers: [{ ...container, image: 'app:2' }] } },
    });

    expect([least, most]).toEqual([3, 5]);
    expect(pods()).toHaveLength(4);
    expect(pods().some(({ metadata }) => before.includes(metadata.uid))).toBe(false);
    expect(get(DEPLOYMENTS)).toMatchObject({
      metadata: { annotations: { 'deployment.kubernetes.io/revision': '2' } },
      status: { observedGeneration: 2, replicas: 4, updatedReplicas: 4, availableReplicas: 4 },
    });

    await changeSpec(DEPLOYMENTS, { template });
    expect(get(DEPLOYMENTS).metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3' });
    expect(api.list(REPLICA_SETS, 'default')).toHaveLength(2);
  });

  it('with strategy Recreate has no pods of two templates at a time', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 2, strategy: { type: 'Recreate' }, selector, template });
    let mixed = false;
    api.onEvent(() => {
      mixed ||= new Set(pods().map(({ metadata }) => metadata.labels?.['pod-template-hash'])).size > 1;
    });

    await changeSpec(DEPLOYMENTS, {
      template: { ...template, spec: { containers: [{ ...container, image: 'app:2' }] } },
    });

    expect(mixed).toBe(false);
    expect(get(DEPLOYMENTS)['status']).toMatchObject({ updatedReplicas: 2, availableReplicas: 2 });
  });

  it('keeps its old pods while the new ones do not become ready', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 4, selector, template });
    const unsubscribe = api.onEvent(({ resource, type, object }) => {
      if (resource.plural !== 'replicasets' || type !== 'ADDED') return;
      simulator.behave({ name: object.metadata.name ?? '', behaviour: 'crash' });
    });

    await changeSpec(DEPLOYMENTS, {
      template: { ...template, spec: { containers: [{ ...container, image: 'app:2' }] } },
    });
    unsubscribe();

    expect(get(DEPLOYMENTS)['status']).toMatchObject({ availableReplicas: 3, updatedReplicas: 2 });
    expect(condition(get(DEPLOYMENTS), 'Available')).toMatchObject({ status: 'True' });
  });

  it('takes everything it made with it', async () => {
    await create(DEPLOYMENTS, 'Deployment', { replicas: 2, selector, template });

    await api.delete(DEPLOYMENTS, 'default', 'a');
    await settled();

    expect([...api.list(REPLICA_SETS, 'default'), ...pods()]).toEqual([]);
  });
});

describe('behave', () => {
  it.each([
    ['notready', { phase: 'Running', containerStatuses: [{ ready: false, state: { running: {} } }] }],
    [
      'crash',
      {
        phase: 'Running',
        containerStatuses: [{ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      },
    ],
    ['failed', { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 1, reason: 'Error' } } }] }],
  ] as const)('%s keeps a Deployment from becoming available', async (behaviour, status) => {
    simulator.behave({ namespace: 'default', name: 'a', behaviour });

    await create(DEPLOYMENTS, 'Deployment', { selector, template });

    expect(pods()).toMatchObject([{ status }]);
    expect(condition(get(DEPLOYMENTS), 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
    });
    expect(condition(get(DEPLOYMENTS), 'Progressing')?.['reason']).toBe(
      behaviour === 'failed' ? 'ProgressDeadlineExceeded' : 'ReplicaSetUpdated',
    );
  });

  it('none leaves a Deployment without pods, and changes take effect on what is there', async () => {
    simulator.behave({ behaviour: 'none' });
    await create(DEPLOYMENTS, 'Deployment', { selector, template });
    expect(pods()).toEqual([]);

    simulator.behave({ name: 'a', behaviour: 'ready' });
    await settled();
    expect(condition(get(DEPLOYMENTS), 'Available')).toMatchObject({ status: 'True' });

    simulator.behave({ name: 'a', behaviour: 'crash' });
    await settled();
    expect(condition(get(DEPLOYMENTS), 'Available')).toMatchObject({ status: 'False' });
  });

  it('ready replaces pods that have failed, which stay to be looked at', async () => {
    simulator.behave({ name: 'a', behaviour: 'failed' });
    await create(DEPLOYMENTS, 'Deployment', { selector, template });
    simulator.behave({ name: 'a', behaviour: 'ready' });
    await settled();

    expect(
      pods()
        .map(({ status }) => (status as { phase: string }).phase)
        .sort(),
    ).toEqual(['Failed', 'Running']);
    expect(condition(get(DEPLOYMENTS), 'Available')).toMatchObject({ status: 'True' });
  });

  it('does not touch other namespaces', async () => {
    simulator.behave({ namespace: 'kube-public', behaviour: 'none' });

    await create(DEPLOYMENTS, 'Deployment', { selector, template });

    expect(pods()).toHaveLength(1);
  });
});

describe('a StatefulSet', () => {
  it('makes its pods in order, with their claims, and removes them in reverse', async () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }];
    const order: string[] = [];
    api.onEvent(({ resource, type, object, old }) => {
      if (resource.plural !== 'pods') return;
      const wasReady = old !== undefined && condition(old, 'Ready')?.['status'] === 'True';
      if (type === 'ADDED') order.push(`+${object.metadata.name ?? ''}`);
      if (type === 'DELETED') order.push(`-${object.metadata.name ?? ''}`);
      if (!wasReady && condition(object, 'Ready')?.['status'] === 'True')
        order.push(`${object.metadata.name ?? ''} ready`);
    });

    await create(STATEFUL_SETS, 'StatefulSet', {
      replicas: 2,
      serviceName: 's',
      selector,
      template,
      volumeClaimTemplates,
    });
    await changeSpec(STATEFUL_SETS, { replicas: 0 });

    expect(order).toEqual(['+a-0', 'a-0 ready', '+a-1', 'a-1 ready', '-a-1', '-a-0']);
    expect(api.list(PERSISTENT_VOLUME_CLAIMS, 'default').map(({ metadata }) => metadata.name)).toEqual([
      'data-a-0',
      'data-a-1',
    ]);
  });

  it('replaces its pods, the highest first, when the template changes', async () => {
    await create(STATEFUL_SETS, 'StatefulSet', { replicas: 2, selector, template });
    const removed: string[] = [];
    api.onEvent(({ resource, type, object }) => {
      if (resource.plural === 'pods' && type === 'DELETED') removed.push(object.metadata.name ?? '');
    });

    await changeSpec(STATEFUL_SETS, {
      template: { ...template, spec: { containers: [{ ...container, image: 'app:2' }] } },
    });

    expect(removed).toEqual(['a-1', 'a-0']);
    const status = statusOf(get(STATEFUL_SETS));
    expect(status).toMatchObject({ readyReplicas: 2, updatedReplicas: 2, observedGeneration: 2 });
    expect(status['currentRevision']).toBe(status['updateRevision']);
  });

  it('leaves the pods below its partition at the template that they had, even when they are made anew', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    await create(STATEFUL_SETS, 'StatefulSet', { replicas: 2, selector, template, updateStrategy });
    const before = stringAt(statusOf(get(STATEFUL_SETS)), 'currentRevision');

    await changeSpec(STATEFUL_SETS, { template: templateOf('app:2') });
    await api.delete(PODS, 'default', 'a-0');
    await settled();

    expect(pods().map(imageOf)).toEqual(['app:1', 'app:2']);
    expect(pods()[0]?.metadata.labels).toMatchObject({ 'controller-revision-hash': before });
    expect(get(STATEFUL_SETS)['status']).toMatchObject({
      currentRevision: before,
      updateRevision: pods()[1]?.metadata.labels?.['controller-revision-hash'],
      currentReplicas: 1,
      updatedReplicas: 1,
    });
  });
});

describe.each([
  { kind: 'StatefulSet', resource: STATEFUL_SETS, hashLabel: 'controller.kubernetes.io/hash' },
  { kind: 'DaemonSet', resource: DAEMON_SETS, hashLabel: 'controller-revision-hash' },
])('the revisions of a $kind', ({ kind, resource, hashLabel }) => {
  it('bring a template back when they are sent as a patch, and tell which pods are of it', async () => {
    await create(resource, kind, { selector, template });

    const [revision] = api.list(CONTROLLER_REVISIONS, 'default');
    const hash = revision?.metadata.labels?.[hashLabel] ?? '';
    expect(revision).toMatchObject({
      metadata: {
        name: `a-${hash}`,
        labels: { app: 'a' },
        ownerReferences: [{ kind, name: 'a', controller: true, blockOwnerDeletion: true }],
      },
      data: { spec: { template: { ...objectAt(specOf(get(resource)), 'template'), $patch: 'replace' } } },
      revision: 1,
    });
    expect(pods().map(({ metadata }) => metadata.labels?.['controller-revision-hash'])).toEqual([
      kind === 'StatefulSet' ? `a-${hash}` : hash,
    ]);
  });

  it('are numbered anew when an older template is back, and go when there are too many', async () => {
    await create(resource, kind, { selector, template, revisionHistoryLimit: 1 });
    await changeSpec(resource, { template: templateOf('app:2') });
    expect(revisions()).toEqual(['1 app:1', '2 app:2']);

    await changeSpec(resource, { template });
    expect(revisions()).toEqual(['2 app:2', '3 app:1']);

    await changeSpec(resource, { template: templateOf('app:3') });
    expect(revisions()).toEqual(['3 app:1', '4 app:3']);
  });

  it('take another name where one has theirs', async () => {
    await create(resource, kind, { selector, template });
    const [{ metadata: { name = '' } } = { metadata: {} }] = api.list(CONTROLLER_REVISIONS, 'default');
    await api.delete(resource, 'default', 'a');
    await settled();
    const other = { metadata: { name, namespace: 'default' }, data: {}, revision: 1 };
    await api.create(CONTROLLER_REVISIONS, { apiVersion: 'apps/v1', kind: 'ControllerRevision', ...other });

    await create(resource, kind, { selector, template });

    expect(get(resource)['status']).toMatchObject({ collisionCount: 1 });
    expect(api.list(CONTROLLER_REVISIONS, 'default')).toHaveLength(2);
  });
});

describe('a Job', () => {
  const jobTemplate = { spec: { restartPolicy: 'Never', containers: [container] } };

  it('completes', async () => {
    await create(JOBS, 'Job', { completions: 3, parallelism: 2, template: jobTemplate });

    expect(get(JOBS)['status']).toMatchObject({
      succeeded: 3,
      startTime: expect.any(String),
      completionTime: expect.any(String),
    });
    expect(condition(get(JOBS), 'Complete')).toMatchObject({ status: 'True' });
    expect(pods().map((pod) => statusOf(pod)['phase'])).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  });

  it('fails after as many failures as it may have', async () => {
    simulator.behave({ name: 'a', behaviour: 'failed' });

    await create(JOBS, 'Job', { backoffLimit: 2, template: jobTemplate });

    expect(get(JOBS)['status']).toMatchObject({ failed: 3 });
    expect(condition(get(JOBS), 'Failed')).toMatchObject({ status: 'True', reason: 'BackoffLimitExceeded' });
  });

  it.each([
    ['succeeds', 'resolves', 'Complete'],
    ['fails', 'is rejected', 'Failed'],
  ])('%s when what stands in for its image %s', async (_, outcome, type) => {
    simulator.onImage(/^app:/, () => (outcome === 'resolves' ? Promise.resolve() : Promise.reject(new Error('no'))));

    await create(JOBS, 'Job', { backoffLimit: 0, template: jobTemplate });

    expect(condition(get(JOBS), type)).toMatchObject({ status: 'True' });
  });

  it('counts each pod once, and lets it go then, whatever becomes of it', async () => {
    await create(JOBS, 'Job', { completions: 2, parallelism: 1, template: jobTemplate });
    expect(pods().map(({ metadata }) => metadata.finalizers)).toEqual([undefined, undefined]);

    for (const pod of pods()) await api.delete(PODS, 'default', pod.metadata.name ?? '');
    await settled();

    expect(get(JOBS)['status']).toMatchObject({ succeeded: 2, uncountedTerminatedPods: {}, ready: 0, terminating: 0 });
    expect(statusOf(get(JOBS))).not.toHaveProperty('failed');
  });

  it('replaces a pod that is deleted, which counts as failed', async () => {
    simulator.behave({ name: 'a', behaviour: 'notready' });
    await create(JOBS, 'Job', { template: jobTemplate });
    const [first] = pods();

    await api.delete(PODS, 'default', first?.metadata.name ?? '');
    await settled();

    expect(get(JOBS)['status']).toMatchObject({ active: 1, failed: 1 });
    expect(pods()).toHaveLength(1);
    expect(pods()[0]?.metadata.name).not.toBe(first?.metadata.name);
  });

  it('leaves no pod behind when it is deleted', async () => {
    simulator.behave({ name: 'a', behaviour: 'notready' });
    await create(JOBS, 'Job', { template: jobTemplate });
    expect(pods()[0]?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);

    await api.delete(JOBS, 'default', 'a', { propagationPolicy: 'Background' });
    await settled();

    expect(pods()).toEqual([]);
  });

  it('fails when it has run for longer than it may, and is deleted when it was kept long enough', async () => {
    simulator.behave({ name: 'a', behaviour: 'notready' });
    const limits = { activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 100 };
    await create(JOBS, 'Job', { ...limits, template: jobTemplate });
    await pass(29);
    expect(statusOf(get(JOBS))).toMatchObject({ active: 1, startTime: '2026-01-01T00:00:00Z' });

    await pass(1);
    expect(condition(get(JOBS), 'Failed')).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    });
    expect(condition(get(JOBS), 'FailureTarget')).toMatchObject({ status: 'True', reason: 'DeadlineExceeded' });
    expect(statusOf(get(JOBS))).toMatchObject({ failed: 1, ready: 0, terminating: 0 });
    expect(pods()).toEqual([]);

    await pass(99);
    expect(get(JOBS)).toBeDefined();
    await pass(1);
    expect(api.get(JOBS, 'default', 'a')).toBeUndefined();
  });

  it('has no pods while it is suspended, and begins anew when it is resumed', async () => {
    simulator.behave({ name: 'a', behaviour: 'notready' });
    await create(JOBS, 'Job', { suspend: true, template: jobTemplate });
    expect(pods()).toEqual([]);
    expect(condition(get(JOBS), 'Suspended')).toMatchObject({ status: 'True', reason: 'JobSuspended' });
    expect(statusOf(get(JOBS))).not.toHaveProperty('startTime');

    await pass(60);
    await changeSpec(JOBS, { suspend: false });
    expect(statusOf(get(JOBS))).toMatchObject({ active: 1, startTime: '2026-01-01T00:01:00Z' });
    expect(condition(get(JOBS), 'Suspended')).toMatchObject({ status: 'False', reason: 'JobResumed' });

    await changeSpec(JOBS, { suspend: true });
    expect(pods()).toEqual([]);
    // What was stopped has not failed.
    expect(statusOf(get(JOBS))).not.toHaveProperty('failed');
  });

  it('with completion mode Indexed has a pod for each index, which knows its own', async () => {
    await create(JOBS, 'Job', { completionMode: 'Indexed', completions: 4, parallelism: 2, template: jobTemplate });

    expect(get(JOBS)['status']).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    const index = 'batch.kubernetes.io/job-completion-index';
    expect(
      pods()
        .map(({ metadata }) => metadata.annotations?.[index])
        .sort(),
    ).toEqual(['0', '1', '2', '3']);
    const third = pods().find(({ metadata }) => metadata.labels?.[index] === '2');
    expect(third).toMatchObject({
      metadata: { name: expect.stringMatching(/^a-2-.{5}$/) },
      spec: {
        hostname: 'a-2',
        containers: [
          {
            env: [
              {
                name: 'JOB_COMPLETION_INDEX',
                valueFrom: { fieldRef: { fieldPath: `metadata.labels['${index}']` } },
              },
            ],
          },
        ],
      },
    });
  });

  it('goes on with the other indexes when one has failed too often', async () => {
    simulator.onImage(
      (_image, pod) => pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'] === '1',
      () => Promise.reject(new Error('no')),
    );

    const limits = { completionMode: 'Indexed', completions: 3, backoffLimitPerIndex: 1 };
    await create(JOBS, 'Job', { ...limits, parallelism: 3, template: jobTemplate });

    expect(get(JOBS)['status']).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: '0,2', failedIndexes: '1' });
    expect(condition(get(JOBS), 'Failed')).toMatchObject({
      reason: 'FailedIndexes',
      message: 'Job has failed indexes',
    });
  });

  describe('with a podFailurePolicy', () => {
    const onExit = (action: string, ...values: number[]): JsonObject => ({
      action,
      onExitCodes: { operator: 'In', values },
    });
    const failWith = (exitCode: number): void => {
      simulator.behave({ name: 'a', behaviour: 'failed', exitCode });
    };

    it('fails at once when a rule says so, and tells which', async () => {
      failWith(42);

      const rules = [onExit('Ignore', 1, 2), onExit('FailJob', 42)];
      await create(JOBS, 'Job', { podFailurePolicy: { rules }, template: jobTemplate });

      const message = `Container main for pod default/${pods()[0]?.metadata.name ?? ''} failed with exit code 42 matching FailJob rule at index 1`;
      for (const type of ['FailureTarget', 'Failed']) {
        expect(condition(get(JOBS), type)).toMatchObject({ status: 'True', reason: 'PodFailurePolicy', message });
      }
      expect(get(JOBS)['status']).toMatchObject({ failed: 1 });
    });

    it('does not count failures that a rule ignores', async () => {
      let left = 3;
      simulator.onImage(/^app:/, () => {
        left -= 1;
        if (left > 0) throw new ContainerExit(7);
      });

      const podFailurePolicy = { rules: [onExit('Ignore', 7)] };
      await create(JOBS, 'Job', { backoffLimit: 0, podFailurePolicy, template: jobTemplate });

      expect(condition(get(JOBS), 'Complete')).toMatchObject({ status: 'True' });
      expect(statusOf(get(JOBS))).not.toHaveProperty('failed');
      expect(pods()).toHaveLength(3);
    });

    it('replaces pods that were evicted, by their condition', async () => {
      simulator.behave({ name: 'a', behaviour: 'notready' });
      const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
      await create(JOBS, 'Job', { backoffLimit: 0, podFailurePolicy: { rules }, template: jobTemplate });
      const evicted = pods()[0]?.metadata.name ?? '';
      const evict = (draft: KubeObject): void => {
        draft['status'] = { ...statusOf(draft), conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
      };
      await api.update(PODS, 'default', evicted, evict, 'status');

      await api.delete(PODS, 'default', evicted);
      await settled();

      expect(get(JOBS)['status']).toMatchObject({ active: 1 });
      expect(statusOf(get(JOBS))).not.toHaveProperty('failed');
      expect(pods().map(({ metadata }) => metadata.name)).not.toContain(evicted);
    });

    it('gives up an index by a rule, and tells the next pod of another how often it failed', async () => {
      const index = 'batch.kubernetes.io/job-completion-index';
      const failures = new Map([
        ['0', [9]],
        ['1', [7, 1]],
      ]);
      simulator.onImage(/^app:/, ({ pod }) => {
        const exitCode = failures.get(pod.metadata.annotations?.[index] ?? '')?.shift();
        if (exitCode !== undefined) throw new ContainerExit(exitCode);
      });

      const podFailurePolicy = { rules: [onExit('FailIndex', 9), onExit('Ignore', 7)] };
      const indexed = { completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 };
      await create(JOBS, 'Job', { ...indexed, podFailurePolicy, template: jobTemplate });

      expect(get(JOBS)['status']).toMatchObject({ failed: 2, failedIndexes: '0', completedIndexes: '1' });
      const last = pods().find((pod) => statusOf(pod)['phase'] === 'Succeeded');
      expect(last?.metadata.annotations).toMatchObject({
        [index]: '1',
        'batch.kubernetes.io/job-index-failure-count': '1',
        'batch.kubernetes.io/job-index-ignored-failure-count': '1',
      });
    });
  });

  it.each([
    { wanted: 'some indexes', rules: [{ succeededIndexes: '2-3' }, { succeededIndexes: '0-1' }], matched: 1 },
    { wanted: 'a number of indexes', rules: [{ succeededCount: 2 }], matched: 0 },
    { wanted: 'a number of some', rules: [{ succeededIndexes: '0-3', succeededCount: 2 }], matched: 0 },
  ])('is complete when $wanted have succeeded, as its successPolicy says', async ({ rules, matched }) => {
    simulator.onImage(/^app:/, ({ pod, signal }) => {
      const isFirst = ['0', '1'].includes(pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'] ?? '');
      return isFirst ? undefined : new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    });

    const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 4 };
    await create(JOBS, 'Job', { ...indexed, successPolicy: { rules }, template: jobTemplate });

    const decided = { status: 'True', reason: 'SuccessPolicy', message: `Matched rules at index ${matched}` };
    expect(condition(get(JOBS), 'SuccessCriteriaMet')).toMatchObject(decided);
    expect(condition(get(JOBS), 'Complete')).toMatchObject(decided);
    // The others were stopped, and have not failed.
    expect(get(JOBS)['status']).toMatchObject({ succeeded: 2, completedIndexes: '0,1', terminating: 0 });
    expect(statusOf(get(JOBS))).not.toHaveProperty('failed');
  });

  it('is left to the controller that it names', async () => {
    await create(JOBS, 'Job', { managedBy: 'example.com/other', template: jobTemplate });

    expect(pods()).toEqual([]);
    expect(get(JOBS)['status']).toEqual({});
  });
});

describe('a DaemonSet', () => {
  const addNode = (name: string, labels: Record<string, string>, spec: JsonObject = {}): Promise<KubeObject> =>
    api.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec });

  it('has a pod on each node that it is for', async () => {
    const disk = { nodeSelector: { disk: 'ssd' } };
    await addNode('fast', { disk: 'ssd' });
    await addNode('tainted', { disk: 'ssd' }, { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] });
    await create(DAEMON_SETS, 'DaemonSet', {
      selector,
      template: { ...template, spec: { ...template.spec, ...disk } },
    });
    expect(pods().map((pod) => specOf(pod)['nodeName'])).toEqual(['fast']);

    await addNode('faster', { disk: 'ssd' });
    await settled();

    expect(get(DAEMON_SETS)['status']).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2 });
    expect(get(DAEMON_SETS)['status']).toMatchObject({ numberReady: 0, numberUnavailable: 2 });
  });

  it('with strategy OnDelete replaces a pod when somebody deletes it', async () => {
    await create(DAEMON_SETS, 'DaemonSet', { selector, template, updateStrategy: { type: 'OnDelete' } });
    const [before] = pods();
    await changeSpec(DAEMON_SETS, {
      template: { ...template, spec: { containers: [{ ...container, image: 'app:2' }] } },
    });
    expect(pods()[0]?.metadata.uid).toBe(before?.metadata.uid);
    expect(get(DAEMON_SETS)['status']).not.toHaveProperty('updatedNumberScheduled');

    await api.delete(PODS, 'default', before?.metadata.name ?? '');
    await settled();
    expect(pods()[0]?.['spec']).toMatchObject({ containers: [{ image: 'app:2' }] });
    expect(get(DAEMON_SETS)['status']).toMatchObject({ updatedNumberScheduled: 1, numberReady: 1 });
  });

  it('has a pod on the node', async () => {
    await create(DAEMON_SETS, 'DaemonSet', { selector, template });

    expect(get(DAEMON_SETS)['status']).toMatchObject({
      desiredNumberScheduled: 1,
      numberReady: 1,
      updatedNumberScheduled: 1,
    });
  });

  it('counts its templates for those who do not know revisions', async () => {
    const counted = (): unknown[] => [
      get(DAEMON_SETS).metadata.annotations?.['deprecated.daemonset.template.generation'],
      pods()[0]?.metadata.labels?.['pod-template-generation'],
    ];
    await create(DAEMON_SETS, 'DaemonSet', { selector, template });
    await changeSpec(DAEMON_SETS, { minReadySeconds: 1 });
    expect(counted()).toEqual(['1', '1']);

    await changeSpec(DAEMON_SETS, { template: templateOf('app:2') });
    expect(counted()).toEqual(['2', '2']);
  });
});

describe('a bare pod', () => {
  it('runs, waits for its readiness gates, and goes when it is deleted', async () => {
    await create(PODS, 'Pod', { containers: [container], readinessGates: [{ conditionType: 'example.com/gate' }] });
    expect(condition(get(PODS), 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });

    await api.update(
      PODS,
      'default',
      'a',
      (draft) => {
        const gate = { type: 'example.com/gate', status: 'True' };
        draft['status'] = { ...statusOf(draft), conditions: [...objectsAt(statusOf(draft), 'conditions'), gate] };
      },
      'status',
    );
    await settled();
    expect(condition(get(PODS), 'Ready')).toMatchObject({ status: 'True' });

    await api.delete(PODS, 'default', 'a');
    await settled();
    expect(pods()).toEqual([]);
  });
});

describe('a pod of another node', () => {
  it('is left to whoever made the node', async () => {
    await create(PODS, 'Pod', { nodeName: 'elsewhere', containers: [container] });
    expect(get(PODS)).toMatchObject({ status: { phase: 'Pending' } });

    await api.delete(PODS, 'default', 'a');
    await settled();
    expect(get(PODS)).toMatchObject({ metadata: { deletionGracePeriodSeconds: 30 } });
  });
});

describe('onImage', () => {
  it('calls the stand-in once a pod is ready, and tells it when the pod goes', async () => {
    const started: StandInContext[] = [];
    simulator.onImage(/^app:/, (context) => {
      started.push(context);
    });

    await create(DEPLOYMENTS, 'Deployment', { selector, template });
    expect(started).toHaveLength(1);
    expect(started[0]).toMatchObject({ container: 'main', image: 'app:1', pod: { status: { phase: 'Running' } } });
    expect(started[0]?.signal.aborted).toBe(false);

    await changeSpec(DEPLOYMENTS, { replicas: 0 });
    expect(started[0]?.signal.aborted).toBe(true);
  });

  it('ends it when the pod stops being ready, and starts it anew when it is again', async () => {
    const started: StandInContext[] = [];
    simulator.onImage(
      (image) => image === 'app:1',
      (context) => {
        started.push(context);
      },
    );
    await create(DEPLOYMENTS, 'Deployment', { selector, template });

    simulator.behave({ name: 'a', behaviour: 'crash' });
    await settled();
    simulator.behave({ name: 'a', behaviour: 'ready' });
    await settled();

    expect(started.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('crashes the container when the stand-in is rejected, without repeating what it said', async () => {
    simulator.onImage(/^app:/, () => Promise.reject(new Error('the password is hunter2')));

    await create(DEPLOYMENTS, 'Deployment', { selector, template });

    expect(pods()).toMatchObject([
      { status: { containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] } },
    ]);
    expect(JSON.stringify(pods())).not.toContain('hunter2');
  });

  it('is busy until the stand-in has done its first work, and ends it when the server stops', async () => {
    let release = (): void => undefined;
    let signal: AbortSignal | undefined;
    simulator.onImage(/^app:/, (context) => {
      signal = context.signal;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    await api.create(DEPLOYMENTS, manifest(DEPLOYMENTS, 'Deployment', { selector, template }));
    for (let turn = 0; signal === undefined && turn < 1000; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));

    expect(simulator.isBusy()).toBe(true);
    release();
    await settled();
    expect(simulator.isBusy()).toBe(false);

    simulator.stop();
    expect(signal?.aborted).toBe(true);
  });
});

describe('a Service', () => {
  const service = { selector: { app: 'a' }, ports: [{ port: 80, targetPort: 'http' }] };

  it('publishes the addresses of ready pods, and of the others as not ready', async () => {
    await create(SERVICES, 'Service', service);
    await create(DEPLOYMENTS, 'Deployment', { replicas: 2, selector, template });
    const [first, second] = pods();
    simulator.behave({ name: first?.metadata.name ?? '', behaviour: 'notready' });
    await settled();

    const ip = (pod: Readonly<KubeObject> | undefined): unknown => statusOf(pod ?? get(PODS))['podIP'];
    expect(get(ENDPOINTS)['subsets']).toMatchObject([
      {
        addresses: [{ ip: ip(second), nodeName: 'trueup-node' }],
        notReadyAddresses: [{ ip: ip(first) }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ]);
    const [slice] = api.list(ENDPOINT_SLICES, 'default');
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      metadata: { labels: { 'kubernetes.io/service-name': 'a' } },
    });
    const endpoints = objectsAt(slice ?? get(SERVICES), 'endpoints');
    expect(endpoints.map((endpoint) => [endpoint['addresses'], endpoint['conditions']])).toEqual([
      [[ip(first)], { ready: false, serving: false, terminating: false }],
      [[ip(second)], { ready: true, serving: true, terminating: false }],
    ]);
  });

  it('takes its endpoints with it', async () => {
    await create(SERVICES, 'Service', service);
    await create(DEPLOYMENTS, 'Deployment', { selector, template });
    expect(numberAt(statusOf(get(DEPLOYMENTS)), 'availableReplicas')).toBe(1);

    await api.delete(SERVICES, 'default', 'a');
    await settled();

    expect([...api.list(ENDPOINTS, 'default'), ...api.list(ENDPOINT_SLICES, 'default')]).toEqual([]);
  });
});
