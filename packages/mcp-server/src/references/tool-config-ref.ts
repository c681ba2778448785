import { configRef } from '@trueup/core';
import { annotationsNotApplied, MCPToolConfig, toolReferenceWording } from '@trueup/mcp-tool-config';
import { MCPServer } from '../resource.js';

/** Which tools of a server its proxy shows, and under which names. */
export const toolConfigRef = configRef({
  from: MCPServer,
  to: MCPToolConfig,
  name: (server) => server.spec.toolConfigRef?.name,
  condition: 'ToolConfigValidated',
  hash: 'toolConfigHash',
  wording: toolReferenceWording,
  accepts: (config) => annotationsNotApplied(config, 'MCPServer'),
});
