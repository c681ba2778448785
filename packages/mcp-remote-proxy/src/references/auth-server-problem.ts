import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { clusterUrl, embeddedAuthServerProblem, type EmbeddedAuthServerProblem } from '@trueup/mcp-workload';
import type { MCPRemoteProxy } from '../resource.js';

/** The API server fills it in; objects may have been stored before it did. */
const DEFAULT_PORT = 8080;

/** Why the authorization server that a config embeds cannot run in a proxy; undefined when it can. */
export function authServerProblem(
  config: MCPExternalAuthConfig,
  proxy: MCPRemoteProxy,
): EmbeddedAuthServerProblem | undefined {
  const { oidcConfigRef: oidc } = proxy.spec;
  return embeddedAuthServerProblem(upstreamCount(config), {
    kind: 'MCPRemoteProxy',
    oidc,
    serviceUrl: serviceUrl(proxy),
  });
}

export function upstreamCount({ spec }: MCPExternalAuthConfig): number {
  return spec.embeddedAuthServer?.upstreamProviders.length ?? 0;
}

/** Where clients in the cluster reach a proxy. */
function serviceUrl({ metadata, spec }: MCPRemoteProxy): string {
  const service = `mcp-${metadata.name}-remote-proxy`;
  return clusterUrl({ service, namespace: metadata.namespace ?? '', port: spec.proxyPort || DEFAULT_PORT });
}
