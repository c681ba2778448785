import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { firstProblem, quoted, type ItemProblem } from './auth-server-problem.js';
import { isPrivateAddress } from './network-address.js';
import { serverUrlProblem } from './server-url-problem.js';
import { MALFORMED, parseUri } from './uri.js';

type TrustedIssuer = Stored<NonNullable<EmbeddedAuthServer['trustedIssuers']>[number]>;

/** The first trusted issuer with a URL that a server refuses to fetch from. */
export function trustedIssuerUrlsProblem(issuers: readonly TrustedIssuer[]): ItemProblem | undefined {
  return firstProblem(issuers, (issuer) => {
    const { issuerUrl = '', jwksUrl = '' } = issuer;
    const problem = issuerUrlProblem(issuer) ?? privateAddressProblem(issuer);
    if (problem !== undefined) return `issuer_url ${quoted(issuerUrl)}: ${problem}`;
    const keys = jwksUrlProblem(issuer);
    return keys && `jwks_url ${quoted(jwksUrl)}: ${keys}`;
  });
}

/** Whoever may be asked for keys at a private address must be named by us, not by the issuer. */
export function privateAddressProblem({ allowPrivateIPs, jwksUrl }: TrustedIssuer): string | undefined {
  return allowPrivateIPs === true && !jwksUrl
    ? 'allow_private_ips requires jwks_url to be set explicitly; otherwise OIDC discovery — fetched from the external issuer — would choose the private target'
    : undefined;
}

function issuerUrlProblem({ issuerUrl = '', insecureAllowHTTP }: TrustedIssuer): string | undefined {
  const allowsHttp = insecureAllowHTTP === true;
  return serverUrlProblem(issuerUrl, { allowsHttp, allowsLoopbackHttp: false, allowsTrailingSlash: true });
}

function jwksUrlProblem({ jwksUrl = '', insecureAllowHTTP, allowPrivateIPs }: TrustedIssuer): string | undefined {
  if (jwksUrl === '') return undefined;
  const url = parseUri(jwksUrl);
  if (url === undefined) return `invalid URL: ${MALFORMED}`;
  if (url.host === '') return 'host is required';
  if (url.userInfo !== undefined) return 'must not contain userinfo (credentials in the URL)';
  const isAllowed = url.scheme === 'https' || (url.scheme === 'http' && insecureAllowHTTP === true);
  if (!isAllowed) return `must use HTTPS, got ${quoted(url.scheme)}`;
  return isPrivateAddress(url.host) && allowPrivateIPs !== true
    ? 'must not point to a private or loopback address'
    : undefined;
}
