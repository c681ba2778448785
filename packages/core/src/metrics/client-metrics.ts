import type { Client, PluginRun, Verb } from '@trueup/kube';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

// Buckets, too, are client-go's, so that its dashboards and alerts fit.
const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const BYTES = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];
const CERTIFICATE_AGES = [600, 1800, 3600, 14400, 86400, 604800, 2592000, 7776000, 15552000, 31104000, 124416000];

/**
 * Requests of a client, under client-go's names. A watch counts once, with the time until it began.
 *
 * @see {@link https://github.com/kubernetes/component-base/blob/v0.34.1/metrics/prometheus/restclient/metrics.go | component-base}
 */
export function addClientMetrics(registry: Registry, client: Client, nowMs: () => number): void {
  const registers = [registry];
  const { host } = new URL(client.connection.server);
  const byVerb = { labelNames: ['host', 'verb'] as const, registers };
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'HTTP requests, by status code, method and host',
    labelNames: ['code', 'host', 'method'],
    registers,
  });
  const retries = new Counter({
    name: 'rest_client_request_retries_total',
    help: 'HTTP requests that were followed by another attempt, by status code, verb and host',
    labelNames: ['code', 'host', 'verb'],
    registers,
  });
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long HTTP requests take, by verb and host',
    buckets: SECONDS,
    ...byVerb,
  });
  const heldBackSeconds = new Histogram({
    name: 'rest_client_rate_limiter_duration_seconds',
    help: 'How long HTTP requests were held back before they were sent, by verb and host',
    buckets: SECONDS,
    ...byVerb,
  });
  const requestBytes = new Histogram({
    name: 'rest_client_request_size_bytes',
    help: 'Bodies of HTTP requests, by verb and host',
    buckets: BYTES,
    ...byVerb,
  });
  const responseBytes = new Histogram({
    name: 'rest_client_response_size_bytes',
    help: 'Bodies of answers, by verb and host',
    buckets: BYTES,
    ...byVerb,
  });
  client.onRequest((record) => {
    const verb = METHODS[record.verb];
    // No answer: client-go says it so.
    const code = record.status === undefined ? '<error>' : String(record.status);
    requests.inc({ code, host, method: verb });
    if (record.isRetried) retries.inc({ code, host, verb });
    seconds.observe({ host, verb }, record.durationMs / 1000);
    heldBackSeconds.observe({ host, verb }, record.heldBackMs / 1000);
    requestBytes.observe({ host, verb }, record.requestBytes);
    if (record.responseBytes !== undefined) responseBytes.observe({ host, verb }, record.responseBytes);
  });
  new Gauge({
    name: 'trueup_client_requests',
    help: 'HTTP requests, watches aside: under way, waiting, and how many are allowed at once, fewer after a 429',
    labelNames: ['host', 'state'],
    registers,
    collect() {
      const { underWay, waiting, limit } = client.concurrency;
      this.set({ host, state: 'under way' }, underWay);
      this.set({ host, state: 'waiting' }, waiting);
      this.set({ host, state: 'allowed' }, limit);
    },
  });
  if (client.connection.credentials.onPluginRun !== undefined) addPluginMetrics(registry, client, nowMs);
}

/** Runs of the plugin that credentials come from. */
function addPluginMetrics(registry: Registry, { connection }: Client, nowMs: () => number): void {
  const registers = [registry];
  let certificate: PluginRun['certificate'];
  const calls = new Counter({
    name: 'rest_client_exec_plugin_call_total',
    help: 'Runs of the credential plugin, by exit code and how they ended',
    labelNames: ['code', 'call_status'],
    registers,
  });
  const ages = new Histogram({
    name: 'rest_client_exec_plugin_certificate_rotation_age',
    help: 'How old client certificates of the plugin were when others took their place, in seconds',
    buckets: CERTIFICATE_AGES,
    registers,
  });
  new Gauge({
    name: 'rest_client_exec_plugin_ttl_seconds',
    help: 'How long the client certificate of the plugin is good for; +Inf without one',
    registers,
    collect() {
      this.set(certificate === undefined ? Infinity : (certificate.untilMs - nowMs()) / 1000);
    },
  });
  connection.credentials.onPluginRun?.((run) => {
    calls.inc({ code: String(run.exitCode), call_status: run.outcome });
    if (run.certificate === undefined) return;
    if (certificate !== undefined) ages.observe((nowMs() - certificate.fromMs) / 1000);
    certificate = run.certificate;
  });
}
