import { RequestInvalidError } from './errors.js';
import type { KubernetesObject, NamespacedName, UnnamedObject } from './object.js';
import type { Operation } from './operation.js';
import { describeOperation } from './operation.js';
import type { ResourceType } from './resource-type.js';

/** Values of a query; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path of a group and version: `/api/v1`, `/apis/apps/v1`. */
export function versionPath({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/**
 * Path and query of an operation.
 *
 * @throws {@link RequestInvalidError} when a namespaced kind is addressed by name without a namespace, or a
 * cluster-scoped one with: guessing would put objects where nobody looks for them.
 */
export function operationPath(operation: Operation, query: Query = {}): string {
  const { resource, namespace, name, subresource, verb } = operation;
  if (!resource.namespaced && namespace !== undefined) {
    throw new RequestInvalidError(
      `${describeOperation(operation)}: ${resource.kind} is cluster-scoped, leave out the namespace`,
    );
  }
  if (resource.namespaced && namespace === undefined && (name !== undefined || verb === 'create')) {
    throw new RequestInvalidError(
      `${describeOperation(operation)}: ${resource.kind} is namespaced, but no namespace is given`,
    );
  }
  let path = versionPath(resource);
  if (namespace !== undefined) path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${encodeURIComponent(resource.plural)}`;
  // A new object is posted to its collection; only a subresource (an eviction, a binding) is posted to a name.
  const isOfOne = verb !== 'create' || subresource !== undefined;
  if (name !== undefined && isOfOne) path += `/${encodeURIComponent(name)}`;
  if (subresource !== undefined) path += `/${encodeURIComponent(subresource)}`;
  const search = new URLSearchParams();
  for (const key in query) {
    const value = query[key];
    if (value !== undefined) search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** Namespace and name for an operation; empty ones are none. */
export function addressOf(
  target: NamespacedName | KubernetesObject | UnnamedObject,
): Pick<Operation, 'namespace' | 'name'> {
  const { namespace, name } = 'metadata' in target ? target.metadata : target;
  return { namespace: namespace === '' ? undefined : namespace, name: name === '' ? undefined : name };
}
