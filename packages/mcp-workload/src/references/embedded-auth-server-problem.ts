import { authServerRunConfigProblem } from '@trueup/mcp-auth-server';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { authServerDeployment } from '../configs/embedded-auth-server.js';
import type { ProxiedWorkload } from '../proxied-workload.js';

/** Why a proxy cannot run an authorization server. */
export interface EmbeddedAuthServerProblem {
  /** More upstream providers than a proxy can have, or settings that do not go together. */
  readonly cause: 'multiUpstream' | 'invalidConfig';
  readonly message: string;
}

export interface EmbeddedAuthServerUser {
  readonly workload: ProxiedWorkload;
  /** Where clients in the cluster reach the proxy: its resource URL unless the workload says another. */
  readonly proxyUrl: string;
}

/** How many upstream providers the authorization server of a config has. */
export function upstreamCount({ spec }: MCPExternalAuthConfig): number {
  return spec.embeddedAuthServer?.upstreamProviders.length ?? 0;
}

/** Judges whether the proxy of a workload can run the authorization server of a config; undefined when it can. */
export function embeddedAuthServerProblem(
  config: MCPExternalAuthConfig,
  user: EmbeddedAuthServerUser,
): EmbeddedAuthServerProblem | undefined {
  const upstreams = upstreamCount(config);
  if (upstreams > 1) {
    return {
      cause: 'multiUpstream',
      message: `${user.workload.kind} supports only one upstream provider (found ${upstreams}); use VirtualMCPServer for multi-upstream`,
    };
  }
  const message = audienceProblem(user) ?? buildProblem(config, user);
  return message === undefined ? undefined : { cause: 'invalidConfig', message };
}

function buildProblem({ spec }: MCPExternalAuthConfig, { workload, proxyUrl }: EmbeddedAuthServerUser) {
  const server = spec.embeddedAuthServer;
  if (server === undefined) return 'embedded auth server configuration is nil for type embeddedAuthServer';
  const problem = authServerRunConfigProblem(server, authServerDeployment(workload, proxyUrl));
  return problem && `failed to build embedded auth server config: ${problem.message}`;
}

/** The server issues tokens for the proxy alone, so the proxy must accept just those. */
function audienceProblem({ workload, proxyUrl }: EmbeddedAuthServerUser): string | undefined {
  const { oidcConfigRef: oidc } = workload.spec;
  if (oidc === undefined) {
    // Other kinds than MCPServer say it in the same words.
    return 'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer';
  }
  const resourceUrl = oidc.resourceUrl || proxyUrl;
  const [has, wants] = [JSON.stringify(oidc.audience), JSON.stringify(resourceUrl)];
  if (!oidc.audience) {
    return `oidcConfigRef.audience is required when an embedded auth server is active; set audience to ${wants} to match resourceUrl`;
  }
  if (oidc.audience === resourceUrl) return undefined;
  return `oidcConfigRef.audience ${has} must match resourceUrl ${wants} when an embedded auth server is active; set audience to ${wants} or set resourceUrl to match audience`;
}
