import { telemetryConfigSection, type MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { sessionRedis, type DefaultRedis } from '@trueup/mcp-workload';
import type { VirtualMCPServer } from '../resource.js';
import { operational } from './format/operation.js';

/** Section `operational`, with defaults where nothing is said or zero. */
export function operationalSection({ spec }: VirtualMCPServer): unknown {
  const given = operational.read(spec.config?.operational, 'spec.config.operational');
  return {
    ...given,
    timeouts: { default: '30s', ...given?.timeouts },
    failureHandling: {
      healthCheckInterval: '30s',
      unhealthyThreshold: 3,
      statusReportingInterval: '30s',
      partialFailureMode: 'fail',
      ...given?.failureHandling,
      circuitBreaker: { failureThreshold: 5, timeout: '1m0s', ...given?.failureHandling?.circuitBreaker },
    },
  };
}

/** Section `telemetry`; the values of sensitive headers come in the environment, where the process looks for them. */
export function telemetrySection(
  { metadata, spec }: VirtualMCPServer,
  config: MCPTelemetryConfig | undefined,
): unknown {
  if (spec.telemetryConfigRef === undefined || config === undefined) return undefined;
  const { name, namespace = '' } = metadata;
  const { serviceName } = spec.telemetryConfigRef;
  return telemetryConfigSection(config, { name, namespace, serviceName });
}

/** Section `audit`. The process audits where it is there, so it is not where auditing is off. */
export function auditSection({ metadata, spec }: VirtualMCPServer): unknown {
  const { audit } = spec.config ?? {};
  return audit?.enabled ? { ...audit, component: audit.component || metadata.name } : undefined;
}

/**
 * Section `optimizer`.
 * @param embeddingService - Where the EmbeddingServer is that the spec names.
 */
export function optimizerSection({ spec }: VirtualMCPServer, embeddingService: string | undefined): unknown {
  const { optimizer } = spec.config ?? {};
  return spec.embeddingServerRef === undefined ? optimizer : { ...optimizer, embeddingService };
}

/**
 * Section `sessionStorage`; absent: in memory.
 * @throws {@link SpecError} for Redis without an address.
 */
export function sessionStorageSection({ spec }: VirtualMCPServer, fallback: DefaultRedis | undefined): unknown {
  const redis = sessionRedis(spec.sessionStorage, fallback);
  return redis && { ...redis, provider: 'redis' };
}
