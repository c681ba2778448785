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
import { secondsTime } from '../../builtins/go-time.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { parseQuantity } from '../../quantity.js';
import { parseLabelSelector } from '../../resources/label-selector.js';
import { parseApiVersion } from '../../resources/registry.js';
import { StatusError } from '../../status-error.js';
import type { ResourceName } from '../api.js';
import { setCondition } from '../conditions.js';
import { recordEvent, type Occurrence, type Reporter } from '../record-event.js';
import { AUTOSCALERS, PODS, resourceKey } from '../resource-names.js';
import type { GivenMetrics } from './given-metrics.js';
import { describeMetric, MetricError, proposeBy, replicasOf, type MetricProposal } from './metric-proposal.js';
import type { Tolerance } from './replica-calculation.js';
import { behaviorOf, type ScalingMemory } from './scaling-limits.js';

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

const DEFAULT_TOLERANCE = 0.1;
const CANNOT_READ = "the HPA controller was unable to get the target's current scale";

/** The target of an autoscaler as it is. */
interface Target {
  readonly resource: ResourceName;
  readonly name: string;
  readonly scale: Readonly<KubeObject>;
}

/** What metrics come to. */
interface Recommendation {
  readonly replicas: number;
  readonly reason: string;
  readonly metrics: readonly JsonObject[];
}

/** An autoscaler cannot do its work now; its conditions say why. */
class HaltError extends Error {
  override readonly name = 'HaltError';
}

/** One look at a HorizontalPodAutoscaler. */
export class AutoscalerRun {
  readonly #reporter: Reporter;
  readonly #metrics: GivenMetrics;
  readonly #memory: ScalingMemory;
  readonly #autoscaler: Readonly<KubeObject>;
  readonly #now: Date;
  readonly #status: JsonObject;

  constructor(reporter: Reporter, metrics: GivenMetrics, memory: ScalingMemory, autoscaler: Readonly<KubeObject>) {
    this.#reporter = reporter;
    this.#metrics = metrics;
    this.#memory = memory;
    this.#autoscaler = autoscaler;
    this.#now = reporter.now();
    this.#status = { ...statusOf(autoscaler) };
  }

  async sync(): Promise<void> {
    try {
      await this.#scale();
    } catch (error) {
      if (!(error instanceof HaltError)) throw error;
    }
    await this.#report();
  }

  async #scale(): Promise<void> {
    const target = await this.#target();
    this.#set(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const spec = specOf(this.#autoscaler);
    const current = replicasOf(target.scale).spec;
    this.#status['currentReplicas'] = current;
    this.#memory.begin(current, this.#now.getTime());
    const [min, max] = [optionalNumberAt(spec, 'minReplicas') ?? 1, numberAt(spec, 'maxReplicas')];
    let wanted: Recommendation;
    if (current === 0 && min !== 0) {
      const why = 'scaling is disabled since the replica count of the target is zero';
      this.#set('ScalingActive', 'False', 'ScalingDisabled', why);
      wanted = { replicas: 0, reason: '', metrics: [] };
    } else if (current > max) {
      wanted = { replicas: max, reason: 'Current number of replicas above Spec.MaxReplicas', metrics: [] };
    } else if (current < min) {
      wanted = { replicas: min, reason: 'Current number of replicas below Spec.MinReplicas', metrics: [] };
    } else {
      wanted = this.#limited(await this.#recommended(target, current), { current, min, max });
    }
    await this.#resize(target, current, wanted);
    this.#status['currentMetrics'] = wanted.metrics;
  }

  async #target(): Promise<Target> {
    const reference = objectAt(specOf(this.#autoscaler), 'scaleTargetRef');
    const { group } = parseApiVersion(stringAt(reference, 'apiVersion'));
    const [kind, name] = [stringAt(reference, 'kind'), stringAt(reference, 'name')];
    const { api } = this.#reporter;
    const resource = api.resources().find((candidate) => candidate.group === group && candidate.kind === kind);
    if (resource === undefined) {
      return this.#haltWithoutScale(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
    }
    try {
      const scale = api.scale(resource, this.#autoscaler.metadata.namespace, name);
      if (scale !== undefined) return { resource, name, scale };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return this.#haltWithoutScale('the server could not find the requested resource');
    }
    const scales = resourceKey({ ...resource, plural: `${resource.plural}/scale` });
    return this.#haltWithoutScale(`${scales} ${JSON.stringify(name)} not found`);
  }

  async #haltWithoutScale(why: string): Promise<never> {
    await this.#tell({ type: 'Warning', reason: 'FailedGetScale', message: why });
    this.#set('AbleToScale', 'False', 'FailedGetScale', `${CANNOT_READ}: ${why}`);
    throw new HaltError();
  }

  /** What the metrics ask for: of several the most. */
  async #recommended({ scale }: Target, current: number): Promise<Recommendation> {
    const { namespace = '' } = this.#autoscaler.metadata;
    const selector = stringAt(statusOf(scale), 'selector');
    if (selector === '') {
      this.#set('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector");
      return this.#haltWith('SelectorRequired', 'selector is required');
    }
    const isSelected = parseLabelSelector(selector);
    const replicas = replicasOf(scale);
    const scene = {
      api: this.#reporter.api,
      metrics: this.#metrics,
      namespace,
      specReplicas: replicas.spec,
      statusReplicas: replicas.status,
      pods: this.#reporter.api.list(PODS, namespace).filter((pod) => isSelected(pod.metadata.labels ?? {})),
      tolerance: this.#tolerance(),
      now: this.#now,
    };
    const metrics = objectsAt(specOf(this.#autoscaler), 'metrics');
    const proposals: MetricProposal[] = [];
    const failures: MetricError[] = [];
    const failed: string[] = [];
    for (const metric of metrics) {
      try {
        proposals.push(proposeBy(metric, scene));
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        failures.push(error);
        failed.push(describeMetric(metric));
      }
    }
    const [first, ...others] = proposals;
    const [failure] = failures;
    const most =
      first && others.reduce((best, proposal) => (proposal.replicas > best.replicas ? proposal : best), first);
    // Where not all is known, nothing is taken away.
    if (most === undefined || (failure !== undefined && most.replicas < current)) {
      return this.#haltWithoutMetrics(failures, failed[0] ?? '', metrics.length);
    }
    const found = `the HPA was able to successfully calculate a replica count from ${most.name}`;
    this.#set('ScalingActive', 'True', 'ValidMetricFound', found);
    const reason =
      most.replicas > current ? `${most.name} above target` : most.replicas < current ? 'All metrics below target' : '';
    return { replicas: most.replicas, reason, metrics: proposals.map(({ status }) => status) };
  }

  async #haltWithoutMetrics(failures: readonly MetricError[], metric: string, metrics: number): Promise<never> {
    const [first] = failures;
    const [reason, why] = [first?.reason ?? '', first?.message ?? ''];
    this.#set('ScalingActive', 'False', reason, `the HPA was unable to compute the replica count: ${why}`);
    await this.#tell({ type: 'Warning', reason, message: why });
    const count = `invalid metrics (${failures.length} invalid out of ${metrics}), first error is: failed to get ${metric}: ${why}`;
    return this.#haltWith('FailedComputeMetricsReplicas', count);
  }

  async #haltWith(reason: string, message: string): Promise<never> {
    await this.#tell({ type: 'Warning', reason, message });
    throw new HaltError();
  }

  #tolerance(): Tolerance {
    const behavior = behaviorOf(specOf(this.#autoscaler)) ?? {};
    const [up, down] = ['scaleUp', 'scaleDown'].map((direction) => {
      const text = optionalStringAt(objectAt(behavior, direction), 'tolerance');
      return text === undefined ? DEFAULT_TOLERANCE : Number(parseQuantity(text).nanos) / 1e9;
    });
    return { up: up ?? DEFAULT_TOLERANCE, down: down ?? DEFAULT_TOLERANCE };
  }

  #limited(wanted: Recommendation, range: { current: number; min: number; max: number }): Recommendation {
    const behavior = behaviorOf(specOf(this.#autoscaler));
    const nowMs = this.#now.getTime();
    const stable = this.#memory.stabilize(wanted.replicas, range.current, behavior, nowMs);
    this.#set('AbleToScale', 'True', stable.reason, stable.message);
    const limited = this.#memory.limit(stable.replicas, range, behavior, nowMs);
    const isLimited = limited.replicas !== stable.replicas;
    this.#set('ScalingLimited', isLimited ? 'True' : 'False', limited.reason, limited.message);
    return { ...wanted, replicas: limited.replicas };
  }

  async #resize({ resource, name }: Target, current: number, { replicas, reason }: Recommendation): Promise<void> {
    this.#status['desiredReplicas'] = replicas;
    if (replicas === current) return;
    try {
      await this.#reporter.api.setReplicas(resource, this.#autoscaler.metadata.namespace, name, replicas);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const why = `the HPA controller was unable to update the target scale: ${error.message}`;
      this.#set('AbleToScale', 'False', 'FailedUpdateScale', why);
      const message = `New size: ${replicas}; reason: ${reason}; error: ${error.message}`;
      return this.#haltWith('FailedRescale', message);
    }
    const done = `the HPA controller was able to update the target scale to ${replicas}`;
    this.#set('AbleToScale', 'True', 'SucceededRescale', done);
    const message = `New size: ${replicas}; reason: ${reason}`;
    await this.#tell({ type: 'Normal', reason: 'SuccessfulRescale', message });
    this.#memory.noteChange(current, replicas, this.#now.getTime());
    this.#status['lastScaleTime'] = secondsTime(this.#now);
  }

  async #report(): Promise<void> {
    const { namespace, name = '', uid } = this.#autoscaler.metadata;
    const { api } = this.#reporter;
    await api.update(
      AUTOSCALERS,
      namespace,
      name,
      (draft) => {
        if (draft.metadata.uid === uid) draft['status'] = { ...statusOf(draft), ...this.#status };
      },
      'status',
    );
  }

  #set(type: ConditionType, status: 'True' | 'False', reason: string, message: string): void {
    setCondition(this.#status, { type, status, reason, message }, this.#now);
  }

  #tell(occurrence: Occurrence): Promise<void> {
    return recordEvent(this.#reporter, this.#autoscaler, occurrence);
  }
}
