import { Condition, SharedConfig, verdict, type Verdict } from '@trueup/core';
import { MCPTelemetryConfig } from './resource.js';
import { specProblem } from './spec-problem.js';

/** Judges MCPTelemetryConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPTelemetryConfig, { finalizer: 'mcptelemetryconfig.toolhive.stacklok.dev/finalizer' })
export class MCPTelemetryConfigReconciler {
  @Condition('Valid')
  valid({ spec }: MCPTelemetryConfig): Verdict {
    const problem = specProblem(spec);
    return problem === undefined
      ? verdict.true('ValidationSucceeded', 'Spec validation passed')
      : verdict.false('ValidationFailed', problem);
  }
}
