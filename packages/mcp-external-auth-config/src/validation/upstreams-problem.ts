import type { EmbeddedAuthServer } from '../embedded-auth-server-schema.js';
import type { Stored } from './stored.js';

type Upstream = Stored<EmbeddedAuthServer['upstreamProviders'][number]>;
type OAuth2 = NonNullable<Upstream['oauth2Config']>;

/** Parameters of an authorization request that the server itself decides about. */
const RESERVED_PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'nonce',
];

const MAX_URL_LENGTH = 2048;
const MAX_STATEMENT_LENGTH = 16384;

/** The first thing wrong with the providers an embedded server sends users to. */
export function upstreamsProblem(upstreams: readonly Upstream[]): string | undefined {
  for (const [index, upstream] of upstreams.entries()) {
    const isRepeated = upstreams.findIndex(({ name }) => name === upstream.name) < index;
    const path = `upstreamProviders[${index}]`;
    if (isRepeated) return `${path}: duplicate name ${JSON.stringify(upstream.name ?? '')}`;
    const problem = typeProblem(upstream) ?? (upstream.oauth2Config && oauth2Problem(upstream.oauth2Config));
    if (problem !== undefined) return `${path}: ${problem}`;
    const reserved = reservedParameter(upstream);
    if (reserved !== undefined) {
      return `${path}.additionalAuthorizationParams: reserved parameter ${JSON.stringify(reserved)} is managed by the framework and cannot be overridden`;
    }
  }
  return undefined;
}

function typeProblem({ type, oidcConfig, oauth2Config }: Upstream): string | undefined {
  const isOidc = type === 'oidc' && oidcConfig !== undefined && oauth2Config === undefined;
  const isOAuth2 = type === 'oauth2' && oauth2Config !== undefined && oidcConfig === undefined;
  return isOidc || isOAuth2
    ? undefined
    : "type must be 'oidc' or 'oauth2'; oidcConfig must be set when type is 'oidc' and oauth2Config must be set when type is 'oauth2' (and the other must not be set)";
}

function oauth2Problem({ clientId, clientSecretRef, dcrConfig, identityFromToken }: OAuth2): string | undefined {
  if (Boolean(clientId) === (dcrConfig !== undefined)) {
    return 'oauth2Config: exactly one of clientId or dcrConfig must be set';
  }
  if (dcrConfig !== undefined) {
    if (clientSecretRef !== undefined) {
      return 'oauth2Config: clientSecretRef must not be set when dcrConfig is set; the client_secret is obtained at runtime via Dynamic Client Registration';
    }
    const problem = registrationProblem(dcrConfig);
    if (problem !== undefined) return `oauth2Config.dcrConfig${problem}`;
  }
  return identityFromToken !== undefined && !identityFromToken.subjectPath
    ? 'oauth2Config.identityFromToken.subjectPath must not be empty when identityFromToken is set'
    : undefined;
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

/** The smallest one, so that the message stays the same. */
function reservedParameter({ oidcConfig, oauth2Config }: Upstream): string | undefined {
  const given = oidcConfig?.additionalAuthorizationParams ?? oauth2Config?.additionalAuthorizationParams ?? {};
  return Object.keys(given)
    .filter((parameter) => RESERVED_PARAMETERS.includes(parameter))
    .sort()[0];
}
