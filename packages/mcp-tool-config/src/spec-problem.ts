import { firstSpecProblem } from '@trueup/core';
import type { z } from 'zod';
import { MCPToolConfig, type ToolOverride } from './resource.js';
import { sortedByTool } from './stable-order.js';

type Spec = z.input<typeof MCPToolConfig.definition.spec>;

/**
 * The first thing wrong with a spec, in words for its author; undefined when nothing is. Whether a server has the tools that
 * are named is not known here.
 *
 * @param spec - As stored: it may be older than a rule of the schema, and is not trusted to have the type it is given here.
 */
export function specProblem(spec: Spec): string | undefined {
  return firstSpecProblem(
    MCPToolConfig,
    spec,
    ({ toolsFilter, toolsOverride }) => filterProblem(toolsFilter) ?? overrideProblem(toolsOverride),
  );
}

function filterProblem(filter: Spec['toolsFilter'] = []): string | undefined {
  const empty = filter.indexOf('');
  if (empty >= 0) return `toolsFilter[${empty}]: must not be empty`;
  // The proxy takes the filter as one text.
  const broken = filter.findIndex((name) => /[,\r\n]/.test(name));
  if (broken < 0) return undefined;
  return `toolsFilter[${broken}]: ${JSON.stringify(filter[broken])} must not contain commas or newlines`;
}

/** In the order of the names, so that the message stays the same however the map is written. */
function overrideProblem(overrides: Spec['toolsOverride']): string | undefined {
  const entries = sortedByTool(overrides);
  const at = (tool: string) => `toolsOverride[${JSON.stringify(tool)}]`;
  if (entries.some(([tool]) => tool === '')) return 'toolsOverride: tool name must not be empty';
  const [idle] = entries.find(([, override]) => changesNothing(override)) ?? [];
  if (idle !== undefined) return `${at(idle)}: at least one of name, description or annotations must be set`;
  const toolsByName = new Map<string, string>();
  for (const [tool, { name }] of entries) {
    if (!name) continue;
    const other = toolsByName.get(name);
    if (other !== undefined) return `${at(tool)}: name ${JSON.stringify(name)} is already used by ${at(other)}`;
    toolsByName.set(name, tool);
  }
  return undefined;
}

function changesNothing({ name, description, annotations = {} }: ToolOverride): boolean {
  return !name && !description && Object.keys(annotations).length === 0;
}
