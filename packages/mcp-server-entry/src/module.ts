import { defineModule } from '@trueup/core';
import { MCPServerEntryReconciler } from './reconciler.js';
import { MCPServerEntry } from './resource.js';

/** The MCPServerEntry kind and its behaviour. */
export const mcpServerEntry = defineModule({
  name: '@trueup/mcp-server-entry',
  kinds: [MCPServerEntry],
  reconcilers: [MCPServerEntryReconciler],
});
