import type { EmbeddedAuthServer } from '../embedded-auth-server-schema.js';
import { parsedUrl } from './loopback.js';
import type { Stored } from './stored.js';

type TrustedIssuer = Stored<NonNullable<EmbeddedAuthServer['trustedIssuers']>[number]>;
type Grant = NonNullable<TrustedIssuer['jwtBearerGrant']>;

/** Claims that mean something else already, so that they cannot name an actor. */
const REGISTERED_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'name', 'email', 'scope', 'scp', 'may_act'];

const ANY = '*';

/** The first thing wrong with the issuers whose tokens an embedded server accepts besides its own. */
export function trustedIssuersProblem(issuers: readonly TrustedIssuer[], ownIssuer: string): string | undefined {
  for (const [index, issuer] of issuers.entries()) {
    const { issuerUrl } = issuer;
    if (!issuerUrl) return 'trustedIssuers: issuer_url is required';
    const isRepeated = issuers.findIndex((other) => other.issuerUrl === issuerUrl) < index;
    const problem = issuerProblem(issuer, { isOwn: issuerUrl === ownIssuer, isRepeated });
    if (problem !== undefined) return `trustedIssuers: issuer_url ${JSON.stringify(issuerUrl)}: ${problem}`;
  }
  return undefined;
}

function issuerProblem(issuer: TrustedIssuer, { isOwn, isRepeated }: { isOwn: boolean; isRepeated: boolean }) {
  const { expectedAudience, actorClaim, actorMatcher, allowMayAct, allowedActors = [], jwtBearerGrant } = issuer;
  if (jwtBearerGrant === undefined && !expectedAudience) {
    return 'expected_audience is required when JWT-bearer grant is disabled';
  }
  if (isOwn) {
    return "must not equal the authorization server's own issuer; self-issued tokens are already handled separately";
  }
  if (isRepeated) return 'configured more than once';
  if (actorClaim && REGISTERED_CLAIMS.includes(actorClaim)) {
    return `actor_claim ${JSON.stringify(actorClaim)} is not supported (use "client_id" or a non-registered claim such as "azp", "appid", "cid")`;
  }
  if (!expectedAudience && (actorClaim || actorMatcher || allowMayAct === true || allowedActors.length > 0)) {
    return 'expected_audience is required when actor_claim, actor_matcher, allow_may_act, or allowed_actors is set';
  }
  return (
    delegateClientsProblem(issuer) ?? (jwtBearerGrant && grantProblem(jwtBearerGrant)) ?? privateAddressProblem(issuer)
  );
}

function delegateClientsProblem(issuer: TrustedIssuer): string | undefined {
  const { expectedAudience, actorClaim, actorMatcher, allowMayAct, allowedDelegateClients: clients = [] } = issuer;
  if (clients.length === 0 && (expectedAudience || actorClaim || actorMatcher || allowMayAct === true)) {
    return 'allowed_delegate_clients is required; set it to ["*"] to permit any ToolHive confidential client holding the token-exchange grant, or list specific client IDs to bind delegation to them — an issuer with no entries can never authorize a delegated exchange';
  }
  if (clients.includes('')) return 'allowed_delegate_clients must not contain an empty client ID';
  if (!clients.includes(ANY)) return undefined;
  if (clients.length > 1) return 'allowed_delegate_clients must not combine the wildcard "*" with specific client IDs';
  return allowMayAct === true
    ? 'allow_may_act must not be enabled when allowed_delegate_clients contains the wildcard "*"'
    : undefined;
}

function grantProblem({
  maxAssertionAge = '',
  subjectBindings = [],
  acceptedAudiences = [],
}: Grant): string | undefined {
  if (!isPositiveDuration(maxAssertionAge)) return 'jwt_bearer_grant.max_assertion_age must be a positive duration';
  if (subjectBindings.length === 0) return 'jwt_bearer_grant.subject_bindings is required';
  for (const [index, { subject = '', allowedResources = [] }] of subjectBindings.entries()) {
    if (subject === '' || subject.includes(ANY)) {
      return 'jwt_bearer_grant.subject_bindings contains an empty or wildcard subject';
    }
    if (subjectBindings.findIndex((other) => other.subject === subject) < index) {
      return `jwt_bearer_grant.subject_bindings contains duplicate subject ${JSON.stringify(subject)}`;
    }
    const problem = resourcesProblem(allowedResources);
    if (problem !== undefined) return `jwt_bearer_grant subject ${JSON.stringify(subject)} ${problem}`;
  }
  if (acceptedAudiences.includes('')) return 'jwt_bearer_grant.accepted_audiences must not contain an empty value';
  const odd = acceptedAudiences.find((audience) => !isHttpUrl(audience));
  return odd === undefined
    ? undefined
    : `jwt_bearer_grant.accepted_audiences value ${JSON.stringify(odd)} is invalid: must be an absolute http or https URL`;
}

function resourcesProblem(resources: readonly string[]): string | undefined {
  if (resources.length === 0) return 'has no allowed_resources';
  if (resources.some((resource) => resource === '' || resource === ANY)) return 'has an empty or wildcard resource';
  const odd = resources.find((resource) => !isHttpUrl(resource));
  return odd === undefined
    ? undefined
    : `resource ${JSON.stringify(odd)} is invalid: must be an absolute http or https URL`;
}

function privateAddressProblem({ allowPrivateIPs, jwksUrl }: TrustedIssuer): string | undefined {
  return allowPrivateIPs === true && !jwksUrl
    ? 'allow_private_ips requires jwks_url to be set explicitly; otherwise OIDC discovery — fetched from the external issuer — would choose the private target'
    : undefined;
}

function isPositiveDuration(text: string): boolean {
  return /^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/.test(text) && /[1-9]/.test(text);
}

function isHttpUrl(text: string): boolean {
  const protocol = parsedUrl(text)?.protocol;
  return protocol === 'http:' || protocol === 'https:';
}
