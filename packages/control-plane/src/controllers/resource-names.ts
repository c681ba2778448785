import type { ResourceName } from './api.js';

/** The resources that the server's own controllers work with. */
export const NAMESPACES: ResourceName = { group: '', plural: 'namespaces' };
export const PODS: ResourceName = { group: '', plural: 'pods' };
export const NODES: ResourceName = { group: '', plural: 'nodes' };
export const SERVICES: ResourceName = { group: '', plural: 'services' };
export const ENDPOINTS: ResourceName = { group: '', plural: 'endpoints' };
export const EVENTS: ResourceName = { group: '', plural: 'events' };
export const CONFIG_MAPS: ResourceName = { group: '', plural: 'configmaps' };
export const SERVICE_ACCOUNTS: ResourceName = { group: '', plural: 'serviceaccounts' };
export const PERSISTENT_VOLUME_CLAIMS: ResourceName = { group: '', plural: 'persistentvolumeclaims' };
export const DEPLOYMENTS: ResourceName = { group: 'apps', plural: 'deployments' };
export const REPLICA_SETS: ResourceName = { group: 'apps', plural: 'replicasets' };
export const STATEFUL_SETS: ResourceName = { group: 'apps', plural: 'statefulsets' };
export const DAEMON_SETS: ResourceName = { group: 'apps', plural: 'daemonsets' };
export const CONTROLLER_REVISIONS: ResourceName = { group: 'apps', plural: 'controllerrevisions' };
export const JOBS: ResourceName = { group: 'batch', plural: 'jobs' };
export const CRON_JOBS: ResourceName = { group: 'batch', plural: 'cronjobs' };
export const AUTOSCALERS: ResourceName = { group: 'autoscaling', plural: 'horizontalpodautoscalers' };
export const DISRUPTION_BUDGETS: ResourceName = { group: 'policy', plural: 'poddisruptionbudgets' };
export const RESOURCE_QUOTAS: ResourceName = { group: '', plural: 'resourcequotas' };
export const CLUSTER_ROLES: ResourceName = { group: 'rbac.authorization.k8s.io', plural: 'clusterroles' };
export const ENDPOINT_SLICES: ResourceName = { group: 'discovery.k8s.io', plural: 'endpointslices' };

export function isResource(name: ResourceName, other: ResourceName): boolean {
  return name.plural === other.plural && name.group === other.group;
}

/** `deployments.apps`, `pods`. */
export function resourceKey({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`;
}
