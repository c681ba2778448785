import { SpecError } from '@trueup/core';
import { within } from '@trueup/mcp-workload';
import type { VirtualMCPServer } from '../resource.js';
import type { ValueOf } from './format/shape.js';
import { compositeTool } from './format/tools.js';

type CompositeTool = ValueOf<typeof compositeTool>;

/**
 * Section `compositeTools`: those of the spec, then those it refers to.
 *
 * @param definition - The spec of the definition of this name.
 * @throws {@link SpecError} when one is missing, or two tools have one name.
 */
export function compositeToolsSection(
  { metadata, spec }: VirtualMCPServer,
  definition: (name: string) => object | undefined,
): readonly CompositeTool[] {
  return within('failed to convert composite tools: ', () => {
    const inline = (spec.config?.compositeTools ?? []).map((tool, index) =>
      compositeTool.read(tool, `spec.config.compositeTools[${index}]`),
    );
    const referenced = (spec.config?.compositeToolRefs ?? []).map(({ name = '' }) => {
      const tool = definition(name);
      if (tool === undefined) throw missing(name, metadata.namespace ?? '');
      return compositeTool.read(tool, `VirtualMCPCompositeToolDefinition ${name}: spec`);
    });
    const tools = [...inline, ...referenced].flatMap((tool) => tool ?? []);
    requireDistinctNames(tools);
    return tools.map(withInnerIds);
  });
}

function requireDistinctNames(tools: readonly CompositeTool[]): void {
  const taken = new Set<string>();
  for (const { name } of tools) {
    if (taken.has(name)) {
      throw new SpecError(`invalid composite tools: duplicate composite tool name: ${JSON.stringify(name)}`, {
        condition: { type: 'CompositeToolRefsValidated', reason: 'CompositeToolRefInvalid' },
      });
    }
    taken.add(name);
  }
}

/** A step that is repeated is known by an id of its own, which the schema cannot ask for. */
function withInnerIds(tool: CompositeTool): CompositeTool {
  return {
    ...tool,
    steps: tool.steps.map((step) =>
      step.step === undefined || step.step.id !== ''
        ? step
        : { ...step, step: { ...step.step, id: `${step.id}-item` } },
    ),
  };
}

function missing(name: string, namespace: string): SpecError {
  const quoted = JSON.stringify(name);
  return new SpecError(
    `failed to resolve composite tool references: referenced VirtualMCPCompositeToolDefinition ${quoted} not found in namespace ${JSON.stringify(namespace)}: VirtualMCPCompositeToolDefinition.toolhive.stacklok.dev ${quoted} not found`,
  );
}
