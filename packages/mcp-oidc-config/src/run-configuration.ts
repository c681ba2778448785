import type { ResolvedOidc } from './resolved-oidc.js';

/** Where the proxy of an MCPServer or MCPRemoteProxy looks for the client secret. */
export const OIDC_CLIENT_SECRET = 'TOOLHIVE_OIDC_CLIENT_SECRET';

/** The section `oidc_config` of a run configuration. Names are the proxy runner's own, and every one is written. */
export interface OidcConfigSection {
  Issuer: string;
  Audience: string;
  JWKSURL: string;
  ClientID: string;
  /** The secret travels in the environment. */
  ClientSecret: '';
  CACertPath: string;
  AuthTokenFile: string;
  AllowPrivateIP: boolean;
  InsecureAllowHTTP: boolean;
  IntrospectionURL: string;
  ResourceURL: string;
  Scopes: string[] | null;
}

/** What a run configuration says about callers. It has one word for private addresses, of keys and of the resource. */
export function oidcConfigSection(oidc: ResolvedOidc): OidcConfigSection {
  return {
    Issuer: oidc.issuer,
    Audience: oidc.audience,
    JWKSURL: oidc.jwksUrl,
    ClientID: oidc.clientId,
    ClientSecret: '',
    CACertPath: oidc.caPath,
    AuthTokenFile: oidc.tokenPath,
    AllowPrivateIP: oidc.jwksAllowPrivateIp || oidc.protectedResourceAllowPrivateIp,
    InsecureAllowHTTP: oidc.insecureAllowHttp,
    IntrospectionURL: oidc.introspectionUrl,
    ResourceURL: oidc.resourceUrl,
    Scopes: oidc.scopes.length === 0 ? null : [...oidc.scopes],
  };
}
