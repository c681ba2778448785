import {
  ConfigMap,
  Deployment,
  Event,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  type KindOf,
} from '@trueup/core';
import type { Client, KubernetesObject } from '@trueup/kube';
import { dump } from 'js-yaml';

const CHILD_KINDS: readonly KindOf[] = [
  ConfigMap,
  Deployment,
  Event,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
];

/** Every object of these kinds and of those that operators make, in these namespaces; by kind, namespace and name. */
export async function readObjects(
  client: Client,
  kinds: readonly KindOf[],
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const objects: KubernetesObject[] = [];
  for (const { resource } of [...kinds, ...CHILD_KINDS]) {
    for (const namespace of resource.namespaced ? namespaces : [undefined]) {
      const { items } = await client.list(resource, { signal, ...(namespace === undefined ? {} : { namespace }) });
      objects.push(...items.map(printable).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)));
    }
  }
  return objects;
}

/** Without the bookkeeping of field managers, and without what a Secret keeps secret. */
function printable(object: KubernetesObject): KubernetesObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  if (object.kind !== 'Secret') return { ...object, metadata };
  const { data = {}, ...secret } = object as KubernetesObject & { readonly data?: Readonly<Record<string, string>> };
  const hidden = Object.fromEntries(Object.keys(data).map((key) => [key, '<hidden>']));
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = metadata.annotations ?? {};
  return { ...secret, metadata: { ...metadata, annotations }, data: hidden } as KubernetesObject;
}

export function formatObjects(objects: readonly KubernetesObject[], format: 'json' | 'yaml'): string {
  if (format === 'yaml') return objects.map((object) => dump(object, { noRefs: true })).join('---\n');
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
}
