import type { Client, Verb } from '@trueup/kube';
import { Counter, Histogram, type Registry } from 'prom-client';

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

/** Requests of a client, under client-go's names. A watch counts once, with the time until it began. */
export function addClientMetrics(registry: Registry, client: Client): void {
  const { host } = new URL(client.connection.server);
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'HTTP requests, by status code, method and host',
    labelNames: ['code', 'host', 'method'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long HTTP requests take, by verb and host',
    labelNames: ['host', 'verb'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
    registers: [registry],
  });
  client.onRequest(({ verb, status, durationMs }) => {
    const method = METHODS[verb];
    // No answer: client-go says it so.
    requests.inc({ code: status === undefined ? '<error>' : String(status), host, method });
    seconds.observe({ host, verb: method }, durationMs / 1000);
  });
}
