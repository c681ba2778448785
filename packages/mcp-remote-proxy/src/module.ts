import { defineModule } from '@trueup/core';
import { MCPRemoteProxyReconciler } from './reconciler.js';
import { MCPRemoteProxy } from './resource.js';

/** The MCPRemoteProxy kind and its behaviour. */
export const mcpRemoteProxy = defineModule({
  name: '@trueup/mcp-remote-proxy',
  kinds: [MCPRemoteProxy],
  reconcilers: [MCPRemoteProxyReconciler],
});
