import { verdict, type Context, type StatedVerdict } from '@trueup/core';
import { compositeToolProblem, VirtualMCPCompositeToolDefinition } from '@trueup/virtual-mcp-composite-tool-definition';
import { compositeToolNames } from '../references/composite-tool-refs.js';
import type { StoredServer } from '../stored-server.js';

/**
 * The condition `CompositeToolRefsValidated`: the first definition that cannot be offered, in the order of the references.
 * Definitions are judged here and now; their own status may lag behind.
 */
export function compositeToolRefsValidated(server: StoredServer, ctx: Pick<Context, 'get'>): StatedVerdict {
  const refs = compositeToolNames(server);
  const taken = new Set((server.spec.config?.compositeTools ?? []).map(({ name }) => name));
  for (const ref of refs) {
    const definition = ctx.get(VirtualMCPCompositeToolDefinition, ref);
    if (definition === undefined) {
      return verdict.false('CompositeToolRefNotFound', `Referenced VirtualMCPCompositeToolDefinition ${ref} not found`);
    }
    const { spec } = definition;
    const problem =
      compositeToolProblem(spec, 'spec') ??
      (taken.has(spec.name) ? `duplicate composite tool name: ${JSON.stringify(spec.name)}` : undefined);
    if (problem !== undefined) {
      const message = `Referenced VirtualMCPCompositeToolDefinition ${ref} is invalid: ${problem}`;
      return verdict.false('CompositeToolRefInvalid', message);
    }
    taken.add(spec.name);
  }
  return verdict.true(
    'CompositeToolRefsValid',
    refs.length === 0
      ? 'No composite tool references to validate'
      : `All ${refs.length} composite tool references are valid`,
  );
}
