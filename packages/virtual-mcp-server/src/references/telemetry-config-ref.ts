import { configRef } from '@trueup/core';
import { MCPTelemetryConfig, telemetryReferenceWording } from '@trueup/mcp-telemetry-config';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

/** Where traces and metrics go. */
export const telemetryConfigRef = configRef({
  from: VirtualMCPServer,
  to: MCPTelemetryConfig,
  name: ({ spec }: StoredServer) => spec.telemetryConfigRef?.name,
  condition: 'TelemetryConfigRefValidated',
  hash: 'telemetryConfigHash',
  wording: telemetryReferenceWording,
});
