import { Condition, SharedConfig, verdict, type Verdict } from '@trueup/core';
import { MCPOIDCConfig } from './resource.js';
import { specProblem } from './spec-problem.js';

/** Judges MCPOIDCConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPOIDCConfig, { finalizer: 'mcpoidcconfig.toolhive.stacklok.dev/finalizer' })
export class MCPOIDCConfigReconciler {
  @Condition('Valid')
  valid({ spec }: MCPOIDCConfig): Verdict {
    const problem = specProblem(spec);
    if (problem !== undefined) return verdict.false('ConfigInvalid', problem);
    const { serviceAccount, namespace } = spec.kubernetesServiceAccount ?? {};
    // Both read like a restriction, and somebody may rely on it.
    const caveat = serviceAccount || namespace ? '; serviceAccount and namespace do not restrict access' : '';
    return verdict.true('ConfigValid', `Spec validation passed${caveat}`);
  }
}
