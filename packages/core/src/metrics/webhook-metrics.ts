import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WebhookObserver } from '../webhooks/webhook-observer.js';

/** The answers of a webhook that is well and of one that fails: what alerts compare. */
const CODES = ['200', '500'];

/**
 * Reviews that webhooks answer, by path, under the names of controller-runtime.
 *
 * @see {@link https://github.com/kubernetes-sigs/controller-runtime/blob/v0.22.4/pkg/webhook/internal/metrics/metrics.go | its webhook metrics}
 */
export class WebhookMetrics implements WebhookObserver {
  readonly #requests;
  readonly #seconds;
  readonly #inFlight;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'controller_runtime_webhook_requests_total',
      help: 'Reviews that webhooks answered, by HTTP status code',
      labelNames: ['webhook', 'code'] as const,
      registers,
    });
    this.#seconds = new Histogram({
      name: 'controller_runtime_webhook_latency_seconds',
      help: 'How long webhooks take to answer a review',
      labelNames: ['webhook'] as const,
      registers,
    });
    this.#inFlight = new Gauge({
      name: 'controller_runtime_webhook_requests_in_flight',
      help: 'Reviews that webhooks are answering now',
      labelNames: ['webhook'] as const,
      registers,
    });
  }

  serves(webhook: string): void {
    for (const code of CODES) this.#requests.inc({ webhook, code }, 0);
    this.#inFlight.set({ webhook }, 0);
  }

  began(webhook: string): (status: number) => void {
    this.#inFlight.inc({ webhook });
    const observe = this.#seconds.startTimer({ webhook });
    return (status) => {
      observe();
      this.#inFlight.dec({ webhook });
      this.#requests.inc({ webhook, code: String(status) });
    };
  }
}
