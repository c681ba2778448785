import { defineModule } from '@trueup/core';
import { VirtualMCPServerReconciler } from './reconciler.js';
import { VirtualMCPServer } from './resource.js';

/** The VirtualMCPServer kind and its behaviour. */
export const virtualMcpServer = defineModule({
  name: '@trueup/virtual-mcp-server',
  kinds: [VirtualMCPServer],
  reconcilers: [VirtualMCPServerReconciler],
});
