import type { KubernetesObject } from '@trueup/kube';
import type { Condition } from './conditions/condition.js';
import type { KindOf } from './kind/kind.js';

/*
 * The kinds of Kubernetes itself that operators read and own. The types name what is used often; everything else an object
 * holds is there all the same, as JSON.
 */

type Json = Readonly<Record<string, unknown>>;
type Strings = Readonly<Record<string, string>>;

/** Text for pods and programs. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: Strings;
  /** Base64. */
  readonly binaryData?: Strings;
  readonly immutable?: boolean;
}
export const ConfigMap = core<ConfigMap>('ConfigMap', 'configmaps');

export interface Secret extends KubernetesObject {
  readonly type?: string;
  /** Base64. */
  readonly data?: Strings;
  /** Plain text on writes only; reads never have it. */
  readonly stringData?: Strings;
  readonly immutable?: boolean;
}
export const Secret = core<Secret>('Secret', 'secrets');

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly nodePort?: number;
  readonly appProtocol?: string;
}

export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    readonly clusterIP?: string;
    readonly selector?: Strings;
    readonly ports?: readonly ServicePort[];
    readonly sessionAffinity?: 'ClientIP' | 'None';
    readonly sessionAffinityConfig?: Json;
    readonly publishNotReadyAddresses?: boolean;
  };
  readonly status?: Json;
}
export const Service = core<Service>('Service', 'services');

export interface ServiceAccount extends KubernetesObject {
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
  readonly secrets?: readonly { readonly name?: string }[];
  readonly automountServiceAccountToken?: boolean;
}
export const ServiceAccount = core<ServiceAccount>('ServiceAccount', 'serviceaccounts');

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
    readonly configMapKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
    readonly fieldRef?: { readonly fieldPath: string; readonly apiVersion?: string };
    readonly resourceFieldRef?: Json;
  };
}

/** Where a container takes a whole set of variables from; one of the two. */
export interface EnvFromSource {
  readonly prefix?: string;
  readonly secretRef?: { readonly name?: string; readonly optional?: boolean };
  readonly configMapRef?: { readonly name?: string; readonly optional?: boolean };
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

export interface ResourceRequirements {
  readonly limits?: Strings;
  readonly requests?: Strings;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly ports?: readonly ContainerPort[];
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMount[];
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly livenessProbe?: Json;
  readonly readinessProbe?: Json;
  readonly startupProbe?: Json;
  readonly securityContext?: Json;
  readonly [field: string]: unknown;
}

/** A volume of a pod; its source stands beside the name: `{ name: 'tls', secret: { secretName: 'tls' } }`. */
export interface Volume {
  readonly name: string;
  readonly configMap?: {
    readonly name?: string;
    readonly items?: readonly { readonly key: string; readonly path: string }[];
    readonly optional?: boolean;
  };
  readonly secret?: {
    readonly secretName?: string;
    readonly items?: readonly { readonly key: string; readonly path: string }[];
    readonly optional?: boolean;
    readonly defaultMode?: number;
  };
  readonly [source: string]: unknown;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly nodeSelector?: Strings;
  readonly securityContext?: Json;
  readonly [field: string]: unknown;
}

export interface PodTemplateSpec {
  readonly metadata?: { readonly labels?: Strings; readonly annotations?: Strings };
  readonly spec?: PodSpec;
}

export interface LabelSelector {
  readonly matchLabels?: Strings;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** A condition of a built-in kind; some of them are sparser than {@link Condition}. */
export type BuiltinCondition = Pick<Condition, 'type' | 'status'> & Partial<Condition>;

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
  };
}

export interface Pod extends KubernetesObject {
  readonly spec?: PodSpec;
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    readonly conditions?: readonly BuiltinCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly podIP?: string;
    readonly reason?: string;
    readonly message?: string;
  };
}
export const Pod = core<Pod>('Pod', 'pods');

export interface PersistentVolumeClaim extends KubernetesObject {
  readonly spec?: {
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
    readonly resources?: ResourceRequirements;
    readonly [field: string]: unknown;
  };
  readonly status?: { readonly phase?: string };
}
export const PersistentVolumeClaim = core<PersistentVolumeClaim>('PersistentVolumeClaim', 'persistentvolumeclaims');

export interface Namespace extends KubernetesObject {
  readonly status?: { readonly phase?: 'Active' | 'Terminating' };
}
export const Namespace = core<Namespace>('Namespace', 'namespaces', { namespaced: false });

export interface Deployment extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly strategy?: Json;
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly BuiltinCondition[];
  };
}
export const Deployment = builtin<Deployment>('apps', 'v1', 'Deployment', 'deployments');

export interface StatefulSet extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly BuiltinCondition[];
  };
}
export const StatefulSet = builtin<StatefulSet>('apps', 'v1', 'StatefulSet', 'statefulsets');

export interface Job extends KubernetesObject {
  readonly spec?: {
    readonly template: PodTemplateSpec;
    readonly backoffLimit?: number;
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly conditions?: readonly BuiltinCondition[];
  };
}
export const Job = builtin<Job>('batch', 'v1', 'Job', 'jobs');

export interface Ingress extends KubernetesObject {
  readonly spec?: Json;
  readonly status?: Json;
}
export const Ingress = builtin<Ingress>('networking.k8s.io', 'v1', 'Ingress', 'ingresses');

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface Role extends KubernetesObject {
  readonly rules?: readonly PolicyRule[];
}
export const Role = builtin<Role>('rbac.authorization.k8s.io', 'v1', 'Role', 'roles');

export interface RoleBinding extends KubernetesObject {
  readonly roleRef: { readonly apiGroup: string; readonly kind: 'Role' | 'ClusterRole'; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: 'ServiceAccount' | 'User' | 'Group';
    readonly name: string;
    readonly namespace?: string;
    readonly apiGroup?: string;
  }[];
}
export const RoleBinding = builtin<RoleBinding>('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings');

/** What happened to an object, for people. {@link https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ | events.k8s.io/v1} */
export interface Event extends KubernetesObject {
  readonly type?: 'Normal' | 'Warning';
  readonly reason?: string;
  readonly action?: string;
  readonly note?: string;
  readonly regarding?: ObjectReference;
  readonly related?: ObjectReference;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  /** RFC 3339 with microseconds. */
  readonly eventTime: string | null;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}
export const Event = builtin<Event>('events.k8s.io', 'v1', 'Event', 'events');

export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}
export const Lease = builtin<Lease>('coordination.k8s.io', 'v1', 'Lease', 'leases');

function core<T extends KubernetesObject>(
  kind: string,
  plural: string,
  scope?: { readonly namespaced: boolean },
): KindOf<T> {
  return builtin('', 'v1', kind, plural, scope);
}

function builtin<T extends KubernetesObject>(
  group: string,
  version: string,
  kind: string,
  plural: string,
  { namespaced } = { namespaced: true },
): KindOf<T> {
  return { resource: { group, version, kind, plural, namespaced } };
}
