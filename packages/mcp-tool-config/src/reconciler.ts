import { Condition, SharedConfig, verdict, type Verdict } from '@trueup/core';
import { MCPToolConfig } from './resource.js';
import { specProblem } from './spec-problem.js';
import { sortedFilter } from './stable-order.js';

/** Judges MCPToolConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPToolConfig, {
  finalizer: 'toolhive.stacklok.dev/toolconfig-finalizer',
  hashed: (spec) => (spec.toolsFilter === undefined ? spec : { ...spec, toolsFilter: sortedFilter(spec) }),
})
export class MCPToolConfigReconciler {
  @Condition('Valid')
  valid({ spec }: MCPToolConfig): Verdict {
    const problem = specProblem(spec);
    return problem === undefined
      ? verdict.true('ValidationSucceeded', 'Spec validation passed')
      : verdict.false('ValidationFailed', problem);
  }
}
