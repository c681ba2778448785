import type { Stored } from '@trueup/core';
import type { UpstreamProvider } from '../schema/upstream-provider-schema.js';
import { clientSecretVariable, initialAccessTokenVariable } from '../secret-places.js';
import { given, sortedMap } from './given.js';
import type { OAuth2UpstreamSection, OidcUpstreamSection, UpstreamSection, UserInfoSection } from './run-config.js';

type Upstream = Stored<UpstreamProvider>;
type Oidc = NonNullable<Upstream['oidcConfig']>;
type OAuth2 = NonNullable<Upstream['oauth2Config']>;
type UserInfo = NonNullable<OAuth2['userInfo']>;

/** How the run configuration describes an upstream provider. */
export function upstreamSection(upstream: Upstream, resourceUrl: string | undefined): UpstreamSection {
  const { name = '', type = '', oidcConfig, oauth2Config } = upstream;
  const redirectUri = effectiveRedirectUri(upstream, resourceUrl);
  return {
    name,
    type,
    ...(type === 'oidc' && oidcConfig && { oidc_config: oidcSection(name, oidcConfig, redirectUri) }),
    ...(type === 'oauth2' && oauth2Config && { oauth2_config: oauth2Section(name, oauth2Config, redirectUri) }),
  };
}

/** Where the provider sends users back to: as it says, or to the callback below the URL of the resource. */
export function effectiveRedirectUri(
  { oidcConfig, oauth2Config }: Upstream,
  resourceUrl: string | undefined,
): string | undefined {
  const redirectUri = (oidcConfig ?? oauth2Config)?.redirectUri;
  if (redirectUri) return redirectUri;
  return resourceUrl ? `${resourceUrl.replace(/\/+$/, '')}/oauth/callback` : undefined;
}

function oidcSection(name: string, config: Oidc, redirectUri: string | undefined): OidcUpstreamSection {
  return {
    issuer_url: config.issuerUrl ?? '',
    client_id: config.clientId ?? '',
    ...given({
      client_secret_env_var: config.clientSecretRef && clientSecretVariable(name),
      redirect_uri: redirectUri,
      scopes: config.scopes,
      userinfo_override: config.userInfoOverride && userInfoSection(config.userInfoOverride),
      additional_authorization_params: sortedMap(config.additionalAuthorizationParams),
      subject_claim: config.subjectClaim,
    }),
  };
}

function oauth2Section(name: string, config: OAuth2, redirectUri: string | undefined): OAuth2UpstreamSection {
  return {
    authorization_endpoint: config.authorizationEndpoint ?? '',
    token_endpoint: config.tokenEndpoint ?? '',
    client_id: config.clientId ?? '',
    ...given({
      client_secret_env_var: config.clientSecretRef && clientSecretVariable(name),
      redirect_uri: redirectUri,
      scopes: config.scopes,
      userinfo: config.userInfo && userInfoSection(config.userInfo),
      token_response_mapping: config.tokenResponseMapping && tokenResponseSection(config.tokenResponseMapping),
      identity_from_token: config.identityFromToken && identitySection(config.identityFromToken),
      additional_authorization_params: sortedMap(config.additionalAuthorizationParams),
      dcr_config: config.dcrConfig && registrationSection(name, config.dcrConfig),
      allow_private_ips: config.allowPrivateIPs,
      insecure_allow_http: config.insecureAllowHTTP,
    }),
  };
}

function userInfoSection({ endpointUrl = '', httpMethod, additionalHeaders, fieldMapping }: UserInfo): UserInfoSection {
  return {
    endpoint_url: endpointUrl,
    ...given({
      http_method: httpMethod,
      additional_headers: sortedMap(additionalHeaders),
      field_mapping:
        fieldMapping &&
        given({
          subject_fields: fieldMapping.subjectFields,
          name_fields: fieldMapping.nameFields,
          email_fields: fieldMapping.emailFields,
        }),
    }),
  };
}

function tokenResponseSection(mapping: NonNullable<OAuth2['tokenResponseMapping']>) {
  return {
    access_token_path: mapping.accessTokenPath ?? '',
    ...given({
      scope_path: mapping.scopePath,
      refresh_token_path: mapping.refreshTokenPath,
      expires_in_path: mapping.expiresInPath,
    }),
  };
}

function identitySection({ subjectPath = '', namePath, emailPath }: NonNullable<OAuth2['identityFromToken']>) {
  return { subject_path: subjectPath, ...given({ name_path: namePath, email_path: emailPath }) };
}

function registrationSection(name: string, registration: NonNullable<OAuth2['dcrConfig']>) {
  return given({
    discovery_url: registration.discoveryUrl,
    registration_endpoint: registration.registrationEndpoint,
    initial_access_token_env_var: registration.initialAccessTokenRef && initialAccessTokenVariable(name),
    software_id: registration.softwareId,
    software_statement: registration.softwareStatement,
  });
}
