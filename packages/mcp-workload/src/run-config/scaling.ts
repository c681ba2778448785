import { SpecError } from '@trueup/core';
import type { ScalingSection } from './sections.js';

/** Where sessions live, as workloads declare it. */
export interface SessionStorage {
  readonly provider: 'memory' | 'redis';
  readonly address?: string;
  readonly db?: number;
  readonly keyPrefix?: string;
  readonly passwordRef?: { readonly name: string; readonly key: string };
}

/** The Redis that workloads use which do not say where their sessions live. */
export interface DefaultRedis {
  readonly address: string;
  readonly passwordRef?: { readonly name: string; readonly key: string };
}

export interface SessionRedis {
  readonly address: string;
  readonly db?: number;
  readonly keyPrefix?: string;
  readonly passwordRef?: { readonly name: string; readonly key: string };
}

/**
 * The Redis of a workload's sessions: its own, else the operator's; none for a workload that asked for memory.
 * @throws {@link SpecError} when the workload asks for Redis and does not say where it is.
 */
export function sessionRedis(
  storage: SessionStorage | undefined,
  fallback: DefaultRedis | undefined,
): SessionRedis | undefined {
  if (storage === undefined) return fallback;
  if (storage.provider !== 'redis') return undefined;
  const { address, db, keyPrefix, passwordRef } = storage;
  if (!address) throw new SpecError('sessionStorage.address is required when provider is redis');
  return { address, ...(db && { db }), ...(keyPrefix && { keyPrefix }), ...(passwordRef && { passwordRef }) };
}

/** The section; undefined when there is nothing to scale by. The password never is in it. */
export function scalingSection(redis: SessionRedis | undefined, backendReplicas?: number): ScalingSection | undefined {
  if (redis === undefined && backendReplicas === undefined) return undefined;
  return {
    ...(backendReplicas !== undefined && { backend_replicas: backendReplicas }),
    ...(redis && {
      session_redis: {
        address: redis.address,
        ...(redis.db && { db: redis.db }),
        ...(redis.keyPrefix && { key_prefix: redis.keyPrefix }),
      },
    }),
  };
}
