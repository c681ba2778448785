import type { MCPToolConfig, ToolOverride } from './resource.js';
import { sortedByTool, sortedFilter } from './stable-order.js';

/** What a VirtualMCPServer says about the tools of one of its workloads. */
export interface ToolSelection {
  readonly filter?: readonly string[] | undefined;
  readonly overrides?: Readonly<Record<string, ToolOverride>> | undefined;
}

/**
 * A selection with a config's filter where it has none itself, and the config's override of every tool it does not override
 * itself. The two overrides of one tool are not mixed. Empty is absent.
 */
export function completedSelection<T extends object>(
  selection: T & ToolSelection,
  { spec }: MCPToolConfig,
): Omit<T, keyof ToolSelection> & { filter?: string[]; overrides?: Record<string, ToolOverride> } {
  const { filter: own = [], overrides: ownOverrides, ...rest } = selection;
  const filter = own.length > 0 ? [...own] : sortedFilter(spec);
  const overrides = sortedByTool({ ...spec.toolsOverride, ...ownOverrides });
  return {
    ...rest,
    ...(filter.length > 0 && { filter }),
    ...(overrides.length > 0 && { overrides: Object.fromEntries(overrides) }),
  };
}
