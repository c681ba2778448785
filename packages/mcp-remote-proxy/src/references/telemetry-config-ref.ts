import { configRef } from '@trueup/core';
import { MCPTelemetryConfig, telemetryReferenceWording } from '@trueup/mcp-telemetry-config';
import { MCPRemoteProxy } from '../resource.js';

/** Where a proxy sends its traces and metrics. */
export const telemetryConfigRef = configRef({
  from: MCPRemoteProxy,
  to: MCPTelemetryConfig,
  name: (proxy) => proxy.spec.telemetryConfigRef?.name,
  condition: 'TelemetryConfigRefValidated',
  hash: 'telemetryConfigHash',
  wording: telemetryReferenceWording,
});
