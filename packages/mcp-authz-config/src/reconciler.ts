import { Condition, SharedConfig, verdict, type Context, type Verdict } from '@trueup/core';
import { AuthorizerRegistry } from './authorizer-registry.js';
import { MCPAuthzConfig } from './resource.js';

/** Judges MCPAuthzConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPAuthzConfig, { finalizer: 'mcpauthzconfig.toolhive.stacklok.dev/finalizer' })
export class MCPAuthzConfigReconciler {
  constructor(private readonly authorizers: AuthorizerRegistry) {}

  @Condition('Valid')
  async valid({ spec }: MCPAuthzConfig, { signal }: Pick<Context, 'signal'>): Promise<Verdict> {
    const assessment = await this.authorizers.assess(spec, signal);
    if (!assessment.usable) return verdict.false('ConfigInvalid', assessment.problem);
    return verdict.true('ConfigValid', ['Spec validation passed', ...assessment.remarks].join('; '));
  }
}
