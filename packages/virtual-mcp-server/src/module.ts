import { defineModule } from '@trueup/core';
import { registerAuthorizers } from '@trueup/mcp-authz-config';
import { WorkloadSettings } from '@trueup/mcp-workload';
import { VirtualMCPServerReconciler } from './reconciler.js';
import { VirtualMCPServer } from './resource.js';
import { VirtualServerSettings } from './settings.js';

/**
 * The VirtualMCPServer kind and its behaviour. Register {@link WorkloadSettings} or {@link VirtualServerSettings} of your own
 * to override the environment.
 */
export const virtualMcpServer = defineModule({
  name: '@trueup/virtual-mcp-server',
  kinds: [VirtualMCPServer],
  reconcilers: [VirtualMCPServerReconciler],
  register: (container) => {
    registerAuthorizers(container);
    container.register(WorkloadSettings, { useFactory: () => WorkloadSettings.fromEnvironment(process.env) });
    container.register(VirtualServerSettings, { useFactory: () => VirtualServerSettings.fromEnvironment(process.env) });
  },
});
