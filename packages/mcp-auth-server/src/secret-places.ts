/* Where a pod holds the secrets of an authorization server: the run configuration names these places, the pod fills them. */

export const KEY_DIRECTORY = '/etc/toolhive/authserver/keys';
export const HMAC_DIRECTORY = '/etc/toolhive/authserver/hmac';
export const REDIS_TLS_DIRECTORY = '/etc/toolhive/authserver/redis-tls';

export const REDIS_CA_FILE = 'ca.crt';
export const SENTINEL_CA_FILE = 'sentinel-ca.crt';

export const REDIS_USERNAME_VARIABLE = 'TOOLHIVE_AUTH_SERVER_REDIS_USERNAME';
export const REDIS_PASSWORD_VARIABLE = 'TOOLHIVE_AUTH_SERVER_REDIS_PASSWORD';

export const keyFile = (index: number): string => `key-${index}.pem`;
export const hmacFile = (index: number): string => `hmac-${index}`;

/** Providers are told apart by name, which holds neither capitals nor underscores, so no two of them share a variable. */
export const clientSecretVariable = (provider: string): string =>
  `TOOLHIVE_UPSTREAM_CLIENT_SECRET_${variableSuffix(provider)}`;
export const initialAccessTokenVariable = (provider: string): string =>
  `TOOLHIVE_UPSTREAM_DCR_INITIAL_ACCESS_TOKEN_${variableSuffix(provider)}`;

/** By the position in the list: a client ID may hold anything. */
export const delegateSecretVariable = (index: number): string => `TOOLHIVE_DELEGATE_CLIENT_SECRET_${index}`;

function variableSuffix(provider: string): string {
  return provider.replaceAll('-', '_').toUpperCase();
}
