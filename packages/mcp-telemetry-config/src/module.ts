import { defineModule } from '@trueup/core';
import { MCPTelemetryConfigReconciler } from './reconciler.js';
import { MCPTelemetryConfig } from './resource.js';

/** The MCPTelemetryConfig kind and its behaviour. */
export const mcpTelemetryConfig = defineModule({
  name: '@trueup/mcp-telemetry-config',
  kinds: [MCPTelemetryConfig],
  reconcilers: [MCPTelemetryConfigReconciler],
});
