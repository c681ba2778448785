import { operatorPermissions, type KubernetesObject, type PolicyRule } from '@trueup/core';
import { permissionOptions, type OperatorApplication } from '../application.js';
import { namespaceOf } from './namespace.js';
import { admissionConfigurations, servesWebhooks, typeOf, WEBHOOK_PORT, webhookService } from './webhooks.js';

/** What an operator is installed as: one object a file, by the file's name. */
export type OperatorObjects = Readonly<Record<string, KubernetesObject>>;

const RBAC = 'rbac.authorization.k8s.io';

/**
 * The objects that run an operator for all namespaces: its account, exactly the permissions that follow from its
 * declarations, a Deployment of one replica, and what leads the API server to its webhooks.
 */
export function operatorObjects(application: OperatorApplication): OperatorObjects {
  const { name, modules } = application;
  const { namespaced, cluster, ownNamespace } = operatorPermissions(modules, permissionOptions(application));
  const namespace = namespaceOf(application);
  const labels = { 'app.kubernetes.io/name': name };
  const metadata = { name, namespace, labels };
  const manager = role('ClusterRole', { name: `${name}-manager-role`, labels }, [...namespaced, ...cluster]);
  const own = role('Role', { ...metadata, name: `${name}-leader-election-role` }, ownNamespace);
  return {
    namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    'service-account': { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    'cluster-role': manager,
    'cluster-role-binding': binding(manager, metadata),
    role: own,
    'role-binding': binding(own, metadata),
    deployment: deployment(application, metadata),
    ...webhookObjects(application),
  };
}

function webhookObjects(application: OperatorApplication): OperatorObjects {
  if (!servesWebhooks(application)) return {};
  const configurations = admissionConfigurations(application).map(
    (configuration) => [`${typeOf(configuration)}-webhooks`, configuration] as const,
  );
  return { 'webhook-service': webhookService(application), ...Object.fromEntries(configurations) };
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Role {
  readonly apiVersion: string;
  readonly kind: 'Role' | 'ClusterRole';
  readonly metadata: Metadata;
  readonly rules: readonly PolicyRule[];
}

function role(kind: Role['kind'], metadata: Metadata, rules: readonly PolicyRule[]): Role {
  return { apiVersion: `${RBAC}/v1`, kind, metadata, rules };
}

function binding({ apiVersion, kind, metadata }: Role, { name, namespace }: Metadata) {
  return {
    apiVersion,
    kind: `${kind}Binding`,
    metadata: { ...metadata, name: `${metadata.name}binding` },
    roleRef: { apiGroup: RBAC, kind, name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
}

function deployment(application: OperatorApplication, metadata: Metadata) {
  const { name, image = `${name}:latest` } = application;
  const { labels } = metadata;
  const probe = (path: string) => ({ httpGet: { path, port: 'health' } });
  const container = {
    name: 'manager',
    image,
    args: ['--leader-elect'],
    env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    ports: [
      { name: 'metrics', containerPort: 8080, protocol: 'TCP' },
      { name: 'health', containerPort: 8081, protocol: 'TCP' },
      ...(servesWebhooks(application) ? [WEBHOOK_PORT] : []),
    ],
    livenessProbe: { ...probe('/healthz'), initialDelaySeconds: 15, periodSeconds: 20 },
    readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 5, periodSeconds: 10 },
    resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '10m', memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          // The process ends by itself after 30 s at the latest.
          terminationGracePeriodSeconds: 40,
          securityContext: { runAsNonRoot: true },
          containers: [container],
        },
      },
    },
  };
}
