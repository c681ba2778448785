import { describe, expect, it } from '@jest/globals';
import { apiVersionOf } from '@trueup/kube';
import * as builtin from './builtin-kinds.js';

describe('built-in kinds', () => {
  it.each([
    [builtin.ConfigMap, 'v1', 'ConfigMap', 'configmaps'],
    [builtin.Secret, 'v1', 'Secret', 'secrets'],
    [builtin.Service, 'v1', 'Service', 'services'],
    [builtin.ServiceAccount, 'v1', 'ServiceAccount', 'serviceaccounts'],
    [builtin.Pod, 'v1', 'Pod', 'pods'],
    [builtin.PersistentVolumeClaim, 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
    [builtin.Deployment, 'apps/v1', 'Deployment', 'deployments'],
    [builtin.StatefulSet, 'apps/v1', 'StatefulSet', 'statefulsets'],
    [builtin.Job, 'batch/v1', 'Job', 'jobs'],
    [builtin.Ingress, 'networking.k8s.io/v1', 'Ingress', 'ingresses'],
    [builtin.Role, 'rbac.authorization.k8s.io/v1', 'Role', 'roles'],
    [builtin.RoleBinding, 'rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'],
    [builtin.Event, 'events.k8s.io/v1', 'Event', 'events'],
    [builtin.Lease, 'coordination.k8s.io/v1', 'Lease', 'leases'],
  ])('are found where Kubernetes serves them (%#)', ({ resource }, apiVersion, kind, plural) => {
    expect(apiVersionOf(resource)).toBe(apiVersion);
    expect(resource).toMatchObject({ kind, plural, namespaced: true });
  });

  it('keep namespaces outside of namespaces', () => {
    expect(builtin.Namespace.resource).toEqual({
      group: '',
      version: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      namespaced: false,
    });
  });
});
