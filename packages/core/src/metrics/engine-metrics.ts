import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ControllerObserver, EngineObserver } from '../engine/engine-observer.js';
import type { Disposition, WorkQueue } from '../queue/work-queue.js';

/** The buckets of controller-runtime and of client-go's queues, in seconds. */
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BUCKETS = Array.from({ length: 12 }, (_, index) => 10 ** (index - 8));

const RESULTS = ['success', 'error', 'requeue', 'requeue_after'] as const;

/**
 * What controllers and their queues do, under the names of controller-runtime, so that its dashboards carry over.
 *
 * @see {@link https://book.kubebuilder.io/reference/metrics-reference | controller-runtime's metrics}
 */
export class EngineMetrics implements EngineObserver {
  readonly #reconciles;
  readonly #errors;
  readonly #terminalErrors;
  readonly #panics;
  readonly #timeouts;
  readonly #reconcileSeconds;
  readonly #maxConcurrent;
  readonly #activeWorkers;
  readonly #causes;
  readonly #adds;
  readonly #retries;
  readonly #queueSeconds;
  readonly #workSeconds;

  constructor(registry: Registry) {
    const registers = [registry];
    const ofController = { labelNames: ['controller'] as const, registers };
    const ofQueue = { labelNames: ['controller', 'name'] as const, registers };
    this.#reconciles = new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles per controller, by how they ended',
      labelNames: ['controller', 'result'] as const,
      registers,
    });
    this.#errors = new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Reconciles per controller that failed',
      ...ofController,
    });
    this.#terminalErrors = new Counter({
      name: 'controller_runtime_terminal_reconcile_errors_total',
      help: 'Reconciles per controller that failed and are not retried: the user must act',
      ...ofController,
    });
    this.#panics = new Counter({
      name: 'controller_runtime_reconcile_panics_total',
      help: 'Reconciles per controller that failed by a mistake in the code: a TypeError, ReferenceError or RangeError',
      ...ofController,
    });
    this.#timeouts = new Counter({
      name: 'controller_runtime_reconcile_timeouts_total',
      help: 'Reconciles per controller that did not end within their deadline',
      ...ofController,
    });
    this.#reconcileSeconds = new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Duration of reconciles per controller',
      buckets: RECONCILE_BUCKETS,
      ...ofController,
    });
    this.#maxConcurrent = new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Reconciles per controller that may run at once',
      ...ofController,
    });
    this.#activeWorkers = new Gauge({
      name: 'controller_runtime_active_workers',
      help: 'Reconciles per controller that run now',
      ...ofController,
    });
    this.#causes = new Counter({
      name: 'trueup_reconcile_causes_total',
      help: 'Reconciles per controller, by what caused them',
      labelNames: ['controller', 'cause'] as const,
      registers,
    });
    this.#adds = new Counter({ name: 'workqueue_adds_total', help: 'Objects that were queued', ...ofQueue });
    this.#retries = new Counter({ name: 'workqueue_retries_total', help: 'Objects queued for a retry', ...ofQueue });
    this.#queueSeconds = new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long objects wait in the queue',
      buckets: QUEUE_BUCKETS,
      ...ofQueue,
    });
    this.#workSeconds = new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long work on an object takes',
      buckets: QUEUE_BUCKETS,
      ...ofQueue,
    });
  }

  controller({ name, concurrency }: { readonly name: string; readonly concurrency: number }): ControllerObserver {
    const labels = { controller: name };
    const active = this.#activeWorkers.labels(labels);
    active.set(0);
    this.#maxConcurrent.set(labels, concurrency);
    // A series that begins at zero can be told from one that is missing.
    for (const result of RESULTS) this.#reconciles.inc({ ...labels, result }, 0);
    for (const counter of [this.#errors, this.#terminalErrors, this.#panics, this.#timeouts]) counter.inc(labels, 0);

    const ofQueue = { ...labels, name };
    const adds = this.#adds.labels(ofQueue);
    const retries = this.#retries.labels(ofQueue);
    const queueSeconds = this.#queueSeconds.labels(ofQueue);
    const workSeconds = this.#workSeconds.labels(ofQueue);
    return {
      queue: {
        added: () => adds.inc(),
        begun: ({ cause }, waitedMs) => {
          active.inc();
          queueSeconds.observe(waitedMs / 1000);
          this.#causes.inc({ ...labels, cause });
        },
        ended: (workedMs) => {
          active.dec();
          workSeconds.observe(workedMs / 1000);
        },
        retried: () => retries.inc(),
      },
      reconciled: (disposition, durationMs) => this.#reconciled(labels, disposition, durationMs),
      timedOut: () => this.#timeouts.inc(labels),
    };
  }

  #reconciled(labels: { readonly controller: string }, disposition: Disposition, durationMs: number): void {
    const { kind, error } = disposition;
    const result = error !== undefined ? 'error' : kind === 'later' ? 'requeue_after' : 'success';
    this.#reconciles.inc({ ...labels, result });
    this.#reconcileSeconds.observe(labels, durationMs / 1000);
    if (error === undefined) return;
    this.#errors.inc(labels);
    if (kind !== 'retry') this.#terminalErrors.inc(labels);
    if (isMistake(error)) this.#panics.inc(labels);
  }
}

/** Gauges of queues, read off when they are asked for. */
export function addQueueMetrics(
  registry: Registry,
  queues: readonly { readonly name: string; readonly queue: Pick<WorkQueue, 'depth' | 'activeSinceMs'> }[],
  nowMs: () => number,
): void {
  const gauge = (name: string, help: string, valueOf: (queue: (typeof queues)[number]['queue']) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['controller', 'name'],
      registers: [registry],
      collect() {
        for (const { name: controller, queue } of queues) this.set({ controller, name: controller }, valueOf(queue));
      },
    });
  };
  const activeSeconds = (queue: (typeof queues)[number]['queue']): readonly number[] =>
    queue.activeSinceMs().map((sinceMs) => (nowMs() - sinceMs) / 1000);
  gauge('workqueue_depth', 'Objects that wait for their turn', (queue) => queue.depth);
  gauge('workqueue_unfinished_work_seconds', 'Seconds spent so far on all objects being worked on', (queue) =>
    activeSeconds(queue).reduce((sum, seconds) => sum + seconds, 0),
  );
  gauge(
    'workqueue_longest_running_processor_seconds',
    'Seconds spent so far on the object worked on longest',
    (queue) => Math.max(0, ...activeSeconds(queue)),
  );
}

/** What Go would call a panic. A failed `fetch` is a TypeError, too, but one with a cause. */
function isMistake(error: unknown): boolean {
  if (!(error instanceof Error) || error.cause !== undefined) return false;
  return ['TypeError', 'ReferenceError', 'RangeError'].includes(error.name);
}
