import type { KubernetesObject, NamespacedName } from '@trueup/core';

type Strings = Readonly<Record<string, string>>;

/**
 * Labels by which everything around one workload is found: on the Deployment and its pods, the Service and its selector.
 * @param app - The family of workloads: `mcpserver`, `mcpremoteproxy`.
 */
export function workloadLabels(app: string, name: string): Strings {
  return {
    app,
    'app.kubernetes.io/name': app,
    'app.kubernetes.io/instance': name,
    toolhive: 'true',
    'toolhive-name': name,
  };
}

/** The workload that an object was made for, by the label that proxies and backends carry: for a watch's mapping. */
export function workloadsOf({ metadata: { labels = {}, namespace } }: KubernetesObject): readonly NamespacedName[] {
  const name = labels['toolhive-name'];
  return name === undefined ? [] : [{ name, ...(namespace === undefined ? {} : { namespace }) }];
}

/** The user's labels or annotations with the operator's over them; undefined when there are none. */
export function overlay(overrides: Strings | undefined, own: Strings = {}): Strings | undefined {
  const merged = { ...overrides, ...own };
  return Object.keys(merged).length === 0 ? undefined : merged;
}
