import type { DependencyContainer } from '@trueup/core';
import { registerAuthorizers } from '@trueup/mcp-authz-config';
import { WorkloadSettings } from './settings.js';

/**
 * Registers what reconcilers of workloads take: the settings of the environment and the authorizers, for a module. An
 * application may register its own over them.
 */
export function registerWorkloadServices(container: DependencyContainer): void {
  container.register(WorkloadSettings, { useFactory: () => WorkloadSettings.fromEnvironment(process.env) });
  registerAuthorizers(container);
}
