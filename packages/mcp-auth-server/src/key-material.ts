import { verdict, type Verdict, type Stored } from '@trueup/core';
import { redisOf } from './run-config/storage-section.js';
import type { EmbeddedAuthServer } from './schema/embedded-auth-server-schema.js';

type Server = Stored<EmbeddedAuthServer>;

/**
 * The condition `AuthServerKeyMaterial`, advice: False while every process makes up keys of its own; absent otherwise.
 * @param field - Where the structure stands in the spec: `spec.authServerConfig`.
 */
export function keyMaterialVerdict(server: Server | undefined, field: string): Verdict {
  if (server === undefined || hasKeys(server)) return verdict.absent;
  return verdict.false('EphemeralKeys', ephemeralKeys(field));
}

/** Why keys that every process makes up cannot work: there are several processes, or their sessions outlive them. */
export function keyMaterialProblem(server: Server, replicas: number | undefined, field: string): string | undefined {
  const isShared = (replicas ?? 1) > 1 || redisOf(server) !== undefined;
  return isShared && !hasKeys(server) ? ephemeralKeys(field) : undefined;
}

function hasKeys({ signingKeySecretRefs = [], hmacSecretRefs = [] }: Server): boolean {
  return signingKeySecretRefs.length > 0 && hmacSecretRefs.length > 0;
}

function ephemeralKeys(field: string): string {
  return `${field} has no signingKeySecretRefs or hmacSecretRefs; tokens are lost on restart and cannot be shared between replicas`;
}
