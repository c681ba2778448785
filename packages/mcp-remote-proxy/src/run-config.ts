import { SpecError } from '@trueup/core';
import {
  buildRunConfig,
  headerForwardSection,
  proxiedRunConfigParts,
  remoteRunConfigProblem,
  scalingSection,
  within,
  type RunConfig,
  type RunConfigSources,
} from '@trueup/mcp-workload';
import type { MCPRemoteProxy } from './resource.js';

/**
 * The run configuration of a proxy.
 * @throws {@link SpecError} for a spec that no configuration can be made of.
 */
export function proxyRunConfig(proxy: MCPRemoteProxy, sources: RunConfigSources): RunConfig {
  const { metadata, spec } = proxy;
  const config = within('failed to create RunConfig from MCPRemoteProxy: ', () =>
    buildRunConfig({
      ...proxiedRunConfigParts(proxy, sources),
      transport: spec.transport,
      backend: {
        kind: 'remote',
        url: spec.remoteUrl,
        headerForward: spec.headerForward && headerForwardSection(spec.headerForward, metadata.name),
      },
      scaling: scalingSection(sources.redis),
    }),
  );
  const problem = remoteRunConfigProblem(config);
  if (problem !== undefined) throw new SpecError(`invalid RunConfig: ${problem}`);
  return config;
}
