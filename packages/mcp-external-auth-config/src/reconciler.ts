import { Condition, mistypedField, SharedConfig, verdict, type Context, type Verdict, type Stored } from '@trueup/core';
import { identitySynthesizedVerdict, type EmbeddedAuthServer } from '@trueup/mcp-auth-server';
import { baselineScopesValid } from './baseline-scopes-valid.js';
import { causedBy, OboHandler } from './obo-handler.js';
import { MCPExternalAuthConfig } from './resource.js';
import { specProblem } from './validation/spec-problem.js';

type StoredConfig = Stored<Pick<MCPExternalAuthConfig, 'spec'>>;

/** Judges MCPExternalAuthConfigs; hash, finalizer, referencing workloads and events come with the pattern. */
@SharedConfig(MCPExternalAuthConfig)
export class MCPExternalAuthConfigReconciler {
  constructor(private readonly obo: OboHandler) {}

  @Condition('IdentitySynthesized')
  identitySynthesized(config: StoredConfig): Verdict {
    return identitySynthesizedVerdict(embeddedServer(config));
  }

  @Condition('BaselineScopesValid')
  baselineScopesValid(config: StoredConfig, ctx: Pick<Context, 'users'>): Verdict {
    return baselineScopesValid(embeddedServer(config), ctx.users());
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

/** The embedded authorization server there is something to say about; of one that is no such structure only `Valid` speaks. */
function embeddedServer({ spec }: StoredConfig): Stored<EmbeddedAuthServer> | undefined {
  const isReadable = spec?.type === 'embeddedAuthServer' && mistypedField(MCPExternalAuthConfig, spec) === undefined;
  return isReadable ? spec.embeddedAuthServer : undefined;
}
