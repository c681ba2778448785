import type { ResolvedOidc } from './resolved-oidc.js';

/** Where a VirtualMCPServer looks for the client secret. */
export const VMCP_OIDC_CLIENT_SECRET = 'VMCP_OIDC_CLIENT_SECRET';

/** The section `incomingAuth.oidc` of a VirtualMCPServer's configuration. */
export interface IncomingOidc {
  issuer: string;
  clientId: string;
  /** Name of the variable that holds the client secret. */
  clientSecretEnv?: string;
  audience: string;
  resource?: string;
  jwksUrl?: string;
  introspectionUrl?: string;
  scopes?: string[];
  protectedResourceAllowPrivateIp?: true;
  jwksAllowPrivateIp?: true;
  insecureAllowHttp?: true;
  caBundlePath?: string;
  jwksAuthTokenPath?: string;
}

/** What a VirtualMCPServer's configuration says about callers; what is empty or false is left out. */
export function incomingOidc(oidc: ResolvedOidc): IncomingOidc {
  return {
    issuer: oidc.issuer,
    clientId: oidc.clientId,
    ...(oidc.clientSecret && { clientSecretEnv: VMCP_OIDC_CLIENT_SECRET }),
    audience: oidc.audience,
    ...(oidc.resourceUrl && { resource: oidc.resourceUrl }),
    ...(oidc.jwksUrl && { jwksUrl: oidc.jwksUrl }),
    ...(oidc.introspectionUrl && { introspectionUrl: oidc.introspectionUrl }),
    ...(oidc.scopes.length > 0 && { scopes: [...oidc.scopes] }),
    ...(oidc.protectedResourceAllowPrivateIp && { protectedResourceAllowPrivateIp: true }),
    ...(oidc.jwksAllowPrivateIp && { jwksAllowPrivateIp: true }),
    ...(oidc.insecureAllowHttp && { insecureAllowHttp: true }),
    ...(oidc.caPath && { caBundlePath: oidc.caPath }),
    ...(oidc.tokenPath && { jwksAuthTokenPath: oidc.tokenPath }),
  };
}
