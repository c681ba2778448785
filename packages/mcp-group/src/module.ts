import { defineModule } from '@trueup/core';
import { MCPGroupReconciler } from './reconciler.js';
import { MCPGroup } from './resource.js';

/** The MCPGroup kind and its behaviour. */
export const mcpGroup = defineModule({
  name: '@trueup/mcp-group',
  kinds: [MCPGroup],
  reconcilers: [MCPGroupReconciler],
});
