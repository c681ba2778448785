import { configRef } from '@trueup/core';
import { annotationsNotApplied, MCPToolConfig, toolReferenceWording } from '@trueup/mcp-tool-config';
import { MCPRemoteProxy } from '../resource.js';

/** Which tools of the remote server a proxy shows, and under which names. */
export const toolConfigRef = configRef({
  from: MCPRemoteProxy,
  to: MCPToolConfig,
  name: (proxy) => proxy.spec.toolConfigRef?.name,
  condition: 'ToolConfigValidated',
  hash: 'toolConfigHash',
  wording: toolReferenceWording,
  accepts: (config) => annotationsNotApplied(config, 'MCPRemoteProxy'),
});
