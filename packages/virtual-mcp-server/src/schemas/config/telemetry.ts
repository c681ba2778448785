import { z } from 'zod';

const texts = z.record(z.string(), z.string());

/** Traces and metrics of a server that runs without an operator. */
export const telemetry = z.object({
  endpoint: z.string().optional().describe('OTLP collector, host:port.'),
  serviceName: z.string().optional().describe('Name of the service in traces and metrics.'),
  serviceVersion: z.string().optional().describe('Version of the service in traces and metrics.'),
  tracingEnabled: z.boolean().default(false).describe('Sends traces.'),
  metricsEnabled: z.boolean().default(false).describe('Sends metrics.'),
  samplingRate: z.string().default('0.05').describe('Share of requests that are traced, from 0 to 1.'),
  headers: texts.optional().describe('Headers of requests to the collector; not for credentials.'),
  insecure: z.boolean().default(false).describe('Reaches the collector without TLS.'),
  enablePrometheusMetricsPath: z.boolean().default(false).describe('Serves metrics for Prometheus at /metrics.'),
  prometheusPort: z.int().optional().describe('Port for that.'),
  metricsOnTransportPort: z.boolean().optional().describe('Serves them on the port of the server itself.'),
  environmentVariables: z.array(z.string()).optional().describe('Environment variables to note in traces.'),
  customAttributes: texts.optional().describe('Attributes of every trace and metric.'),
  useLegacyAttributes: z.boolean().default(true).describe('Writes attributes under their former names, too.'),
  caCertPath: z.string().optional().describe('File with the certificates to trust for the collector.'),
});
