import { parseGoDuration, type Stored } from '@trueup/core';
import { claimsMatcherProblem } from '../claims-matcher.js';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { audienceUriProblem } from './audience-uri-problem.js';
import { firstProblem, quoted, type ItemProblem } from './auth-server-problem.js';
import { privateAddressProblem } from './trusted-issuer-urls-problem.js';

type TrustedIssuer = Stored<NonNullable<EmbeddedAuthServer['trustedIssuers']>[number]>;
type Grant = NonNullable<TrustedIssuer['jwtBearerGrant']>;

/** Claims that mean something else already, so that they cannot name an actor. */
const REGISTERED_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'name', 'email', 'scope', 'scp', 'may_act'];

const ANY = '*';

/**
 * The first thing wrong with how the issuers are trusted whose tokens a server accepts besides its own.
 *
 * @param allowedAudiences - Audiences of the tokens the server issues; none as long as no workload is looked at.
 */
export function trustedIssuersProblem(
  issuers: readonly TrustedIssuer[],
  ownIssuer: string,
  allowedAudiences: readonly string[],
): ItemProblem | undefined {
  return firstProblem(issuers, (issuer, index) => {
    const { issuerUrl = '' } = issuer;
    if (issuerUrl === '') return 'issuer_url is required';
    const isRepeated = issuers.findIndex((other) => other.issuerUrl === issuerUrl) < index;
    const problem =
      identityProblem(issuer, { isOwn: issuerUrl === ownIssuer, isRepeated }) ??
      actorProblem(issuer) ??
      delegateClientsProblem(issuer) ??
      (issuer.jwtBearerGrant && grantProblem(issuer.jwtBearerGrant, allowedAudiences)) ??
      privateAddressProblem(issuer);
    return problem && `issuer_url ${quoted(issuerUrl)}: ${problem}`;
  });
}

/** The first subject that is bound to a resource the server issues no tokens for. */
export function boundResourcesProblem(
  issuers: readonly TrustedIssuer[],
  allowedAudiences: readonly string[],
): ItemProblem | undefined {
  return firstProblem(issuers, ({ issuerUrl = '', jwtBearerGrant }) => {
    for (const { subject = '', allowedResources = [] } of jwtBearerGrant?.subjectBindings ?? []) {
      const odd = allowedResources.find((resource) => !allowedAudiences.includes(resource));
      if (odd !== undefined) {
        return `issuer_url ${quoted(issuerUrl)}: jwt_bearer_grant subject ${quoted(subject)} resource ${quoted(odd)} is not in allowed_audiences`;
      }
    }
    return undefined;
  });
}

function identityProblem(
  { expectedAudience, jwtBearerGrant }: TrustedIssuer,
  { isOwn, isRepeated }: { isOwn: boolean; isRepeated: boolean },
): string | undefined {
  if (!expectedAudience && jwtBearerGrant === undefined) {
    return 'expected_audience is required when JWT-bearer grant is disabled';
  }
  if (isOwn) {
    return "must not equal the authorization server's own issuer; self-issued tokens are already handled separately";
  }
  return isRepeated ? 'configured more than once' : undefined;
}

function actorProblem(issuer: TrustedIssuer): string | undefined {
  const { expectedAudience, actorClaim, actorMatcher, allowMayAct, allowedActors = [] } = issuer;
  if (actorClaim && REGISTERED_CLAIMS.includes(actorClaim)) {
    return `actor_claim ${quoted(actorClaim)} is not supported (use "client_id" or a non-registered claim such as "azp", "appid", "cid")`;
  }
  const matcherProblem = actorMatcher ? claimsMatcherProblem(actorMatcher) : undefined;
  if (matcherProblem !== undefined) return `invalid actor_matcher: ${matcherProblem}`;
  const isDelegating = actorClaim || actorMatcher || allowMayAct === true || allowedActors.length > 0;
  return isDelegating && !expectedAudience
    ? 'expected_audience is required when actor_claim, actor_matcher, allow_may_act, or allowed_actors is set'
    : undefined;
}

function delegateClientsProblem(issuer: TrustedIssuer): string | undefined {
  const { expectedAudience, allowMayAct, allowedDelegateClients: clients = [] } = issuer;
  if (expectedAudience && clients.length === 0) {
    return 'allowed_delegate_clients is required; set it to ["*"] to permit any ToolHive confidential client holding the token-exchange grant, or list specific client IDs to bind delegation to them — an issuer with no entries can never authorize a delegated exchange';
  }
  if (clients.includes('')) return 'allowed_delegate_clients must not contain an empty client ID';
  if (!clients.includes(ANY)) return undefined;
  if (clients.length > 1) return 'allowed_delegate_clients must not combine the wildcard "*" with specific client IDs';
  return allowMayAct === true
    ? 'allow_may_act must not be enabled when allowed_delegate_clients contains the wildcard "*"'
    : undefined;
}

function grantProblem(grant: Grant, allowedAudiences: readonly string[]): string | undefined {
  const { maxAssertionAge = '', subjectBindings = [], acceptedAudiences = [] } = grant;
  if ((parseGoDuration(maxAssertionAge) ?? 0n) <= 0n)
    return 'jwt_bearer_grant.max_assertion_age must be a positive duration';
  if (subjectBindings.length === 0) return 'jwt_bearer_grant.subject_bindings is required';
  for (const [index, { subject = '', allowedResources = [] }] of subjectBindings.entries()) {
    if (subject === '' || subject.includes(ANY)) {
      return 'jwt_bearer_grant.subject_bindings contains an empty or wildcard subject';
    }
    if (subjectBindings.findIndex((other) => other.subject === subject) < index) {
      return `jwt_bearer_grant.subject_bindings contains duplicate subject ${quoted(subject)}`;
    }
    const problem = resourcesProblem(allowedResources);
    if (problem !== undefined) return `jwt_bearer_grant subject ${quoted(subject)} ${problem}`;
  }
  return acceptedAudiencesProblem(acceptedAudiences, allowedAudiences);
}

function resourcesProblem(resources: readonly string[]): string | undefined {
  if (resources.length === 0) return 'has no allowed_resources';
  for (const resource of resources) {
    if (resource === '' || resource === ANY) return 'has an empty or wildcard resource';
    const problem = audienceUriProblem(resource);
    if (problem !== undefined) return `resource ${quoted(resource)} is invalid: ${problem}`;
  }
  return undefined;
}

function acceptedAudiencesProblem(
  accepted: readonly string[],
  allowedAudiences: readonly string[],
): string | undefined {
  for (const audience of accepted) {
    if (audience === '') return 'jwt_bearer_grant.accepted_audiences must not contain an empty value';
    const value = `jwt_bearer_grant.accepted_audiences value ${quoted(audience)}`;
    const problem = audienceUriProblem(audience);
    if (problem !== undefined) return `${value} is invalid: ${problem}`;
    if (allowedAudiences.includes(audience)) {
      return `${value} must not also be a configured resource audience (allowed_audiences); accepted_audiences identifies this authorization server, not a resource, or a resource-scoped access token could be replayed as a JWT-bearer assertion`;
    }
  }
  return undefined;
}
