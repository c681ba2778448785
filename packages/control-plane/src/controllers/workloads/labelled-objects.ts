import type { KubeObject } from '../../object.js';
import type { ObjectEvent } from '../api.js';

export type Labels = Readonly<Record<string, unknown>>;

export function hasLabels({ metadata }: Readonly<KubeObject>, labels: Labels): boolean {
  return Object.entries(labels).every(([label, value]) => metadata.labels?.[label] === value);
}

/** What objects of a namespace with a label are filed under. */
export function labelKey(namespace: string, label: string, value: unknown): string {
  return `${namespace}/${label}=${String(value)}`;
}

/** The objects of one kind by their labels: a selector costs what its rarest label has, however many objects there are. */
export class LabelledObjects {
  readonly #byLabel = new Map<string, Map<string, Readonly<KubeObject>>>();

  /** The objects of a namespace that have all these labels, in the order of their names. */
  having(namespace: string, labels: Labels): Readonly<KubeObject>[] {
    const [rarest] = Object.entries(labels)
      .map(([label, value]) => this.#byLabel.get(labelKey(namespace, label, value)))
      .sort((left, right) => (left?.size ?? 0) - (right?.size ?? 0));
    return [...(rarest?.values() ?? [])]
      .filter((object) => hasLabels(object, labels))
      .sort(({ metadata: left }, { metadata: right }) => ((left.name ?? '') < (right.name ?? '') ? -1 : 1));
  }

  observe({ type, object, old }: Pick<ObjectEvent, 'type' | 'object' | 'old'>): void {
    const { uid = '', namespace = '', labels } = object.metadata;
    for (const [label, value] of Object.entries(old?.metadata.labels ?? {})) {
      if (type === 'DELETED' || labels?.[label] !== value) this.#remove(labelKey(namespace, label, value), uid);
    }
    if (type === 'DELETED') return;
    for (const [label, value] of Object.entries(labels ?? {}))
      this.#put(labelKey(namespace, label, value), uid, object);
  }

  clear(): void {
    this.#byLabel.clear();
  }

  #put(key: string, uid: string, object: Readonly<KubeObject>): void {
    const labelled = this.#byLabel.get(key);
    if (labelled === undefined) this.#byLabel.set(key, new Map([[uid, object]]));
    else labelled.set(uid, object);
  }

  #remove(key: string, uid: string): void {
    const labelled = this.#byLabel.get(key);
    labelled?.delete(uid);
    if (labelled?.size === 0) this.#byLabel.delete(key);
  }
}
