import type { EmbeddedAuthServer } from '../embedded-auth-server-schema.js';
import { isLoopbackHost, parsedUrl } from './loopback.js';
import type { Stored } from './stored.js';
import { trustedIssuersProblem } from './trusted-issuers-problem.js';
import { upstreamsProblem } from './upstreams-problem.js';

type Server = Stored<EmbeddedAuthServer>;

const MAX_REDIRECT_URI_LENGTH = 2048;

/** The first thing wrong with an embedded authorization server. Field names are those of its run configuration. */
export function embeddedAuthServerProblem(server: Server): string | undefined {
  const upstreams = server.upstreamProviders ?? [];
  if (upstreams.length === 0) return 'at least one upstream provider is required';
  return (
    cleartextProblem(server) ??
    issuerProblem(server) ??
    redirectUrisProblem(server) ??
    trustedIssuersProblem(server.trustedIssuers ?? [], server.issuer ?? '') ??
    upstreamsProblem(upstreams)
  );
}

/** Whoever gives out secrets must not do it over plain HTTP. */
function cleartextProblem(server: Server): string | undefined {
  const { allowConfidentialClientRegistration, delegateClients = [], issuer = '' } = server;
  if (allowConfidentialClientRegistration !== true && delegateClients.length === 0) return undefined;
  const reason = 'confidential clients would send secrets over cleartext HTTP';
  if (server.insecureAllowHTTP === true) {
    return `allow_confidential_client_registration cannot be combined with insecure_allow_http: ${reason}`;
  }
  const url = parsedUrl(issuer);
  const isPlainLoopback = url?.protocol === 'http:' && isLoopbackHost(url.hostname);
  if (!isPlainLoopback || server.insecureAllowConfidentialOverLoopbackHTTP === true) return undefined;
  return (
    `allow_confidential_client_registration cannot be combined with a plain-HTTP loopback issuer (${JSON.stringify(issuer)}) ` +
    `unless insecure_allow_confidential_over_loopback_http is set: ${reason}`
  );
}

/** A server with such an issuer does not start. */
function issuerProblem({ issuer = '', insecureAllowHTTP }: Server): string | undefined {
  const url = parsedUrl(issuer);
  if (url?.protocol !== 'http:' || isLoopbackHost(url.hostname) || insecureAllowHTTP === true) return undefined;
  return `issuer: http scheme is only allowed for localhost, use https for ${url.host}`;
}

function redirectUrisProblem({ forceConfidentialRedirectUris: uris = [], ...server }: Server): string | undefined {
  if (uris.length > 0 && server.allowConfidentialClientRegistration !== true) {
    return 'force_confidential_redirect_uris requires allow_confidential_client_registration to be true';
  }
  for (const uri of uris) {
    const problem = redirectUriProblem(uri);
    if (problem !== undefined) return `force_confidential_redirect_uris: ${JSON.stringify(uri)}${problem}`;
  }
  return undefined;
}

function redirectUriProblem(uri: string): string | undefined {
  if (uri.length > MAX_REDIRECT_URI_LENGTH) {
    return `: redirect_uri too long (maximum ${MAX_REDIRECT_URI_LENGTH} characters)`;
  }
  const url = parsedUrl(uri);
  if (url === undefined || uri.includes('#')) return ': redirect_uri must be an absolute URI without a fragment';
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    return ': redirect_uri must use http (for loopback) or https scheme';
  }
  return isLoopback
    ? ' must not be a loopback redirect URI; a loopback client is a public client by construction and must not be issued a secret'
    : undefined;
}
