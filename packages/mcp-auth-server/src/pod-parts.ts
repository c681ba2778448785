import type { EnvVar, Volume, VolumeMount, Stored } from '@trueup/core';
import { redisOf } from './run-config/storage-section.js';
import type { EmbeddedAuthServer } from './schema/embedded-auth-server-schema.js';
import type { SecretKeyRef } from './schema/common-schemas.js';
import {
  clientSecretVariable,
  delegateSecretVariable,
  HMAC_DIRECTORY,
  hmacFile,
  initialAccessTokenVariable,
  KEY_DIRECTORY,
  keyFile,
  REDIS_CA_FILE,
  REDIS_PASSWORD_VARIABLE,
  REDIS_TLS_DIRECTORY,
  REDIS_USERNAME_VARIABLE,
  SENTINEL_CA_FILE,
} from './secret-places.js';

type Server = Stored<EmbeddedAuthServer>;
type SecretRef = Stored<SecretKeyRef>;

/** Readable by the owner alone: 0400. */
const OWNER_READS = 0o400;

/** The variables that hold secrets of the server; a pod does not start without the Secrets. */
export function authServerEnv(server: Server): readonly EnvVar[] {
  const { upstreamProviders = [], delegateClients = [] } = server;
  const { usernameSecretRef, passwordSecretRef } = redisOf(server)?.aclUserConfig ?? {};
  return [
    ...upstreamProviders.flatMap(({ name = '', type, oidcConfig, oauth2Config }) => {
      const config = type === 'oidc' ? oidcConfig : oauth2Config;
      const token = type === 'oauth2' ? oauth2Config?.dcrConfig?.initialAccessTokenRef : undefined;
      return [
        ...variable(clientSecretVariable(name), config?.clientSecretRef),
        ...variable(initialAccessTokenVariable(name), token),
      ];
    }),
    ...delegateClients.flatMap(({ clientSecretRef }, index) =>
      variable(delegateSecretVariable(index), clientSecretRef),
    ),
    ...variable(REDIS_USERNAME_VARIABLE, usernameSecretRef),
    ...variable(REDIS_PASSWORD_VARIABLE, passwordSecretRef),
  ];
}

function variable(name: string, secret: SecretRef | undefined): readonly EnvVar[] {
  if (secret === undefined) return [];
  return [{ name, valueFrom: { secretKeyRef: { name: secret.name ?? '', key: secret.key ?? '' } } }];
}

/** The volumes that hold keys and certificates of the server, one file each. */
export function authServerVolumes(server: Server): readonly Volume[] {
  return secretFiles(server).map(({ volume, secret, file }) => ({
    name: volume,
    secret: {
      secretName: secret.name ?? '',
      items: [{ key: secret.key ?? '', path: file }],
      defaultMode: OWNER_READS,
    },
  }));
}

/** Where a container finds them. The kubelet does not bring such single files up to date. */
export function authServerVolumeMounts(server: Server): readonly VolumeMount[] {
  return secretFiles(server).map(({ volume, directory, file }) => ({
    name: volume,
    mountPath: `${directory}/${file}`,
    subPath: file,
    readOnly: true,
  }));
}

interface SecretFile {
  readonly volume: string;
  readonly secret: SecretRef;
  readonly directory: string;
  readonly file: string;
}

function secretFiles(server: Server): readonly SecretFile[] {
  const { signingKeySecretRefs = [], hmacSecretRefs = [] } = server;
  const { tls, sentinelConfig, sentinelTls } = redisOf(server) ?? {};
  return [
    ...signingKeySecretRefs.map((secret, index) => ({
      volume: `authserver-signing-key-${index}`,
      secret,
      directory: KEY_DIRECTORY,
      file: keyFile(index),
    })),
    ...hmacSecretRefs.map((secret, index) => ({
      volume: `authserver-hmac-secret-${index}`,
      secret,
      directory: HMAC_DIRECTORY,
      file: hmacFile(index),
    })),
    ...caFile('redis-tls-ca-master', tls?.caCertSecretRef, REDIS_CA_FILE),
    ...caFile('redis-tls-ca-sentinel', sentinelConfig && sentinelTls?.caCertSecretRef, SENTINEL_CA_FILE),
  ];
}

function caFile(volume: string, secret: SecretRef | undefined, file: string): readonly SecretFile[] {
  return secret === undefined ? [] : [{ volume, secret, directory: REDIS_TLS_DIRECTORY, file }];
}
