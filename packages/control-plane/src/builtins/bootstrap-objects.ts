import type { KubeObject } from '../object.js';
import { KUBERNETES_SERVICE_IP } from './core/ip-allocation.js';
import { SYSTEM_PRIORITIES } from './scheduling.js';

/** What every cluster has from the start, in the order in which it can be created. */

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const RBAC_GROUP = 'rbac.authorization.k8s.io';
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function metadata(name: string, labels: Record<string, string> = {}): KubeObject['metadata'] {
  return {
    name,
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

function clusterRole(name: string, rules: readonly Rule[], labels?: Record<string, string>): KubeObject {
  return { ...RBAC, kind: 'ClusterRole', metadata: metadata(name, labels), rules };
}

/** A role whose rules are gathered from the roles that carry the label `aggregate-to-<name>`. */
function aggregatedRole(name: string, labels?: Record<string, string>): KubeObject {
  const selector = { matchLabels: { [`${RBAC_GROUP}/aggregate-to-${name}`]: 'true' } };
  return {
    ...RBAC,
    kind: 'ClusterRole',
    metadata: metadata(name, labels),
    aggregationRule: { clusterRoleSelectors: [selector] },
    rules: [],
  };
}

function clusterRoleBinding(name: string, groups: readonly string[]): KubeObject {
  return {
    ...RBAC,
    kind: 'ClusterRoleBinding',
    metadata: metadata(name),
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup: RBAC_GROUP, kind: 'Group', name: group })),
  };
}

function aggregateTo(name: string): Record<string, string> {
  return { [`${RBAC_GROUP}/aggregate-to-${name}`]: 'true' };
}

/** What users of a namespace work with, except what lets them gain rights: Secrets and RBAC. */
const WORKLOADS: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[] = [
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'endpoints',
      'events',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'pods/log',
      'pods/status',
      'serviceaccounts',
      'services',
      'services/status',
    ],
  },
  {
    apiGroups: ['apps'],
    resources: [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ],
  },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'] },
  { apiGroups: ['batch'], resources: ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingresses/status', 'networkpolicies'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets', 'poddisruptionbudgets/status'] },
];

const VIEW_ONLY = { apiGroups: [''], resources: ['limitranges', 'namespaces', 'namespaces/status', 'resourcequotas'] };

const INFO_PATHS = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY_PATHS = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...INFO_PATHS];

const kubernetesService: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    clusterIP: KUBERNETES_SERVICE_IP,
    clusterIPs: [KUBERNETES_SERVICE_IP],
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  },
};

function priorityClass(name: string, description: string): KubeObject {
  const value = SYSTEM_PRIORITIES[name];
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
}

export const bootstrapObjects: readonly KubeObject[] = [
  ...['kube-system', 'kube-public', 'kube-node-lease', 'default'].map(namespace),
  kubernetesService,

  priorityClass(
    'system-node-critical',
    'Used for system critical pods that must not be moved from their current node.',
  ),
  priorityClass(
    'system-cluster-critical',
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),

  clusterRole('cluster-admin', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
  aggregatedRole('admin'),
  aggregatedRole('edit', aggregateTo('admin')),
  aggregatedRole('view', aggregateTo('edit')),
  clusterRole(
    'system:aggregate-to-admin',
    [
      { verbs: [...READ, ...WRITE], apiGroups: [RBAC_GROUP], resources: ['rolebindings', 'roles'] },
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'] },
    ],
    aggregateTo('admin'),
  ),
  clusterRole(
    'system:aggregate-to-edit',
    [
      { verbs: [...READ, ...WRITE], apiGroups: [''], resources: ['secrets'] },
      { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] },
      { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction', 'serviceaccounts/token'] },
      { verbs: [...READ, ...WRITE], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
      ...WORKLOADS.map((workload) => ({ verbs: WRITE, ...workload })),
    ],
    aggregateTo('edit'),
  ),
  clusterRole(
    'system:aggregate-to-view',
    [...WORKLOADS, VIEW_ONLY].map((resources) => ({ verbs: READ, ...resources })),
    aggregateTo('view'),
  ),
  clusterRole('system:discovery', [{ verbs: ['get'], nonResourceURLs: DISCOVERY_PATHS }]),
  clusterRole('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: INFO_PATHS }]),
  clusterRole('system:basic-user', [
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ]),

  clusterRoleBinding('cluster-admin', ['system:masters']),
  clusterRoleBinding('system:discovery', ['system:authenticated']),
  clusterRoleBinding('system:basic-user', ['system:authenticated']),
  clusterRoleBinding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
];
