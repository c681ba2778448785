import {
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  optionalStringAt,
  specOf,
  statusOf,
  stringAt,
} from '../../access.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { formatQuantity, parseQuantity } from '../../quantity.js';
import type { Api } from '../api.js';
import { isPodReady } from '../workloads/pod-template.js';
import { namesOf } from '../workloads/workload-context.js';
import type { GivenMetrics, MetricSubject } from './given-metrics.js';
import {
  isWithin,
  replicasForPods,
  replicasForValue,
  roundUp,
  type PodSamples,
  type Tolerance,
} from './replica-calculation.js';

type Pod = Readonly<KubeObject>;

/** How many replicas a metric asks for. */
export interface MetricProposal {
  readonly replicas: number;
  /** What the metric is called in conditions and events. */
  readonly name: string;
  /** For `status.currentMetrics`. */
  readonly status: JsonObject;
}

/** A metric says nothing: it was not given, or does not fit its pods. */
export class MetricError extends Error {
  override readonly name = 'MetricError';

  constructor(
    message: string,
    /** Of the condition ScalingActive. */
    readonly reason: string,
  ) {
    super(message);
  }
}

/** The target of an autoscaler and what is known of its pods. */
export interface MetricScene {
  readonly api: Api;
  readonly metrics: GivenMetrics;
  readonly namespace: string;
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly pods: readonly Pod[];
  readonly tolerance: Tolerance;
  readonly now: Date;
}

/** Pods may use more while they begin: what those that are not ready use then is not looked at. */
const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_MS = 30_000;

const NO_PODS = 'no pods returned by selector while calculating replica count';
const NO_VALUES = 'did not receive metrics for targeted pods (pods might be unready)';

/** Works out one entry of `spec.metrics`. @throws {@link MetricError} */
export function proposeBy(metric: JsonObject, scene: MetricScene): MetricProposal {
  const type = stringAt(metric, 'type');
  switch (type) {
    case 'Resource':
      return proposeByResource(objectAt(metric, 'resource'), 'resource', scene);
    case 'ContainerResource':
      return proposeByResource(objectAt(metric, 'containerResource'), 'containerResource', scene);
    case 'Pods':
      return proposeByPods(objectAt(metric, 'pods'), scene);
    case 'Object':
      return proposeByObject(objectAt(metric, 'object'), scene);
    case 'External':
      return proposeByExternal(objectAt(metric, 'external'), scene);
    default:
      throw new MetricError(`unknown metric source type ${JSON.stringify(type)}`, 'InvalidMetricSourceType');
  }
}

/** What an entry of `spec.metrics` is called where it is told that it failed. */
export function describeMetric(metric: JsonObject): string {
  switch (metric['type']) {
    case 'Resource':
      return `${stringAt(objectAt(metric, 'resource'), 'name')} resource metric value`;
    case 'ContainerResource':
      return `${stringAt(objectAt(metric, 'containerResource'), 'name')} container metric value`;
    case 'Object':
      return 'object metric value';
    case 'External':
      return `${stringAt(objectAt(objectAt(metric, 'external'), 'metric'), 'name')} external metric value`;
    default:
      return 'pods metric value';
  }
}

function proposeByResource(
  source: JsonObject,
  field: 'resource' | 'containerResource',
  scene: MetricScene,
): MetricProposal {
  const resource = stringAt(source, 'name');
  const container = optionalStringAt(source, 'container');
  const isContainer = field === 'containerResource';
  const reason = isContainer ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric';
  const label = isContainer ? `${resource} container resource` : `${resource} resource`;
  const fail = (why: string): MetricError => new MetricError(`failed to get ${resource} utilization: ${why}`, reason);
  const samples = samplesOf(
    scene,
    (namespace, name) => ({
      type: 'resource',
      resource,
      namespace,
      name,
      ...(container === undefined ? {} : { container }),
    }),
    resource,
    (why) => fail(`unable to get metrics for resource ${resource}: ${why}`),
    fail,
  );
  const target = objectAt(source, 'target');
  const utilization = optionalNumberAt(target, 'averageUtilization');
  const average = averageOf(samples.values);
  const identity = { name: resource, ...(container === undefined ? {} : { container }) };
  if (utilization === undefined) {
    const goal = milliAt(target, 'averageValue');
    if (goal === undefined) {
      const what = isContainer ? 'container resource' : 'resource';
      throw new MetricError(
        `invalid ${what} metric source: neither a utilization target nor a value target was set`,
        reason,
      );
    }
    const replicas = replicasByAverage(samples, goal, scene);
    return {
      replicas,
      name: label,
      status: statusFor(field, { ...identity, current: { averageValue: milli(average) } }),
    };
  }
  const requests = requestsOf(scene.pods, resource, container, fail);
  const utilizationOf = (values: ReadonlyMap<string, number>): number => {
    const requested = [...values.keys()].reduce((sum, pod) => sum + (requests.get(pod) ?? 0), 0);
    if (requested === 0) throw fail('no metrics returned matched known pods');
    return Math.floor((sumOf(values) * 100) / requested);
  };
  const replicas = replicasForPods({
    currentReplicas: scene.specReplicas,
    samples,
    tolerance: scene.tolerance,
    ratio: (values) => utilizationOf(values) / utilization,
    highValue: (pod) => requests.get(pod) ?? 0,
  });
  const current = { averageUtilization: utilizationOf(samples.values), averageValue: milli(average) };
  const name = `${label} utilization (percentage of request)`;
  return { replicas, name, status: statusFor(field, { ...identity, current }) };
}

function proposeByPods(source: JsonObject, scene: MetricScene): MetricProposal {
  const metric = stringAt(objectAt(source, 'metric'), 'name');
  const reason = 'FailedGetPodsMetric';
  const samples = samplesOf(
    scene,
    (namespace, name) => ({ type: 'pods', metric, namespace, name }),
    undefined,
    (why) => new MetricError(`unable to get metric ${metric}: ${why}`, reason),
    (why) => new MetricError(why, reason),
  );
  const goal = milliAt(objectAt(source, 'target'), 'averageValue') ?? 0;
  const current = { averageValue: milli(averageOf(samples.values)) };
  return {
    replicas: replicasByAverage(samples, goal, scene),
    name: `pods metric ${metric}`,
    status: statusFor('pods', { metric: objectAt(source, 'metric'), current }),
  };
}

function proposeByObject(source: JsonObject, scene: MetricScene): MetricProposal {
  const reason = 'FailedGetObjectMetric';
  const { namespace } = scene;
  const metric = stringAt(objectAt(source, 'metric'), 'name');
  const describedObject = objectAt(source, 'describedObject');
  const [kind, name] = [stringAt(describedObject, 'kind'), stringAt(describedObject, 'name')];
  const value = scene.metrics.milliOf({ type: 'object', metric, namespace, kind, name });
  if (value === undefined) {
    const problem = `no custom metric ${metric} was given for ${kind} ${namespace}/${name}`;
    throw new MetricError(`unable to get metric ${metric}: ${kind} on ${namespace} ${name}/${problem}`, reason);
  }
  const proposal = proposeByValue(
    value,
    objectAt(source, 'target'),
    scene,
    (what) => new MetricError(what, reason),
    'object',
  );
  return {
    replicas: proposal.replicas,
    name: `${kind} metric ${metric}`,
    status: statusFor('object', { metric: objectAt(source, 'metric'), describedObject, current: proposal.current }),
  };
}

function proposeByExternal(source: JsonObject, scene: MetricScene): MetricProposal {
  const reason = 'FailedGetExternalMetric';
  const { namespace } = scene;
  const identity = objectAt(source, 'metric');
  const metric = stringAt(identity, 'name');
  const selector = printSelector(identity['selector']);
  const value = scene.metrics.milliOf({ type: 'external', metric, namespace });
  if (value === undefined) {
    const problem = 'no metrics returned from external metrics API';
    throw new MetricError(`unable to get external metric ${namespace}/${metric}/${selector}: ${problem}`, reason);
  }
  const proposal = proposeByValue(
    value,
    objectAt(source, 'target'),
    scene,
    (what) => new MetricError(what, reason),
    'external',
  );
  return {
    replicas: proposal.replicas,
    name: `external metric ${metric}(${selector})`,
    status: statusFor('external', { metric: identity, current: proposal.current }),
  };
}

/** By a value that all pods share: to be at its target altogether, or as much of it for each pod. */
function proposeByValue(
  value: number,
  target: JsonObject,
  scene: MetricScene,
  fail: (why: string) => MetricError,
  source: string,
): { readonly replicas: number; readonly current: JsonObject } {
  const { specReplicas, statusReplicas, tolerance, pods } = scene;
  const average = milliAt(target, 'averageValue');
  if (average !== undefined) {
    const isClose = isWithin(value / (average * statusReplicas), tolerance);
    const replicas = isClose ? statusReplicas : roundUp(value / average);
    return { replicas, current: { averageValue: milli(statusReplicas === 0 ? 0 : Math.ceil(value / statusReplicas)) } };
  }
  const goal = milliAt(target, 'value');
  if (goal === undefined) {
    throw fail(`invalid ${source} metric source: neither a value target nor an average value target was set`);
  }
  if (specReplicas !== 0 && pods.length === 0) throw fail(`unable to calculate ready pods: ${NO_PODS}`);
  const readyPods = pods.filter(isPodReady).length;
  return {
    replicas: replicasForValue(value / goal, { currentReplicas: specReplicas, readyPods, tolerance }),
    current: { value: milli(value) },
  };
}

function replicasByAverage(samples: PodSamples, goal: number, { specReplicas, tolerance }: MetricScene): number {
  return replicasForPods({
    currentReplicas: specReplicas,
    samples,
    tolerance,
    ratio: (values) => sumOf(values) / values.size / goal,
    highValue: () => goal,
  });
}

/** Gathers the values of pods, and tells apart those that count. */
function samplesOf(
  { api, metrics, namespace, pods, now }: MetricScene,
  subject: (namespace: string, name: string) => MetricSubject,
  resource: string | undefined,
  notGiven: (why: string) => MetricError,
  fail: (why: string) => MetricError,
): PodSamples {
  const given = new Map<string, number>();
  for (const pod of pods) {
    for (const known of namesOf(api, pod)) {
      const value = metrics.milliOf(subject(namespace, known));
      if (value === undefined) continue;
      given.set(pod.metadata.name ?? '', value);
      break;
    }
  }
  if (given.size === 0) {
    const source = resource === undefined ? 'custom' : 'resource';
    throw notGiven(`no metrics returned from ${source} metrics API`);
  }
  const values = new Map<string, number>();
  const missing: string[] = [];
  const unready: string[] = [];
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const { phase } = statusOf(pod);
    const value = given.get(name);
    if (deletionTimestamp !== undefined || phase === 'Failed') continue;
    if (phase === 'Pending') unready.push(name);
    else if (value === undefined) missing.push(name);
    else if (resource === 'cpu' && isBeginning(pod, now)) unready.push(name);
    else values.set(name, value);
  }
  if (values.size === 0) throw fail(NO_VALUES);
  return { values, missing, unready };
}

function isBeginning(pod: Pod, now: Date): boolean {
  const status = statusOf(pod);
  const condition = objectsAt(status, 'conditions').find(({ type }) => type === 'Ready');
  const startMs = Date.parse(stringAt(status, 'startTime'));
  if (condition === undefined || Number.isNaN(startMs)) return true;
  if (condition['status'] !== 'False') return false;
  const sinceMs = Date.parse(stringAt(condition, 'lastTransitionTime'));
  return startMs + CPU_INITIALIZATION_MS > now.getTime() || startMs + INITIAL_READINESS_MS > sinceMs;
}

/** What the containers of each pod request, in thousandths. */
function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string | undefined,
  fail: (why: string) => MetricError,
): ReadonlyMap<string, number> {
  const requests = new Map<string, number>();
  for (const pod of pods) {
    const { name: podName = '' } = pod.metadata;
    for (const candidate of objectsAt(specOf(pod), 'containers')) {
      const name = stringAt(candidate, 'name');
      if (container !== undefined && name !== container) continue;
      const request = milliAt(objectAt(objectAt(candidate, 'resources'), 'requests'), resource);
      if (request === undefined) throw fail(`missing request for ${resource} in container ${name} of Pod ${podName}`);
      requests.set(podName, (requests.get(podName) ?? 0) + request);
    }
  }
  return requests;
}

function sumOf(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0);
}

function averageOf(values: ReadonlyMap<string, number>): number {
  return Math.floor(sumOf(values) / values.size);
}

const NANOS_PER_MILLI = 1_000_000n;

function milliAt(parent: JsonObject, field: string): number | undefined {
  const text = optionalStringAt(parent, field);
  return text === undefined ? undefined : Number(parseQuantity(text).nanos / NANOS_PER_MILLI);
}

function milli(value: number): string {
  return formatQuantity({ nanos: BigInt(value) * NANOS_PER_MILLI, format: 'decimal' });
}

const TYPES = {
  resource: 'Resource',
  containerResource: 'ContainerResource',
  pods: 'Pods',
  object: 'Object',
  external: 'External',
} as const;

function statusFor(field: keyof typeof TYPES, content: JsonObject): JsonObject {
  return { type: TYPES[field], [field]: content };
}

/** A selector as Go prints the struct. */
function printSelector(selector: unknown): string {
  const labels = Object.entries(objectAt({ selector }, 'selector'));
  if (labels.length === 0) return '<nil>';
  const matchLabels = Object.entries(objectAt(objectAt({ selector }, 'selector'), 'matchLabels'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${String(value)},`)
    .join('');
  return `&LabelSelector{MatchLabels:map[string]string{${matchLabels}},MatchExpressions:[]LabelSelectorRequirement{},}`;
}

/** The size of a target as its Scale tells it. */
export function replicasOf(scale: Readonly<KubeObject>): { readonly spec: number; readonly status: number } {
  return { spec: numberAt(specOf(scale), 'replicas'), status: numberAt(statusOf(scale), 'replicas') };
}
