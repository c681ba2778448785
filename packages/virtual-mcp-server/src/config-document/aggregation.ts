import { SpecError } from '@trueup/core';
import { completedSelection, type MCPToolConfig } from '@trueup/mcp-tool-config';
import { within } from '@trueup/mcp-workload';
import type { VirtualMCPServer } from '../resource.js';

const DEFAULT_PREFIX = '{workload}_';

/**
 * Section `aggregation`, with the tool configs that it refers to worked in.
 * @throws {@link SpecError} when one is missing: without its filter, tools would show that it hides.
 */
export function aggregationSection(
  { metadata, spec }: VirtualMCPServer,
  toolConfig: (name: string) => MCPToolConfig | undefined,
): unknown {
  const { conflictResolution, conflictResolutionConfig, tools = [], ...rest } = spec.config?.aggregation ?? {};
  const strategy = conflictResolution || 'prefix';
  const prefixFormat = conflictResolutionConfig?.prefixFormat || (strategy === 'prefix' ? DEFAULT_PREFIX : undefined);
  return within('failed to convert aggregation config: ', () => ({
    ...rest,
    conflictResolution: strategy,
    conflictResolutionConfig: { ...conflictResolutionConfig, prefixFormat },
    tools: tools.map((selection) => {
      const name = selection.toolConfigRef?.name;
      if (!name) return selection;
      const config = toolConfig(name);
      if (config === undefined) throw missing(name, metadata.namespace ?? '');
      return completedSelection(selection, config);
    }),
  }));
}

function missing(name: string, namespace: string): SpecError {
  const quoted = JSON.stringify(name);
  return new SpecError(
    `MCPToolConfig resolution failed for ${quoted}: failed to get MCPToolConfig ${namespace}/${name}: MCPToolConfig.toolhive.stacklok.dev ${quoted} not found`,
  );
}
