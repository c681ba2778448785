import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import {
  REDIS_CA_FILE,
  REDIS_PASSWORD_VARIABLE,
  REDIS_TLS_DIRECTORY,
  REDIS_USERNAME_VARIABLE,
  SENTINEL_CA_FILE,
} from '../secret-places.js';
import { given } from './given.js';
import type { RedisSection, StorageSection, TlsSection } from './run-config.js';

type Storage = Stored<NonNullable<EmbeddedAuthServer['storage']>>;
type Redis = NonNullable<Storage['redis']>;
type Sentinel = NonNullable<Redis['sentinelConfig']>;

const SENTINEL_PORT = 26379;

/** The settings of Redis when a server keeps its sessions there; a block that is there for nothing does not count. */
export function redisOf({ storage }: Stored<EmbeddedAuthServer>): Redis | undefined {
  return storage?.type === 'redis' ? storage.redis : undefined;
}

/** The first thing wrong with where sessions are kept. */
export function storageProblem({ type = 'memory', redis }: Storage): string | undefined {
  if (type !== 'memory' && type !== 'redis') return `unsupported storage type: ${String(type)}`;
  if (type === 'memory') return undefined;
  if (redis === undefined) return 'redis config is required when storage type is redis';
  if (redis.addr && redis.sentinelConfig) return 'addr and sentinelConfig are mutually exclusive for Redis storage';
  if (!redis.addr && !redis.sentinelConfig) {
    return 'one of addr (standalone or cluster) or sentinelConfig (Sentinel) is required for Redis storage';
  }
  if (redis.aclUserConfig?.passwordSecretRef === undefined) return 'ACL user config is required for Redis storage';
  return redis.sentinelConfig && sentinelAddresses(redis.sentinelConfig, '').length === 0
    ? 'failed to resolve sentinel addresses: either sentinelAddrs or sentinelService must be specified'
    : undefined;
}

/**
 * How the run configuration describes where sessions are kept; in memory when it does not. The keys in Redis begin with
 * namespace and name, so two workloads of one name and different kinds must not share a Redis.
 */
export function storageSection(
  server: Stored<EmbeddedAuthServer>,
  workload: { readonly namespace: string; readonly name: string },
): StorageSection | undefined {
  const redis = redisOf(server);
  return redis && { type: 'redis', redis_config: redisSection(redis, workload) };
}

function redisSection(redis: Redis, { namespace, name }: { namespace: string; name: string }): RedisSection {
  const { sentinelConfig: sentinel, aclUserConfig } = redis;
  return {
    ...given({
      addr: redis.addr,
      cluster_mode: redis.clusterMode,
      sentinel_config: sentinel && {
        master_name: sentinel.masterName ?? '',
        sentinel_addrs: sentinelAddresses(sentinel, namespace),
        ...given({ db: sentinel.db }),
      },
    }),
    auth_type: 'aclUser',
    acl_user_config: {
      username_env_var: aclUserConfig?.usernameSecretRef === undefined ? '' : REDIS_USERNAME_VARIABLE,
      password_env_var: REDIS_PASSWORD_VARIABLE,
    },
    // The braces keep all keys of a workload on one node of a cluster.
    key_prefix: `thv:auth:{${namespace}:${name}}:`,
    ...given({
      dial_timeout: redis.dialTimeout,
      read_timeout: redis.readTimeout,
      write_timeout: redis.writeTimeout,
      tls: redis.tls && tlsSection(redis.tls, REDIS_CA_FILE),
      sentinel_tls: sentinel && redis.sentinelTls && tlsSection(redis.sentinelTls, SENTINEL_CA_FILE),
    }),
  };
}

function sentinelAddresses({ sentinelAddrs = [], sentinelService }: Sentinel, namespace: string): readonly string[] {
  if (sentinelAddrs.length > 0 || !sentinelService?.name) return sentinelAddrs;
  const { name, namespace: ownNamespace, port } = sentinelService;
  return [`${name}.${ownNamespace || namespace}.svc.cluster.local:${port || SENTINEL_PORT}`];
}

function tlsSection({ insecureSkipVerify, caCertSecretRef }: NonNullable<Redis['tls']>, caFile: string): TlsSection {
  return given({
    insecure_skip_verify: insecureSkipVerify,
    ca_cert_file: caCertSecretRef && `${REDIS_TLS_DIRECTORY}/${caFile}`,
  });
}
