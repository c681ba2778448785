import { SpecError } from '@trueup/core';
import { parseCedarOptions, type FullAuthzConfig } from '@trueup/mcp-authz-config';
import { upstreamNames } from '../backends/subject-provider.js';
import type { VirtualMCPServer } from '../resource.js';

/** Where it is said who may do what. */
export interface AuthzSources {
  readonly server: VirtualMCPServer;
  /** What `authzConfig` or `authzConfigRef` say, as an authorizer reads it. */
  readonly authz?: FullAuthzConfig | undefined;
}

/**
 * Section `incomingAuth.authz`; undefined for a server that lets callers do everything.
 * @throws {@link SpecError} when what the spec names is missing, or not for Cedar: the server itself decides.
 */
export function authzSection({ server, authz }: AuthzSources): unknown {
  const { authzConfig, authzConfigRef } = server.spec.incomingAuth;
  if (authzConfig === undefined && authzConfigRef === undefined) return undefined;
  if (authzConfig !== undefined && authzConfigRef !== undefined) {
    throw new SpecError('authzConfig and authzConfigRef are mutually exclusive');
  }
  const place = placeOf(server);
  if (authz === undefined) throw new SpecError(`failed to get ${place}`);
  if (authz.type !== 'cedarv1') throw new SpecError(notCedar(server, authz.type));
  const parsed = parseCedarOptions(authz['cedar']);
  if ('problem' in parsed) throw new SpecError(`invalid authz config from ${place}: ${parsed.problem}`);
  const { options } = parsed;
  return {
    type: 'cedar',
    policies: options.policies,
    entitiesJson: options.entities_json,
    // Who writes policies must not choose whom to trust, so that their own word on it does not count.
    primaryUpstreamProvider: primaryUpstreamProvider(server),
    groupClaimName: options.group_claim_name,
    roleClaimName: options.role_claim_name,
    groupEntityType: options.group_entity_type,
    multiValuedClaims: options.multi_valued_claims,
  };
}

/**
 * The upstream whose token the claims are taken from: the one that is named, else the first.
 * @throws {@link SpecError} for a name that no upstream has.
 */
function primaryUpstreamProvider(server: VirtualMCPServer): string | undefined {
  const { authServerConfig, incomingAuth } = server.spec;
  const named = authServerConfig?.primaryUpstreamProvider || incomingAuth.authzConfig?.inline?.primaryUpstreamProvider;
  const upstreams = upstreamNames(server);
  if (!named) return upstreams[0];
  const what = `authz primaryUpstreamProvider ${JSON.stringify(named)}`;
  if (authServerConfig === undefined) {
    throw new SpecError(`${what} set without an embedded auth server (spec.authServerConfig must be configured)`);
  }
  if (!upstreams.includes(named)) {
    throw new SpecError(`${what} does not match any upstream declared on spec.authServerConfig.upstreamProviders`);
  }
  return named;
}

function placeOf({ metadata: { namespace = '' }, spec: { incomingAuth } }: VirtualMCPServer): string {
  const { authzConfig, authzConfigRef } = incomingAuth;
  if (authzConfigRef !== undefined) return `MCPAuthzConfig ${namespace}/${authzConfigRef.name}`;
  if (authzConfig?.configMap !== undefined) return `authz ConfigMap ${namespace}/${authzConfig.configMap.name}`;
  return 'spec.incomingAuth.authzConfig';
}

function notCedar(server: VirtualMCPServer, type: string): string {
  if (server.spec.incomingAuth.authzConfigRef === undefined) {
    return `${placeOf(server)} is not a Cedar config: cedar config is nil`;
  }
  return `MCPAuthzConfig type ${JSON.stringify(type)} is not yet supported for VirtualMCPServer; only cedarv1 is supported`;
}
