import { specOf } from '../../access.js';
import type { Clock } from '../../clock.js';
import { equalJson } from '../../json.js';
import type { KubeObject } from '../../object.js';
import type { Api } from '../api.js';
import { objectKey, ObjectController, type ObjectKey } from '../object-controller.js';
import { AUTOSCALERS, isResource } from '../resource-names.js';
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
export class HorizontalPodAutoscaling extends ObjectController {
  readonly name = 'horizontal-pod-autoscaler';
  readonly #metrics: GivenMetrics;
  readonly #memories = new Map<ObjectKey, ScalingMemory>();

  constructor({ clock, metrics }: { readonly clock: Clock; readonly metrics: GivenMetrics }) {
    super(AUTOSCALERS, clock);
    this.#metrics = metrics;
  }

  protected follow(api: Api, add: (key: ObjectKey) => void): () => void {
    const unfollow = api.onEvent(({ type, resource, object, old }) => {
      if (!isResource(resource, AUTOSCALERS)) return;
      // What it reports itself is no reason to look again.
      if (type === 'MODIFIED' && old !== undefined && equalJson(specOf(old), specOf(object))) return;
      add(objectKey(object.metadata));
    });
    const unsubscribe = this.#metrics.subscribe(() => {
      for (const { metadata } of api.list(AUTOSCALERS)) add(objectKey(metadata));
    });
    return () => {
      unfollow();
      unsubscribe();
    };
  }

  protected async sync(api: Api, autoscaler: Readonly<KubeObject>, key: ObjectKey): Promise<void> {
    const memory = this.#memories.get(key) ?? new ScalingMemory();
    this.#memories.set(key, memory);
    this.lookAgain(key, this.clock.now().getTime() + PERIOD_MS);
    await new AutoscalerRun(this.reporter(api), this.#metrics, memory, autoscaler).sync();
  }

  protected override forget(key: ObjectKey): void {
    this.#memories.delete(key);
  }

  override stop(): void {
    super.stop();
    this.#memories.clear();
  }
}
