import { SpecError } from '@trueup/core';
import { incomingOidc, resolveOidc, type MCPOIDCConfig, type ResolvedOidc } from '@trueup/mcp-oidc-config';
import { within } from '@trueup/mcp-workload';
import { serverUrl } from '../names.js';
import type { VirtualMCPServer } from '../resource.js';
import { authzSection, type AuthzSources } from './authz.js';

/** What the answer to who may call, and do what, follows from. */
export interface IncomingAuthSources extends AuthzSources {
  /** The config that `oidcConfigRef` names. */
  readonly oidcConfig?: MCPOIDCConfig | undefined;
}

/**
 * Section `incomingAuth`. What the spec asks for is in it, or there is none: a server is never served more openly.
 * @throws {@link SpecError}
 */
export function incomingAuthSection(sources: IncomingAuthSources): unknown {
  return within('failed to convert incoming auth: ', () => {
    const oidc = resolvedIncomingOidc(sources.server, sources.oidcConfig);
    const { type } = sources.server.spec.incomingAuth;
    return { type, oidc: oidc && incomingOidc(oidc), authz: authzSection(sources) };
  });
}

/**
 * How tokens of a server's callers are checked; undefined for a server that refers to no config.
 * @throws {@link SpecError} when the config cannot be used, or is not there.
 */
export function resolvedIncomingOidc(
  { metadata, spec }: VirtualMCPServer,
  config: MCPOIDCConfig | undefined,
): ResolvedOidc | undefined {
  const ref = spec.incomingAuth.oidcConfigRef;
  if (ref === undefined) return undefined;
  const { name, ...reference } = ref;
  const quoted = JSON.stringify(name);
  if (config === undefined) {
    throw new SpecError(`failed to get MCPOIDCConfig ${name}: MCPOIDCConfig.toolhive.stacklok.dev ${quoted} not found`);
  }
  return within(`OIDC resolution failed from MCPOIDCConfig ${quoted}: `, () =>
    resolveOidc(config, reference, serverUrl(metadata)),
  );
}
