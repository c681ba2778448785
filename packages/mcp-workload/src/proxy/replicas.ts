import { verdict, type Deployment, type StatedVerdict } from '@trueup/core';

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

/** The condition `SessionStorageWarning`: replicas that do not share sessions lose them. */
export function sessionStorageWarning(replicas: number | undefined, provider: string | undefined): StatedVerdict {
  if (replicas === undefined || replicas <= 1) {
    return verdict.false('SessionStorageWarningNotApplicable', 'session storage warning is not active');
  }
  if (provider === 'redis') return verdict.false('SessionStorageConfigured', 'Redis session storage is configured');
  return verdict.true(
    'SessionStorageMissingForReplicas',
    'replicas > 1 but sessionStorage.provider is not redis; sessions are not shared across replicas',
  );
}
