import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { numberAt, statusOf } from '../../access.js';
import { ControlPlane } from '../../control-plane.js';
import { PlainClient, type Answer } from '../../control-plane.test-support.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { DISRUPTION_BUDGETS, EVENTS, JOBS, NAMESPACES, PODS, STATEFUL_SETS } from '../resource-names.js';

const labels = { app: 'a' };
const podSpec = { containers: [{ name: 'main', image: 'app:1' }] };
const selector = { matchLabels: labels };

let controlPlane: ControlPlane;
let nowMs = Date.parse('2026-01-01T00:00:00Z');
/** Each test has its own. */
let namespace = 'n';

beforeAll(async () => {
  controlPlane = await ControlPlane.start({ tls: false, clock: () => new Date(nowMs) });
});
afterAll(() => controlPlane.stop());
beforeEach(async () => {
  namespace += '1';
  await controlPlane.api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

async function createSet(replicas: number, podMetadata: JsonObject = {}): Promise<void> {
  const spec = {
    replicas,
    selector,
    podManagementPolicy: 'Parallel',
    template: { metadata: { labels, ...podMetadata }, spec: podSpec },
  };
  const metadata = { name: 'db', namespace };
  await controlPlane.api.create(STATEFUL_SETS, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec });
  await controlPlane.settle();
}

async function createBudget(spec: JsonObject, name = 'b'): Promise<void> {
  await controlPlane.api.create(DISRUPTION_BUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { selector, ...spec },
  });
  await controlPlane.settle();
}

const budget = (): KubeObject => {
  const found = controlPlane.api.get(DISRUPTION_BUDGETS, namespace, 'b');
  if (found === undefined) throw new Error('no budget');
  return found;
};

function evict(pod: string, body: JsonObject = {}): Promise<Answer> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace }, ...body };
  return new PlainClient(controlPlane).post(`/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, eviction);
}

describe('the status of a PodDisruptionBudget', () => {
  it.each([
    { spec: { minAvailable: 2 }, replicas: 3, expected: 3, desired: 2, allowed: 1 },
    { spec: { minAvailable: '50%' }, replicas: 3, expected: 3, desired: 2, allowed: 1 },
    { spec: { maxUnavailable: 1 }, replicas: 3, expected: 3, desired: 2, allowed: 1 },
    { spec: { maxUnavailable: '34%' }, replicas: 3, expected: 3, desired: 1, allowed: 2 },
    { spec: { minAvailable: 5 }, replicas: 3, expected: 3, desired: 5, allowed: 0 },
    { spec: { maxUnavailable: 5 }, replicas: 3, expected: 3, desired: 0, allowed: 3 },
    { spec: { minAvailable: 0 }, replicas: 0, expected: 0, desired: 0, allowed: 0 },
  ])('allows for $allowed of $replicas pods with $spec', async ({ spec, replicas, expected, desired, allowed }) => {
    await createSet(replicas);
    await createBudget(spec);

    expect(budget()['status']).toEqual({
      observedGeneration: 1,
      currentHealthy: replicas,
      desiredHealthy: desired,
      expectedPods: expected,
      disruptionsAllowed: allowed,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: allowed > 0 ? 'True' : 'False',
          reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: expect.any(String),
        },
      ],
    });
  });

  it('follows pods that stop being ready, and what is to be', async () => {
    await createSet(3);
    await createBudget({ maxUnavailable: 1 });
    controlPlane.workloads?.behave({ namespace, name: 'db-0', behaviour: 'notready' });
    await controlPlane.settle();
    expect(budget()['status']).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });

    await controlPlane.api.setReplicas(STATEFUL_SETS, namespace, 'db', 6);
    await controlPlane.settle();
    expect(budget()['status']).toMatchObject({ currentHealthy: 5, expectedPods: 6, desiredHealthy: 5 });
  });

  it('says why it cannot count the pods of what has no size', async () => {
    const job = { template: { metadata: { labels }, spec: { ...podSpec, restartPolicy: 'Never' } } };
    const metadata = { name: 'j', namespace };
    await controlPlane.api.create(JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: job });
    await createBudget({ maxUnavailable: 1 });

    expect(budget()['status']).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ reason: 'SyncFailed', message: 'jobs.batch does not implement the scale subresource' }],
    });
    expect(controlPlane.api.list(EVENTS, namespace).map(({ reason }) => reason)).toContain(
      'CalculateExpectedPodCountFailed',
    );
  });
});

describe('an eviction', () => {
  it('is refused while the budget is spent, and allowed when the pod is back', async () => {
    await createSet(2, { finalizers: ['example.com/hold'] });
    await createBudget({ minAvailable: 1 });

    expect(await evict('db-0')).toMatchObject({ status: 201, body: { status: 'Success' } });
    await controlPlane.settle();
    const disrupted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
    expect(controlPlane.api.get(PODS, namespace, 'db-0')).toMatchObject({
      status: { conditions: expect.arrayContaining([expect.objectContaining(disrupted)]) },
    });

    expect(await evict('db-1')).toMatchObject({
      status: 429,
      body: {
        reason: 'TooManyRequests',
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            { reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' },
          ],
        },
      },
    });

    await controlPlane.api.update(PODS, namespace, 'db-0', ({ metadata }) => {
      delete metadata.finalizers;
    });
    await controlPlane.settle();
    expect(budget()['status']).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
    expect(statusOf(budget())).not.toHaveProperty('disruptedPods');
    expect((await evict('db-1')).status).toBe(201);
  });

  it('takes nothing from the budget when it is a dry run', async () => {
    await createSet(2);
    await createBudget({ minAvailable: 1 });

    expect((await evict('db-0', { deleteOptions: { dryRun: ['All'] } })).status).toBe(201);

    expect(numberAt(statusOf(budget()), 'disruptionsAllowed')).toBe(1);
    expect(controlPlane.api.get(PODS, namespace, 'db-0')?.metadata.deletionTimestamp).toBeUndefined();
  });

  it.each([
    { what: 'while enough others are', policy: 'IfHealthyBudget', minAvailable: 1, code: 201 },
    { what: 'not while too few others are', policy: 'IfHealthyBudget', minAvailable: 2, code: 429 },
    { what: 'always, if the budget says so', policy: 'AlwaysAllow', minAvailable: 2, code: 201 },
  ])('of a pod that is not ready is allowed $what', async ({ policy, minAvailable, code }) => {
    await createSet(2);
    controlPlane.workloads?.behave({ namespace, name: 'db-0', behaviour: 'notready' });
    await createBudget({ minAvailable, unhealthyPodEvictionPolicy: policy });

    expect((await evict('db-0')).status).toBe(code);
  });

  it('is refused for a pod with two budgets', async () => {
    await createSet(1);
    await createBudget({ minAvailable: 0 });
    await createBudget({ minAvailable: 0 }, 'c');

    expect(await evict('db-0')).toMatchObject({
      status: 500,
      body: {
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      },
    });
  });

  it('counts its pod as gone for two minutes at most', async () => {
    await createSet(2);
    await createBudget({ minAvailable: 1 });
    await controlPlane.api.update(
      DISRUPTION_BUDGETS,
      namespace,
      'b',
      (draft) => {
        draft['status'] = { ...statusOf(draft), disruptedPods: { 'db-0': new Date(nowMs).toISOString() } };
      },
      'status',
    );
    await controlPlane.settle();
    expect(budget()['status']).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 });

    nowMs += 120_000;
    await controlPlane.settle();
    expect(budget()['status']).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  });

  it('must name its pod', async () => {
    await createSet(1);

    expect(await evict('db-0', { metadata: { name: 'other' } })).toMatchObject({
      status: 400,
      body: { message: 'name in URL does not match name in Eviction object' },
    });
  });
});
