import { telemetryCaBundle } from './ca-bundle.js';
import { headerVariable } from './header-variable.js';
import type { MCPTelemetryConfig, OpenTelemetry } from './resource.js';
import { serviceNameOf, type TelemetryUser } from './telemetry-user.js';

/**
 * The section `telemetry_config` of a run configuration, and `telemetry` of a VirtualMCPServer's. Members are in the order
 * they are written in.
 */
export interface TelemetryConfigSection {
  endpoint?: string;
  serviceName: string;
  tracingEnabled: boolean;
  metricsEnabled: boolean;
  samplingRate?: string;
  headers?: Record<string, string>;
  /** Names of the variables that hold the values, by header. */
  sensitiveHeaders?: Record<string, string>;
  insecure?: true;
  enablePrometheusMetricsPath?: true;
  customAttributes?: Record<string, string>;
  useLegacyAttributes: boolean;
  caCertPath?: string;
}

/** What a proxy is told about telemetry. It is told even where nothing is enabled. */
export function telemetryConfigSection(config: MCPTelemetryConfig, user: TelemetryUser): TelemetryConfigSection {
  const { openTelemetry, prometheus } = config.spec;
  const otel = openTelemetry?.enabled ? openTelemetry : undefined;
  const headers = sortedMap(otel?.headers);
  const sensitiveHeaders = sortedMap(variablesOf(otel?.sensitiveHeaders));
  const customAttributes = sortedMap(otel?.resourceAttributes);
  const samplingRate = shortest(otel?.tracing?.samplingRate);
  const bundle = telemetryCaBundle(config);
  return {
    ...(otel?.endpoint && { endpoint: withoutScheme(otel.endpoint) }),
    serviceName: serviceNameOf(user),
    tracingEnabled: otel?.tracing?.enabled ?? false,
    metricsEnabled: otel?.metrics?.enabled ?? false,
    ...(samplingRate && { samplingRate }),
    ...(headers && { headers }),
    ...(sensitiveHeaders && { sensitiveHeaders }),
    ...(otel?.insecure && { insecure: true }),
    ...(prometheus?.enabled && { enablePrometheusMetricsPath: true }),
    ...(customAttributes && { customAttributes }),
    useLegacyAttributes: otel?.useLegacyAttributes ?? false,
    ...(bundle && { caCertPath: bundle.path }),
  };
}

function withoutScheme(endpoint: string): string {
  return endpoint.replace(/^https:\/\//, '').replace(/^http:\/\//, '');
}

function variablesOf(headers: OpenTelemetry['sensitiveHeaders'] = []): Record<string, string> {
  return Object.fromEntries(headers.map(({ name }) => [name, headerVariable(name)]));
}

/** In the order of the keys, since another order must not restart workloads; undefined when empty. */
function sortedMap(map: Readonly<Record<string, string>> = {}): Record<string, string> | undefined {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const DECIMAL = new Intl.NumberFormat('en', { maximumFractionDigits: 20, useGrouping: false });

/** A rate with no more digits than it needs; undefined for what is no number. */
function shortest(rate: string | undefined): string | undefined {
  const value = rate ? Number(rate) : Number.NaN;
  return Number.isNaN(value) ? undefined : DECIMAL.format(Math.min(1, Math.max(0, value)));
}
