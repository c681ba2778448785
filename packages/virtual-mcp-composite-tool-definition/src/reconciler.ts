import { Condition, Reconciler, verdict, type Context, type Verdict } from '@trueup/core';
import { VirtualMCPCompositeToolDefinition } from './resource.js';
import type { CompositeToolProblem } from './validation/composite-tool-problem.js';
import { compositeToolProblems, problemText } from './validation/composite-tool-problems.js';

/**
 * Judges workflows and tells who refers to them. Deleting one is nobody's business here: the servers that still refer to it
 * say that it is missing.
 */
@Reconciler(VirtualMCPCompositeToolDefinition)
export class VirtualMCPCompositeToolDefinitionReconciler {
  @Condition('WorkflowValidated')
  workflowValidated(definition: VirtualMCPCompositeToolDefinition, ctx: Context): Verdict {
    const problems = problemsOf(definition, ctx);
    const [first] = problems;
    return first === undefined
      ? verdict.true('ValidationSuccess', 'Workflow definition is valid')
      : verdict.false(first.reason, problemText(problems));
  }

  @Condition('Ready')
  ready(definition: VirtualMCPCompositeToolDefinition, ctx: Context): Verdict {
    return problemsOf(definition, ctx).length === 0
      ? verdict.true('WorkflowReady', 'Workflow is ready to use')
      : verdict.false('WorkflowNotReady', 'Workflow is not ready: its definition is invalid');
  }

  status(definition: VirtualMCPCompositeToolDefinition, ctx: Context): Readonly<Record<string, unknown>> {
    const problems = problemsOf(definition, ctx);
    const servers = ctx.users().flatMap(({ kind, name }) => (kind === 'VirtualMCPServer' ? name : []));
    return {
      validationStatus: problems.length === 0 ? 'Valid' : 'Invalid',
      ...(problems.length > 0 && { validationErrors: [problemText(problems)] }),
      ...(servers.length > 0 && { referencingVirtualServers: servers }),
    };
  }
}

function problemsOf({ spec }: VirtualMCPCompositeToolDefinition, ctx: Context): readonly CompositeToolProblem[] {
  return ctx.once('problems', () => compositeToolProblems(spec, 'spec'));
}
