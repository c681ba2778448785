import type { KubernetesObject, Store } from '@trueup/kube';

const indexes = new Map<string, (object: KubernetesObject) => readonly string[]>();

/**
 * The objects of a namespace that carry these labels. Each set of label keys that anybody asks for has an index of its
 * own, so that a question costs what it finds and not what the namespace holds.
 */
export function listByLabels<T extends KubernetesObject>(
  store: Store<T>,
  namespace: string | undefined,
  labels: Readonly<Record<string, string>>,
): readonly T[] {
  const keys = Object.keys(labels).sort();
  if (keys.length === 0) return store.list(namespace);
  const name = `labels:${JSON.stringify(keys)}`;
  store.addIndex(name, indexOf(name, keys));
  return store.byIndex(name, indexValue(namespace, labels, keys));
}

function indexOf(name: string, keys: readonly string[]): (object: KubernetesObject) => readonly string[] {
  let index = indexes.get(name);
  if (index === undefined) {
    index = ({ metadata: { namespace, labels = {} } }) =>
      keys.every((key) => key in labels) ? [indexValue(namespace, labels, keys)] : [];
    indexes.set(name, index);
  }
  return index;
}

function indexValue(
  namespace: string | undefined,
  labels: Readonly<Record<string, string>>,
  keys: readonly string[],
): string {
  return JSON.stringify([namespace, ...keys.map((key) => labels[key])]);
}
