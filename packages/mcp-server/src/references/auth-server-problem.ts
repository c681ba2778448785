import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { embeddedAuthServerProblem, type EmbeddedAuthServerProblem } from '@trueup/mcp-workload';
import { proxyUrl } from '../names.js';
import type { MCPServer } from '../resource.js';

/** Why the authorization server that a config embeds cannot run in the proxy of a server; undefined when it can. */
export function authServerProblem(
  config: MCPExternalAuthConfig,
  server: MCPServer,
): EmbeddedAuthServerProblem | undefined {
  const { oidcConfigRef: oidc } = server.spec;
  return embeddedAuthServerProblem(upstreamCount(config), { kind: 'MCPServer', oidc, serviceUrl: proxyUrl(server) });
}

export function upstreamCount({ spec }: MCPExternalAuthConfig): number {
  return spec.embeddedAuthServer?.upstreamProviders.length ?? 0;
}
