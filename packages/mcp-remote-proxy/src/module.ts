import { defineModule } from '@trueup/core';
import { registerWorkloadServices } from '@trueup/mcp-workload';
import { MCPRemoteProxyReconciler } from './reconciler.js';
import { MCPRemoteProxy } from './resource.js';

/** The MCPRemoteProxy kind and its behaviour. Register `WorkloadSettings` of your own to override the environment. */
export const mcpRemoteProxy = defineModule({
  name: '@trueup/mcp-remote-proxy',
  kinds: [MCPRemoteProxy],
  reconcilers: [MCPRemoteProxyReconciler],
  register: registerWorkloadServices,
});
