import {
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
} from './admission-registration.js';
import { customResourceDefinitions } from './api-extensions.js';
import { controllerRevisions } from './apps/controller-revision.js';
import { daemonSets } from './apps/daemon-set.js';
import { deployments } from './apps/deployment.js';
import { replicaSets } from './apps/replica-set.js';
import { statefulSets } from './apps/stateful-set.js';
import { horizontalPodAutoscalers } from './autoscaling.js';
import { cronJobs } from './batch/cron-job.js';
import { jobs } from './batch/job.js';
import { leases } from './coordination.js';
import { configMaps, secrets, serviceAccounts } from './core/config.js';
import { events, eventsV1 } from './core/event.js';
import { limitRanges } from './core/limit-range.js';
import { namespaces } from './core/namespace.js';
import { nodes } from './core/node.js';
import { pods } from './core/pod.js';
import { resourceQuotas } from './core/resource-quota.js';
import { endpoints, services } from './core/service.js';
import { persistentVolumeClaims, persistentVolumes } from './core/volumes.js';
import type { BuiltinResource } from './define-builtin.js';
import { endpointSlices } from './discovery.js';
import { ingressClasses, ingresses, networkPolicies } from './networking.js';
import { podDisruptionBudgets } from './policy.js';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac.js';
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
} from './reviews.js';
import { priorityClasses } from './scheduling.js';
import { storageClasses } from './storage.js';

export { bootstrapObjects } from './bootstrap-objects.js';

/** Every built-in kind, in the order in which a real cluster's groups take precedence for short names. */
export const builtinResources: readonly BuiltinResource[] = [
  configMaps,
  endpoints,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,

  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,

  eventsV1,

  selfSubjectReviews,
  tokenReviews,

  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,

  horizontalPodAutoscalers,

  cronJobs,
  jobs,

  ingressClasses,
  ingresses,
  networkPolicies,

  podDisruptionBudgets,

  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,

  storageClasses,

  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,

  customResourceDefinitions,

  priorityClasses,

  leases,

  endpointSlices,
];
