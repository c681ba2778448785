import { configRefs } from '@trueup/core';
import { MCPToolConfig, toolReferenceWording } from '@trueup/mcp-tool-config';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

/**
 * Which tools of the backends are advertised, and how. A filter that is missing would show what it hides, so nothing is
 * rolled out without. A condition speaks of a config, however many backends it is for.
 */
export const toolConfigRefs = configRefs({
  from: VirtualMCPServer,
  to: MCPToolConfig,
  names: ({ spec }: StoredServer) => {
    const names = spec.config?.aggregation?.tools?.map(({ toolConfigRef }) => toolConfigRef?.name ?? '') ?? [];
    return Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, name]));
  },
  prefix: 'ToolConfigValidated-',
  wording: toolReferenceWording,
});
