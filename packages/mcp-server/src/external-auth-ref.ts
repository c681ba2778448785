import { configRef, verdict, type ResolvedReference, type StatedVerdict } from '@trueup/core';
import { formatName } from '@trueup/kube';
import { isForVirtualServerOnly, MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPServer } from './resource.js';

/** How the proxy of a server authenticates to its backend. */
export const externalAuthRef = configRef({
  from: MCPServer,
  to: MCPExternalAuthConfig,
  name: (server) => server.spec.externalAuthConfigRef?.name,
  condition: 'ExternalAuthConfigValidated',
  hash: 'externalAuthConfigHash',
  fallbackReason: 'InvalidExternalAuthConfig',
  accepts: (config, server): StatedVerdict | undefined => {
    const refusal = refusalOf(config, server);
    if (refusal !== undefined) return verdict.false(refusal.reason, refusal.message);
    if (!isForVirtualServerOnly(config)) return undefined;
    return verdict.true(
      'ExternalAuthConfigNotApplied',
      `${quoted(config)} has type ${config.spec.type}, which only takes effect through a VirtualMCPServer`,
    );
  },
});

interface Refusal {
  readonly reason: string;
  readonly message: string;
  /** What the summary of the server says, where that is more than the condition's message. */
  readonly summary?: string;
}

/** Why a valid config cannot serve an MCPServer. */
function refusalOf(config: MCPExternalAuthConfig, server: MCPServer): Refusal | undefined {
  const { type } = config.spec;
  if (type === 'bearerToken' || type === 'awsSts') {
    return {
      reason: 'UnsupportedType',
      message: `${quoted(config)} has type ${type}, which MCPServer does not support`,
    };
  }
  if (type !== 'embeddedAuthServer') return undefined;
  const upstreams = config.spec.embeddedAuthServer?.upstreamProviders.length ?? 0;
  if (upstreams > 1) {
    return {
      reason: 'MultiUpstreamNotSupported',
      message: `MCPServer supports only one upstream provider (found ${upstreams}); use VirtualMCPServer for multi-upstream`,
      summary: `MCPServer ${formatName(server.metadata)}: embedded auth server has ${upstreams} upstream providers, but only 1 is supported; use VirtualMCPServer`,
    };
  }
  if (server.spec.oidcConfigRef !== undefined) return undefined;
  const message = 'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer';
  return { reason: 'InvalidConfig', message, summary: `Failed to build configuration: ${message}` };
}

/** What the summary of a server says while its reference cannot be used. */
export function externalAuthProblem(
  resolved: ResolvedReference<MCPExternalAuthConfig>,
  server: MCPServer,
): string | undefined {
  if (resolved.state !== 'unusable') return undefined;
  const { name, verdict: stated, config } = resolved;
  const { namespace = '' } = server.metadata;
  switch (resolved.cause) {
    case 'notFound':
      return `MCPExternalAuthConfig ${name} not found in namespace ${namespace}`;
    case 'invalid':
      return `MCPExternalAuthConfig ${namespace}/${name}: invalid (${stated?.reason ?? ''}): ${stated?.message ?? ''}`;
    case 'notAccepted':
      return (config && refusalOf(config, server)?.summary) ?? stated?.message;
    default:
      return stated?.message;
  }
}

const quoted = (config: MCPExternalAuthConfig): string => `MCPExternalAuthConfig '${config.metadata.name}'`;
