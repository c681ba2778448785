import type { DesiredObject, PolicyRule } from '@trueup/core';
import type { PullSecret } from './pull-secrets.js';

const ALL = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const READ = ['get', 'list', 'watch'];

/** What the proxy runner may do: make the backend, talk to it, and read its own configuration. */
export const PROXY_RUNNER_RULES: readonly PolicyRule[] = [
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ALL },
  { apiGroups: [''], resources: ['services'], verbs: ALL },
  { apiGroups: [''], resources: ['pods'], verbs: READ },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods/attach'], verbs: ['create', 'get'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: READ },
];

export function serviceAccount(name: string, imagePullSecrets?: readonly PullSecret[]): DesiredObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name },
    ...(imagePullSecrets && { imagePullSecrets }),
  };
}

export interface AuthorizedAccountParts {
  readonly name: string;
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  readonly pullSecrets?: readonly PullSecret[];
}

/** A ServiceAccount, a Role and what binds them, all of one name. */
export function authorizedAccount({
  name,
  namespace,
  rules,
  pullSecrets,
}: AuthorizedAccountParts): readonly DesiredObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name } };
  return [
    serviceAccount(name, pullSecrets),
    { ...rbac, kind: 'Role', rules },
    {
      ...rbac,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}
