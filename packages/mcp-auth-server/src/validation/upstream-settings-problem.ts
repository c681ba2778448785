import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import type { UpstreamProvider } from '../schema/upstream-provider-schema.js';
import { quoted, type AuthServerProblem } from './auth-server-problem.js';
import { isLoopbackHost } from './network-address.js';
import { redirectUriProblem } from './redirect-uri-problem.js';
import { parseUri } from './uri.js';

type Server = Stored<EmbeddedAuthServer>;
type Upstream = Stored<UpstreamProvider>;
type Oidc = NonNullable<Upstream['oidcConfig']>;
type OAuth2 = NonNullable<Upstream['oauth2Config']>;
type UserInfo = NonNullable<OAuth2['userInfo']>;

/** The first provider whose settings a server refuses when it starts. */
export function upstreamSettingsProblem(server: Server): AuthServerProblem | undefined {
  const { upstreamProviders = [] } = server;
  for (const [index, upstream] of upstreamProviders.entries()) {
    const path = `upstreamProviders[${index}]`;
    const message = settingsProblem(upstream, allowsHttp(server, upstream));
    if (message !== undefined) return { path, message: `${path}: ${message}` };
  }
  return undefined;
}

/** True when a provider may be reached, and users be sent back, without TLS. */
export function allowsHttp({ insecureAllowHTTP }: Server, { oauth2Config }: Upstream): boolean {
  return insecureAllowHTTP === true || oauth2Config?.insecureAllowHTTP === true;
}

function settingsProblem({ oidcConfig, oauth2Config }: Upstream, allowsHttp: boolean): string | undefined {
  const problem =
    (oidcConfig && oidcProblem(oidcConfig, allowsHttp)) ?? (oauth2Config && oauth2Problem(oauth2Config, allowsHttp));
  if (problem !== undefined) return problem;
  const redirectUri = (oidcConfig ?? oauth2Config)?.redirectUri;
  return redirectUri ? redirectUriProblem(redirectUri, allowsHttp ? 'http' : 'strict') : undefined;
}

function oidcProblem(
  { issuerUrl = '', clientId, subjectClaim = '', scopes = [] }: Oidc,
  allowsHttp: boolean,
): string | undefined {
  if (issuerUrl === '') return 'issuer is required for OIDC providers';
  const problem = endpointProblem(issuerUrl, allowsHttp);
  if (problem !== undefined) return `invalid issuer URL: ${problem}`;
  if (!/^([a-zA-Z_][a-zA-Z0-9_]*)?$/.test(subjectClaim)) {
    return `subject_claim ${quoted(subjectClaim)} must be a claim name: start with a letter or underscore and use only letters, digits, and underscores`;
  }
  if (!clientId) return 'client_id is required';
  return scopes.length > 0 && !scopes.includes('openid')
    ? 'openid scope is required for OIDC provider; add it to oidcConfig.scopes'
    : undefined;
}

function oauth2Problem(config: OAuth2, allowsHttp: boolean): string | undefined {
  const endpoints = [
    ['authorization_endpoint', config.authorizationEndpoint],
    ['token_endpoint', config.tokenEndpoint],
  ] as const;
  for (const [name, url] of endpoints) {
    if (!url) return `${name} is required for OAuth2 providers`;
    const problem = endpointProblem(url, allowsHttp);
    if (problem !== undefined) return `invalid ${name}: ${problem}`;
  }
  const userInfo = config.userInfo && userInfoProblem(config.userInfo);
  if (userInfo !== undefined) return `invalid userinfo config: ${userInfo}`;
  return config.tokenResponseMapping !== undefined && !config.tokenResponseMapping.accessTokenPath
    ? 'token_response_mapping.access_token_path is required when token_response_mapping is set'
    : undefined;
}

/** A provider on this very machine may do without TLS. */
function endpointProblem(text: string, allowsHttp: boolean): string | undefined {
  const url = parseUri(text);
  if (url === undefined || url.host === '') return `endpoint must be an absolute URL with a host: ${text}`;
  const isSafe = url.scheme === 'https' || (url.scheme === 'http' && (allowsHttp || isLoopbackHost(url.host)));
  return isSafe ? undefined : `endpoint must use HTTPS: ${text}`;
}

function userInfoProblem({ endpointUrl = '', httpMethod = 'GET' }: UserInfo): string | undefined {
  if (endpointUrl === '') return 'endpoint_url is required';
  const url = parseUri(endpointUrl);
  if (url === undefined) return 'endpoint_url must be a valid URL';
  if (url.scheme === '' || url.host === '') return 'endpoint_url must be an absolute URL with scheme and host';
  if (url.scheme !== 'https' && url.scheme !== 'http') return 'endpoint_url must use http or https scheme';
  if (url.scheme === 'http' && !isLoopbackHost(url.host)) {
    return 'endpoint_url with http scheme requires loopback address (127.0.0.1, ::1, or localhost)';
  }
  return ['GET', 'POST'].includes(httpMethod) ? undefined : 'http_method must be GET or POST';
}
