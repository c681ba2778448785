import { defineModule } from '@trueup/core';
import { MCPToolConfigReconciler } from './reconciler.js';
import { MCPToolConfig } from './resource.js';

/** The MCPToolConfig kind and its behaviour. */
export const mcpToolConfig = defineModule({
  name: '@trueup/mcp-tool-config',
  kinds: [MCPToolConfig],
  reconcilers: [MCPToolConfigReconciler],
});
