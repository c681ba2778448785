import { defineModule } from '@trueup/core';
import { VirtualMCPCompositeToolDefinitionReconciler } from './reconciler.js';
import { VirtualMCPCompositeToolDefinition } from './resource.js';

/** The VirtualMCPCompositeToolDefinition kind and its behaviour. */
export const virtualMcpCompositeToolDefinition = defineModule({
  name: '@trueup/virtual-mcp-composite-tool-definition',
  kinds: [VirtualMCPCompositeToolDefinition],
  reconcilers: [VirtualMCPCompositeToolDefinitionReconciler],
});
