import { defineModule } from '@trueup/core';
import { registerWorkloadServices } from '@trueup/mcp-workload';
import { VirtualMCPServerReconciler } from './reconciler.js';
import { VirtualMCPServer } from './resource.js';
import { VirtualServerSettings } from './settings.js';

/**
 * The VirtualMCPServer kind and its behaviour. Register `WorkloadSettings` or {@link VirtualServerSettings} of your own to
 * override the environment.
 */
export const virtualMcpServer = defineModule({
  name: '@trueup/virtual-mcp-server',
  kinds: [VirtualMCPServer],
  reconcilers: [VirtualMCPServerReconciler],
  register: (container) => {
    registerWorkloadServices(container);
    container.register(VirtualServerSettings, { useFactory: () => VirtualServerSettings.fromEnvironment(process.env) });
  },
});
