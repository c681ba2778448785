import type { AuthServerRunConfig } from './run-config/run-config.js';
import { quoted } from './validation/auth-server-problem.js';

/** What an embedded authorization server, incoming and outgoing authentication of one workload must agree about. */
export interface AuthServerIntegration {
  /** What its run configuration says, or is going to say; absent when the workload runs no authorization server. */
  readonly runConfig?: (Pick<AuthServerRunConfig, 'issuer' | 'allowed_audiences'> & Upstreams) | undefined;
  /** How the workload checks tokens; absent when its incoming authentication is not OpenID Connect. */
  readonly incomingOidc?: { readonly issuer?: string | undefined; readonly audience?: string | undefined } | undefined;
  /** Backends that are sent the token of an upstream provider, in the order they are to be judged in. */
  readonly upstreamInjects: readonly UpstreamInject[];
}

interface Upstreams {
  readonly upstreams: readonly { readonly name?: string }[];
}

/** A backend that is sent the token of an upstream provider. */
export interface UpstreamInject {
  readonly backend: string;
  readonly providerName: string;
}

/** What an upstream is called that is the only one and has no name. */
const DEFAULT_NAME = 'default';

/** The first thing they do not agree about; undefined when all fits, or when there is nothing to fit. */
export function authServerIntegrationProblem(integration: AuthServerIntegration): string | undefined {
  const { runConfig, incomingOidc, upstreamInjects } = integration;
  if (runConfig === undefined) {
    return upstreamInjects.length === 0
      ? undefined
      : 'upstream_inject requires an embedded auth server (authServer must be configured)';
  }
  const { issuer, upstreams, allowed_audiences: audiences } = runConfig;
  if (issuer === '') return 'auth server issuer is required';
  if (upstreams.length === 0) return 'auth server requires at least one upstream';
  if (audiences.length === 0) {
    return 'auth server requires at least one allowed audience (MCP clients must send RFC 8707 resource parameter)';
  }
  if (incomingOidc === undefined) return 'embedded auth server requires OIDC incoming auth';
  const names = upstreams.map(({ name = '' }) => name);
  const unknown = upstreamInjects.map((inject) => upstreamInjectProblem(inject, names)).find((problem) => problem);
  if (unknown !== undefined) return unknown;
  const { issuer: incoming = '', audience = '' } = incomingOidc;
  if (issuer !== incoming) {
    return `auth server issuer mismatch: auth server issuer ${quoted(issuer)} != incomingAuth.oidc.issuer ${quoted(incoming)}`;
  }
  return audience === '' || audiences.includes(audience)
    ? undefined
    : `incomingAuth.oidc.audience ${quoted(audience)} not in auth server's allowed audiences [${audiences.join(' ')}]`;
}

/** Why a backend cannot be sent the token of the provider it names: there is none of that name. */
export function upstreamInjectProblem(
  { backend, providerName }: UpstreamInject,
  upstreams: readonly string[],
): string | undefined {
  const isKnown = upstreams.some((name) => (name || DEFAULT_NAME) === (providerName || DEFAULT_NAME));
  return isKnown
    ? undefined
    : `backend ${quoted(backend)}: upstream_inject providerName ${quoted(providerName)} not found in auth server upstreams`;
}
