/** Why the authorization server that a config embeds cannot run in the proxy of a workload. */
export interface EmbeddedAuthServerProblem {
  /** More upstream providers than a proxy can have, or settings that do not go together. */
  readonly cause: 'multiUpstream' | 'invalidConfig';
  readonly message: string;
}

export interface EmbeddedAuthServerUser {
  /** The kind of the workload, for messages. */
  readonly kind: string;
  /** The workload's `oidcConfigRef`, by which its proxy checks the tokens that the server issues. */
  readonly oidc: { readonly audience: string; readonly resourceUrl?: string | undefined } | undefined;
  /** Where clients in the cluster reach the proxy: its resource URL unless it says another. */
  readonly serviceUrl: string;
}

/**
 * Judges whether a proxy can run an authorization server; undefined when it can.
 * @param upstreams - How many upstream providers the server has.
 */
export function embeddedAuthServerProblem(
  upstreams: number,
  user: EmbeddedAuthServerUser,
): EmbeddedAuthServerProblem | undefined {
  if (upstreams > 1) {
    return {
      cause: 'multiUpstream',
      message: `${user.kind} supports only one upstream provider (found ${upstreams}); use VirtualMCPServer for multi-upstream`,
    };
  }
  const message = audienceProblem(user);
  return message === undefined ? undefined : { cause: 'invalidConfig', message };
}

/** The server issues tokens for the proxy alone, so the proxy must accept just those. */
function audienceProblem({ oidc, serviceUrl }: EmbeddedAuthServerUser): string | undefined {
  if (oidc === undefined) {
    // Other kinds than MCPServer say it in the same words.
    return 'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer';
  }
  const resourceUrl = oidc.resourceUrl || serviceUrl;
  const [has, wants] = [JSON.stringify(oidc.audience), JSON.stringify(resourceUrl)];
  if (!oidc.audience) {
    return `oidcConfigRef.audience is required when an embedded auth server is active; set audience to ${wants} to match resourceUrl`;
  }
  if (oidc.audience === resourceUrl) return undefined;
  return `oidcConfigRef.audience ${has} must match resourceUrl ${wants} when an embedded auth server is active; set audience to ${wants} or set resourceUrl to match audience`;
}
