import type { EnvVar } from '@trueup/core';
import { workloadAuth, type MCPExternalAuthConfig, type OboHandler } from '@trueup/mcp-external-auth-config';
import { secretVariable } from '../proxy/proxy-environment.js';
import type {
  AwsStsSection,
  MiddlewareSection,
  RemoteAuthSection,
  TokenExchangeSection,
} from '../run-config/sections.js';

type Spec = MCPExternalAuthConfig['spec'];

/** How a proxy authenticates to the server behind it. */
export interface OutgoingAuth {
  readonly tokenExchange?: TokenExchangeSection;
  readonly remoteAuth?: RemoteAuthSection;
  readonly awsSts?: AwsStsSection;
  readonly middlewares?: readonly MiddlewareSection[];
  readonly env: readonly EnvVar[];
  /** What the Secrets behind `env` hold: begins messages about missing ones. */
  readonly secret: string;
}

/**
 * What a config brings into a proxy. Types that only a VirtualMCPServer can use, and the embedded authorization server,
 * which is for callers, bring nothing.
 *
 * @throws {@link EnterpriseRequiredError} for type `obo` without a handler.
 */
export function outgoingAuth(config: MCPExternalAuthConfig, obo: OboHandler): OutgoingAuth {
  const { type, bearerToken, awsSts } = config.spec;
  if (type === 'bearerToken' && bearerToken !== undefined) return withBearerToken(bearerToken);
  if (type === 'awsSts' && awsSts !== undefined) return { awsSts: awsStsSection(awsSts), env: [], secret: '' };
  return { ...workloadAuth(config, obo), secret: 'client secret' };
}

/** A token that is never cached has this expiry: the zero value of Go's time. */
const NEVER = '0001-01-01T00:00:00Z';

function withBearerToken({ tokenSecretRef }: NonNullable<Spec['bearerToken']>): OutgoingAuth {
  return {
    remoteAuth: {
      use_pkce: false,
      bearer_token: `${tokenSecretRef.name},target=bearer_token`,
      cached_token_expiry: NEVER,
      cached_secret_expiry: NEVER,
    },
    // The runner looks the Secret up by its name as it is, hyphens and all.
    env: [secretVariable(`TOOLHIVE_SECRET_${tokenSecretRef.name}`, tokenSecretRef)],
    secret: 'bearer token secret',
  };
}

function awsStsSection(sts: NonNullable<Spec['awsSts']>): AwsStsSection {
  const { fallbackRoleArn, roleMappings = [], roleClaim, sessionDuration, sessionNameClaim } = sts;
  return {
    region: sts.region,
    service: sts.service,
    ...(fallbackRoleArn && { fallback_role_arn: fallbackRoleArn }),
    ...(roleMappings.length > 0 && {
      role_mappings: roleMappings.map(({ claim, matcher, roleArn, priority }) => ({
        ...(claim && { claim }),
        ...(matcher && { matcher }),
        role_arn: roleArn,
        ...(priority !== undefined && { priority }),
      })),
    }),
    ...(roleClaim && { role_claim: roleClaim }),
    ...(sessionDuration && { session_duration: sessionDuration }),
    ...(sessionNameClaim && { session_name_claim: sessionNameClaim }),
  };
}
