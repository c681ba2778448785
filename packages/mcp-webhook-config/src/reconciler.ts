import { Condition, SharedConfig, verdict, type Verdict } from '@trueup/core';
import { MCPWebhookConfig } from './resource.js';
import { specProblem } from './spec-problem.js';
import type { StoredSpec } from './stored.js';

/** Judges MCPWebhookConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPWebhookConfig, { finalizer: 'mcpwebhookconfig.toolhive.stacklok.dev/finalizer' })
export class MCPWebhookConfigReconciler {
  @Condition('Valid')
  valid({ spec }: { readonly spec: StoredSpec }): Verdict {
    const problem = specProblem(spec);
    return problem === undefined
      ? verdict.true('ValidationSucceeded', 'Spec validation passed')
      : verdict.false('ValidationFailed', problem);
  }
}
