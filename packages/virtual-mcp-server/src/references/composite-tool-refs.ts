import { configRefs } from '@trueup/core';
import { VirtualMCPCompositeToolDefinition } from '@trueup/virtual-mcp-composite-tool-definition';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

/** Workflows kept in objects of their own. One condition speaks of all of them: see `composite-tools.ts`. */
export const compositeToolRefs = configRefs({
  from: VirtualMCPServer,
  to: VirtualMCPCompositeToolDefinition,
  names: (server: StoredServer) => Object.fromEntries(compositeToolNames(server).map((name) => [name, name])),
  prefix: 'CompositeToolRefValidated-',
  judgement: 'WorkflowValidated',
  silent: true,
});

/** The definitions a server names, in its order. */
export function compositeToolNames({ spec }: StoredServer): readonly string[] {
  return (spec.config?.compositeToolRefs ?? []).flatMap(({ name }) => (name ? [name] : []));
}
