import { verdict, type Deployment, type StatedVerdict } from '@trueup/core';
import type { DefaultRedis } from '../run-config/scaling.js';

/** A workload that may have several pods, as its spec says it. */
interface Replicated {
  readonly replicas?: number | undefined;
  readonly sessionStorage?: { readonly provider: string } | undefined;
}

export interface ReplicaRules {
  /** What the workload asks for; undefined: others decide, like an autoscaler. */
  readonly replicas?: number;
  /** True for a server that speaks stdio: two processes cannot share one pipe. */
  readonly isSingle: boolean;
  /** The Deployment as it is. */
  readonly live?: Deployment;
  /** Under which name the Deployment is applied. */
  readonly fieldManager: string;
}

/** How many proxies the Deployment asks for; undefined when that is not for us to say. */
export function proxyReplicas({ replicas, isSingle, live, fieldManager }: ReplicaRules): number | undefined {
  if (replicas !== undefined) return isSingle ? Math.min(replicas, 1) : replicas;
  const count = live?.spec?.replicas;
  if (isSingle && count !== undefined && count > 1) return 1;
  // Giving the field up would let the API server fall back to one replica; whoever changes it takes it over.
  return live !== undefined && ownsReplicas(live, fieldManager) ? count : undefined;
}

function ownsReplicas(deployment: Deployment, manager: string): boolean {
  const entry = deployment.metadata.managedFields?.find(
    (candidate) => candidate.manager === manager && candidate.operation === 'Apply' && !candidate.subresource,
  );
  const spec = entry?.fieldsV1?.['f:spec'];
  return typeof spec === 'object' && spec !== null && 'f:replicas' in spec;
}

/**
 * The condition `SessionStorageWarning`: replicas that do not share sessions lose them.
 * @param fallback - Where sessions are kept of workloads that do not say it.
 */
export function sessionStorageWarning(
  { replicas = 1, sessionStorage }: Replicated,
  fallback: DefaultRedis | undefined,
): StatedVerdict {
  if (replicas <= 1) {
    return verdict.false('SessionStorageWarningNotApplicable', 'session storage warning is not active');
  }
  const isShared = sessionStorage === undefined ? fallback !== undefined : sessionStorage.provider === 'redis';
  if (isShared) return verdict.false('SessionStorageConfigured', 'Redis session storage is configured');
  return verdict.true(
    'SessionStorageMissingForReplicas',
    'replicas > 1 but sessionStorage.provider is not redis; sessions are not shared across replicas',
  );
}
