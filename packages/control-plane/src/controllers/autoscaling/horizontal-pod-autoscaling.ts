import { specOf } from '../../access.js';
import type { Clock } from '../../clock.js';
import { equalJson } from '../../json.js';
import { Alarms } from '../alarms.js';
import type { Api, ServerController } from '../api.js';
import { AUTOSCALERS, isResource } from '../resource-names.js';
import { WorkQueue } from '../work-queue.js';
import { AutoscalerRun } from './autoscaler-run.js';
import type { GivenMetrics } from './given-metrics.js';
import { ScalingMemory } from './scaling-limits.js';

/** As kube-controller-manager's `--horizontal-pod-autoscaler-sync-period`. */
const PERIOD_MS = 15_000;

/**
 * Sizes what HorizontalPodAutoscalers point at by the metrics it is given: at once when these or an autoscaler change, and
 * every 15 seconds of the server's clock.
 *
 * @see {@link https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ | Horizontal pod autoscaling}
 */
export class HorizontalPodAutoscaling implements ServerController {
  readonly name = 'horizontal-pod-autoscaler';
  readonly #clock: Clock;
  readonly #metrics: GivenMetrics;
  readonly #alarms: Alarms;
  readonly #memories = new Map<string, ScalingMemory>();
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor({ clock, metrics }: { readonly clock: Clock; readonly metrics: GivenMetrics }) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#alarms = new Alarms({ clock, ring: (key) => this.#queue?.add(key) });
  }

  start(api: Api): void {
    const queue = new WorkQueue({ process: (key) => this.#sync(api, key) });
    this.#queue = queue;
    const addAll = (): void => {
      for (const { metadata } of api.list(AUTOSCALERS)) queue.add(`${metadata.namespace ?? ''}/${metadata.name ?? ''}`);
    };
    const unfollow = api.onEvent(({ type, resource, object, old }) => {
      if (!isResource(resource, AUTOSCALERS)) return;
      // What it reports itself is no reason to look again.
      if (type === 'MODIFIED' && old !== undefined && equalJson(specOf(old), specOf(object))) return;
      queue.add(`${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`);
    });
    const unsubscribe = this.#metrics.subscribe(addAll);
    this.#unsubscribe = () => {
      unfollow();
      unsubscribe();
    };
    addAll();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    this.#alarms.stop();
    this.#memories.clear();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  wake(): void {
    this.#alarms.ringDue();
  }

  async #sync(api: Api, key: string): Promise<void> {
    const [namespace, name = ''] = key.split('/');
    const autoscaler = api.get(AUTOSCALERS, namespace, name);
    if (autoscaler === undefined) {
      this.#memories.delete(key);
      return this.#alarms.clear(key);
    }
    const memory = this.#memories.get(key) ?? new ScalingMemory();
    this.#memories.set(key, memory);
    this.#alarms.set(key, this.#clock.now().getTime() + PERIOD_MS);
    const reporter = { name: this.name, api, now: () => this.#clock.now() };
    await new AutoscalerRun(reporter, this.#metrics, memory, autoscaler).sync();
  }
}
