import { Condition, SharedConfig, verdict, type Verdict } from '@trueup/core';
import { identitySynthesized } from './identity-synthesized.js';
import { causedBy, OboHandler } from './obo-handler.js';
import { MCPExternalAuthConfig } from './resource.js';
import { specProblem } from './validation/spec-problem.js';
import type { Stored } from './validation/stored.js';

/** Judges MCPExternalAuthConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPExternalAuthConfig)
export class MCPExternalAuthConfigReconciler {
  constructor(private readonly obo: OboHandler) {}

  @Condition('IdentitySynthesized')
  identitySynthesized({ spec }: Stored<MCPExternalAuthConfig>): Verdict {
    if (spec?.type !== 'embeddedAuthServer') return verdict.absent;
    return identitySynthesized(spec.embeddedAuthServer?.upstreamProviders ?? []);
  }

  @Condition('Valid')
  async valid(config: MCPExternalAuthConfig): Promise<Verdict> {
    const problem = specProblem(config.spec);
    if (problem !== undefined) return verdict.false('ValidationFailed', problem);
    if (config.spec.type === 'obo') return this.#judgedByHandler(config);
    return VALID;
  }

  async #judgedByHandler(config: MCPExternalAuthConfig): Promise<Verdict> {
    try {
      await this.obo.validate(config);
      return VALID;
    } catch (error) {
      const enterprise = causedBy(error, 'ERR_OBO_ENTERPRISE_REQUIRED');
      if (enterprise !== undefined) return verdict.false('EnterpriseRequired', enterprise.message);
      const invalid = causedBy(error, 'ERR_OBO_CONFIG_INVALID');
      if (invalid !== undefined) return verdict.false('InvalidConfig', invalid.message);
      throw new Error(`OBO handler validation failed: ${String(error)}`, { cause: error });
    }
  }
}

const VALID = verdict.true('ValidationSucceeded', 'Spec validation passed');
