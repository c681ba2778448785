import { verdict, type StatedVerdict } from '@trueup/core';
import type { MCPToolConfig, ToolOverride } from './resource.js';
import { sortedByTool, sortedFilter } from './stable-order.js';

/** What a config brings into the run configuration of a proxy. */
export interface WorkloadTools {
  /** `tools_filter`; absent: all tools. */
  readonly filter?: string[];
  /** `tools_override`, by the actual names of the tools; absent: none. */
  readonly override?: Record<string, { name?: string; description?: string }>;
}

/**
 * The tools of a proxy. A proxy knows names and descriptions only; an override with annotations alone is left out, since it
 * would not start with it.
 */
export function workloadTools({ spec }: MCPToolConfig): WorkloadTools {
  const filter = sortedFilter(spec);
  const override = sortedByTool(spec.toolsOverride).flatMap(([tool, { name, description }]) =>
    name || description ? [[tool, { ...(name && { name }), ...(description && { description }) }] as const] : [],
  );
  return {
    ...(filter.length > 0 && { filter }),
    ...(override.length > 0 && { override: Object.fromEntries(override) }),
  };
}

/**
 * Says so where a config has annotations: for the `accepts` of a reference from a workload whose proxy cannot apply them.
 * @param workload - The kind of the workload.
 */
export function annotationsNotApplied({ metadata, spec }: MCPToolConfig, workload: string): StatedVerdict | undefined {
  if (!Object.values(spec.toolsOverride ?? {}).some(hasAnnotations)) return undefined;
  return verdict.true(
    'ToolConfigValid',
    `MCPToolConfig '${metadata.name}' is valid; annotations are not applied by ${workload}`,
  );
}

const hasAnnotations = ({ annotations = {} }: ToolOverride) => Object.keys(annotations).length > 0;
