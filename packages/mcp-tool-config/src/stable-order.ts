import type { MCPToolConfig, ToolOverride } from './resource.js';

/*
 * Neither the filter nor the overrides have an order that means anything, so what is made of them has always the same one:
 * writing them in another must not restart workloads.
 */

export function sortedFilter({ toolsFilter = [] }: MCPToolConfig['spec']): string[] {
  return [...toolsFilter].sort();
}

export function sortedByTool(overrides: Readonly<Record<string, ToolOverride>> = {}): [string, ToolOverride][] {
  return Object.entries(overrides).sort(([a], [b]) => (a < b ? -1 : 1));
}
