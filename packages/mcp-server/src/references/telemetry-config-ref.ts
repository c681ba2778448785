import { configRef } from '@trueup/core';
import { MCPTelemetryConfig, telemetryReferenceWording } from '@trueup/mcp-telemetry-config';
import { MCPServer } from '../resource.js';

/** Where the proxy of a server sends its traces and metrics. */
export const telemetryConfigRef = configRef({
  from: MCPServer,
  to: MCPTelemetryConfig,
  name: (server) => server.spec.telemetryConfigRef?.name,
  condition: 'TelemetryConfigRefValidated',
  hash: 'telemetryConfigHash',
  wording: telemetryReferenceWording,
});
