import { formatGoDuration, parseGoDuration, type Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { delegateSecretVariable } from '../secret-places.js';
import { given } from './given.js';
import type { DelegateClientSection, TrustedIssuerSection } from './run-config.js';

type TrustedIssuer = Stored<NonNullable<EmbeddedAuthServer['trustedIssuers']>[number]>;
type DelegateClient = Stored<NonNullable<EmbeddedAuthServer['delegateClients']>[number]>;

/** How the run configuration describes an issuer that is trusted. */
export function trustedIssuerSection(issuer: TrustedIssuer): TrustedIssuerSection {
  const { issuerUrl = '', expectedAudience = '', jwtBearerGrant } = issuer;
  return {
    issuer_url: issuerUrl,
    expected_audience: expectedAudience,
    ...given({
      jwks_url: issuer.jwksUrl,
      insecure_allow_http: issuer.insecureAllowHTTP,
      allow_private_ips: issuer.allowPrivateIPs,
      actor_claim: issuer.actorClaim,
      allowed_actors: issuer.allowedActors,
      actor_matcher: issuer.actorMatcher,
      allowed_delegate_clients: issuer.allowedDelegateClients,
      allow_may_act: issuer.allowMayAct,
      jwt_bearer_grant: jwtBearerGrant && grantSection(jwtBearerGrant),
    }),
  };
}

function grantSection(grant: NonNullable<TrustedIssuer['jwtBearerGrant']>) {
  const { maxAssertionAge = '', subjectBindings = [], acceptedAudiences } = grant;
  const age = parseGoDuration(maxAssertionAge);
  return {
    max_assertion_age: age === undefined ? '' : formatGoDuration(age),
    subject_bindings: subjectBindings.map(({ subject = '', allowedResources = [] }) => ({
      subject,
      allowed_resources: allowedResources,
    })),
    ...given({ accepted_audiences: acceptedAudiences }),
  };
}

/** How the run configuration describes a client that is known beforehand. */
export function delegateClientSection(client: DelegateClient, index: number): DelegateClientSection {
  const { clientId = '', scopes = [], audiences = [] } = client;
  return { client_id: clientId, client_secret_env_var: delegateSecretVariable(index), scopes, audiences };
}
