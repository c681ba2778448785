import { defineModule } from '@trueup/core';
import { registerWorkloadServices } from '@trueup/mcp-workload';
import { MCPServerReconciler } from './reconciler.js';
import { MCPServer } from './resource.js';

/** The MCPServer kind and its behaviour. Register `WorkloadSettings` of your own to override the environment. */
export const mcpServer = defineModule({
  name: '@trueup/mcp-server',
  kinds: [MCPServer],
  reconcilers: [MCPServerReconciler],
  register: registerWorkloadServices,
});
