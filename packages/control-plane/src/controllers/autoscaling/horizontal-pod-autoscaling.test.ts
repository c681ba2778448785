import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { numberAt, objectsAt, specOf, statusOf } from '../../access.js';
import { systemClock } from '../../clock.js';
import type { JsonObject, KubeObject } from '../../object.js';
import type { Api } from '../api.js';
import { makeApi, settle } from '../controllers.test-support.js';
import { AUTOSCALERS, DEPLOYMENTS, EVENTS } from '../resource-names.js';
import { WorkloadSimulator } from '../workload-simulator.js';
import { GivenMetrics } from './given-metrics.js';
import { HorizontalPodAutoscaling } from './horizontal-pod-autoscaling.js';

let api: Api;
let metrics: GivenMetrics;
let simulator: WorkloadSimulator;
let autoscaling: HorizontalPodAutoscaling;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  const now = (): Date => new Date(nowMs);
  const clock = { ...systemClock, now };
  api = await makeApi({ now });
  metrics = new GivenMetrics();
  simulator = new WorkloadSimulator({ clock });
  autoscaling = new HorizontalPodAutoscaling({ clock, metrics });
  simulator.start(api);
  autoscaling.start(api);
  await settled();
});
afterEach(() => {
  autoscaling.stop();
  simulator.stop();
});

const settled = (): Promise<void> => settle([simulator, autoscaling]);

function pass(seconds: number): Promise<void> {
  nowMs += seconds * 1000;
  autoscaling.wake();
  return settled();
}

/** Each pod requests 200m of CPU. */
async function createDeployment(replicas: number, requests: JsonObject = { cpu: '200m' }): Promise<void> {
  const labels = { app: 'web' };
  const container = { name: 'main', image: 'app:1', resources: { requests } };
  await api.create(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
  await settled();
}

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };

async function createAutoscaler(spec: JsonObject = {}): Promise<void> {
  await api.create(AUTOSCALERS, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [CPU],
      ...spec,
    },
  });
  await settled();
}

async function useCpu(value: string, name = 'web'): Promise<void> {
  metrics.give({ type: 'resource', resource: 'cpu', namespace: 'default', name, value });
  await settled();
}

const replicas = (): number => numberAt(specOf(required(api.get(DEPLOYMENTS, 'default', 'web'))), 'replicas');
const status = (): JsonObject => statusOf(required(api.get(AUTOSCALERS, 'default', 'a')));
const condition = (type: string): JsonObject | undefined =>
  objectsAt(status(), 'conditions').find((candidate) => candidate['type'] === type);
const events = (): unknown[] =>
  api.list(EVENTS, 'default').map(({ reason, message }) => `${String(reason)}: ${String(message)}`);

function required(object: Readonly<KubeObject> | undefined): KubeObject {
  if (object === undefined) throw new Error('not there');
  return object;
}

describe('a HorizontalPodAutoscaler', () => {
  it('makes as many pods as bring the use of CPU to its target', async () => {
    await createDeployment(2);
    await createAutoscaler();

    await useCpu('160m');

    expect(replicas()).toBe(4);
    expect(status()).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      lastScaleTime: '2026-01-01T00:00:00Z',
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '160m' } } },
      ],
    });
    expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'SucceededRescale' });
    expect(condition('ScalingActive')).toMatchObject({
      status: 'True',
      reason: 'ValidMetricFound',
      message:
        'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    });
    expect(condition('ScalingLimited')).toMatchObject({ status: 'False', reason: 'DesiredWithinRange' });
    expect(events()).toContain(
      'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    );
  });

  it.each([
    { use: '110m', after: 2, why: 'is within a tenth of it' },
    { use: '112m', after: 3, why: 'is beyond a tenth of it' },
  ])('leaves $after pods when the use $why', async ({ use, after }) => {
    await createDeployment(2);
    await createAutoscaler();
    await useCpu(use);

    expect(replicas()).toBe(after);
  });

  it('at most doubles the pods at a time, and never exceeds what it may', async () => {
    await createDeployment(3);
    await createAutoscaler({ maxReplicas: 8 });

    await useCpu('2');
    expect(replicas()).toBe(6);
    expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' });

    await pass(15);
    expect(replicas()).toBe(8);
    expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooManyReplicas' });
  });

  it('takes pods away when less was enough for five minutes', async () => {
    await createDeployment(4);
    await createAutoscaler();
    await useCpu('100m');
    await useCpu('25m');
    expect(replicas()).toBe(4);
    expect(condition('AbleToScale')).toMatchObject({ reason: 'ScaleDownStabilized' });

    for (let waited = 0; waited < 300; waited += 60) await pass(60);

    expect(replicas()).toBe(1);
    expect(events()).toContain('SuccessfulRescale: New size: 1; reason: All metrics below target');
  });

  it.each([
    {
      what: 'by as many pods as a policy says',
      behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
      sizes: [3, 3, 4],
    },
    {
      what: 'by as much as the least of the policies says',
      behavior: {
        scaleUp: {
          selectPolicy: 'Min',
          policies: [
            { type: 'Pods', value: 3, periodSeconds: 60 },
            { type: 'Percent', value: 100, periodSeconds: 60 },
          ],
        },
      },
      sizes: [4, 4, 7],
    },
    { what: 'not at all if so wished', behavior: { scaleUp: { selectPolicy: 'Disabled' } }, sizes: [2, 2, 2] },
    {
      what: 'when it was needed for long enough',
      behavior: { scaleUp: { stabilizationWindowSeconds: 50 } },
      sizes: [2, 2, 6],
    },
    { what: 'when its own tolerance is exceeded', behavior: { scaleUp: { tolerance: '5' } }, sizes: [2, 2, 2] },
  ])('with a behavior grows $what', async ({ behavior, sizes }) => {
    await createDeployment(2);
    await createAutoscaler({ behavior });
    await useCpu('600m');
    const seen = [replicas()];
    await pass(30);
    seen.push(replicas());
    await pass(31);
    seen.push(replicas());

    expect(seen).toEqual(sizes);
  });

  it('goes by the metric that asks for most', async () => {
    await createDeployment(2);
    metrics.give({ type: 'external', metric: 'queue', namespace: 'default', value: '30' });
    metrics.give({ type: 'pods', metric: 'requests', namespace: 'default', name: 'web', value: '15' });
    metrics.give({ type: 'object', metric: 'hits', namespace: 'default', kind: 'Ingress', name: 'i', value: '60' });
    await createAutoscaler({
      metrics: [
        {
          type: 'External',
          external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } },
        },
        { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } },
        {
          type: 'Object',
          object: {
            metric: { name: 'hits' },
            describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'i' },
            target: { type: 'Value', value: '30' },
          },
        },
      ],
    });

    // The queue and the requests of each pod ask for 3, the hits for 4.
    expect(replicas()).toBe(4);
    expect(objectsAt(status(), 'currentMetrics')).toMatchObject([
      { type: 'External', external: { current: { averageValue: '15' } } },
      { type: 'Pods', pods: { current: { averageValue: '15' } } },
      { type: 'Object', object: { current: { value: '60' } } },
    ]);
  });

  it('takes pods without a value to use nothing where others use much', async () => {
    await createDeployment(2);
    await createAutoscaler();
    const [pod] = api.list({ group: '', plural: 'pods' }, 'default');

    await useCpu('300m', pod?.metadata.name);

    // 150 % of one pod, 75 % of both.
    expect(replicas()).toBe(3);
  });

  it('says what it misses, and does nothing', async () => {
    await createDeployment(2);
    await createAutoscaler();

    expect(replicas()).toBe(2);
    const why =
      'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API';
    expect(condition('ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message: `the HPA was unable to compute the replica count: ${why}`,
    });
    expect(events()).toContain(
      `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    );
  });

  it('says which container has no request', async () => {
    await createDeployment(1, {});
    await createAutoscaler();
    await useCpu('1');

    expect(condition('ScalingActive')?.['message']).toMatch(/missing request for cpu in container main of Pod web-/);
  });

  it('brings what is outside its range into it', async () => {
    await createDeployment(1);
    await createAutoscaler({ minReplicas: 3 });
    expect(replicas()).toBe(3);

    await api.setReplicas(DEPLOYMENTS, 'default', 'web', 20);
    await pass(15);
    expect(replicas()).toBe(10);
  });

  it('leaves alone what was set to zero', async () => {
    await createDeployment(0);
    await createAutoscaler();
    await useCpu('1');

    expect(replicas()).toBe(0);
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'ScalingDisabled' });
  });

  it('waits for its target', async () => {
    await createAutoscaler({ minReplicas: 2 });
    expect(condition('AbleToScale')).toMatchObject({
      status: 'False',
      reason: 'FailedGetScale',
      message: `the HPA controller was unable to get the target's current scale: deployments/scale.apps "web" not found`,
    });

    await createDeployment(1);
    await pass(15);
    expect(replicas()).toBe(2);
  });

  it('writes nothing when nothing changes', async () => {
    await createDeployment(2);
    await createAutoscaler();
    await useCpu('100m');
    const writes: string[] = [];
    api.onEvent(({ object }) => writes.push(object.kind));

    await pass(15);

    expect(writes).toEqual([]);
  });

  it.each([
    { spec: { minReplicas: 0 }, error: 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1' },
    {
      spec: { minReplicas: 3, maxReplicas: 2 },
      error: 'spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`',
    },
    { spec: { scaleTargetRef: { kind: 'Deployment' } }, error: 'spec.scaleTargetRef.name: Required value' },
  ])('is refused with $spec', async ({ spec, error }) => {
    await expect(createAutoscaler(spec)).rejects.toMatchObject({
      code: 422,
      message: `HorizontalPodAutoscaler.autoscaling "a" is invalid: ${error}`,
    });
  });
});
