import type { Client, Informer, KubernetesObject } from '@trueup/kube';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Controller } from '../engine/controller.js';
import type { EngineObserver } from '../engine/engine-observer.js';
import type { WebhookObserver } from '../webhooks/webhook-observer.js';
import { addCacheMetrics, addConditionMetrics } from './cache-metrics.js';
import { addClientMetrics } from './client-metrics.js';
import { addQueueMetrics, EngineMetrics } from './engine-metrics.js';
import { WebhookMetrics } from './webhook-metrics.js';

/** What the metrics of an operator are read off. */
export interface Measured {
  readonly client: Client;
  readonly controllers: readonly Controller[];
  readonly caches: { all(): Iterable<Informer<KubernetesObject>> };
  nowMs(): number;
  /** Whether the lease of this name is held; absent without leader election. */
  readonly leadership?: { readonly lease: string; isLeading(): boolean };
}

/** Everything that is measured about one operator and its process. */
export class OperatorMetrics {
  readonly #registry = new Registry();
  /** For the engine. */
  readonly engine: EngineObserver = new EngineMetrics(this.#registry);
  /** For the webhooks. */
  readonly webhooks: WebhookObserver = new WebhookMetrics(this.#registry);

  /** @param labels - Of every metric. */
  constructor(labels: Readonly<Record<string, string>> = {}) {
    this.#registry.setDefaultLabels(labels);
  }

  /** Begins to measure an operator that has been put together. */
  measure({ client, controllers, caches, nowMs, leadership }: Measured): void {
    const definitions = controllers.map(({ definition }) => definition);
    const controllerOf = new Map(
      controllers.map((controller) => [controller.definition.kind.resource, controller] as const),
    );
    collectDefaultMetrics({ register: this.#registry });
    addClientMetrics(this.#registry, client, nowMs);
    addQueueMetrics(
      this.#registry,
      controllers.map(({ definition, queue }) => ({ name: definition.name, queue })),
      nowMs,
    );
    addCacheMetrics(this.#registry, () => caches.all(), nowMs);
    addConditionMetrics(this.#registry, definitions, ({ resource }) => controllerOf.get(resource)?.objects() ?? []);
    if (leadership === undefined) return;
    new Gauge({
      name: 'leader_election_master_status',
      help: '1 while this replica holds the lease',
      labelNames: ['name'],
      registers: [this.#registry],
      collect() {
        this.set({ name: leadership.lease }, leadership.isLeading() ? 1 : 0);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
