import type { Stored } from '@trueup/core';
import type { UpstreamProvider } from '../schema/upstream-provider-schema.js';

type OAuth2 = Stored<NonNullable<UpstreamProvider['oauth2Config']>>;

const MAX_URL_LENGTH = 2048;
const MAX_STATEMENT_LENGTH = 16384;

/** The first thing wrong with how a plain OAuth 2.0 provider knows its client and its users. */
export function oauth2Problem(config: OAuth2): string | undefined {
  return (
    oauth2ClientProblem(config) ??
    (config.identityFromToken !== undefined && !config.identityFromToken.subjectPath
      ? 'oauth2Config.identityFromToken.subjectPath must not be empty when identityFromToken is set'
      : undefined)
  );
}

/** The first thing wrong with how a plain OAuth 2.0 provider knows its client: by name, or by registration (RFC 7591). */
export function oauth2ClientProblem({ clientId, clientSecretRef, dcrConfig }: OAuth2): string | undefined {
  if (Boolean(clientId) === (dcrConfig !== undefined)) {
    return 'oauth2Config: exactly one of clientId or dcrConfig must be set';
  }
  if (dcrConfig === undefined) return undefined;
  if (clientSecretRef !== undefined) {
    return 'oauth2Config: clientSecretRef must not be set when dcrConfig is set; the client_secret is obtained at runtime via Dynamic Client Registration';
  }
  const problem = registrationProblem(dcrConfig);
  return problem && `oauth2Config.dcrConfig${problem}`;
}

function registrationProblem(registration: NonNullable<OAuth2['dcrConfig']>): string | undefined {
  const { discoveryUrl, registrationEndpoint, softwareStatement } = registration;
  if (Boolean(discoveryUrl) === Boolean(registrationEndpoint)) {
    return ': exactly one of discoveryUrl or registrationEndpoint must be set';
  }
  const limits = [
    ['discoveryUrl', discoveryUrl, MAX_URL_LENGTH],
    ['registrationEndpoint', registrationEndpoint, MAX_URL_LENGTH],
    ['softwareStatement', softwareStatement, MAX_STATEMENT_LENGTH],
  ] as const;
  const long = limits.find(([, value = '', maximum]) => value.length > maximum);
  return long && `.${long[0]}: length ${long[1]?.length ?? 0} exceeds maximum ${long[2]}`;
}
