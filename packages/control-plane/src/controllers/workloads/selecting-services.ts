import { objectAt, specOf } from '../../access.js';
import type { KubeObject } from '../../object.js';
import type { ObjectEvent } from '../api.js';
import { hasLabels, labelKey, type Labels } from './labelled-objects.js';

type Service = Readonly<KubeObject>;

/**
 * Services by what they select. Each is filed under one label of its selector, so that a pod is compared only with those
 * that share a label with it; under the label that fewest others are filed under, since some are shared by all.
 */
export class SelectingServices {
  readonly #byLabel = new Map<string, Map<string, Service>>();
  readonly #filedUnder = new Map<string, string>();

  /** The Services that select a pod. */
  of(pod: Readonly<KubeObject>): Service[] {
    const { namespace = '', labels = {} } = pod.metadata;
    return Object.entries(labels)
      .flatMap(([label, value]) => [...(this.#byLabel.get(labelKey(namespace, label, value))?.values() ?? [])])
      .filter((service) => hasLabels(pod, selectorOf(service)));
  }

  observe({ type, object }: Pick<ObjectEvent, 'type' | 'object'>): void {
    const { uid = '', namespace = '' } = object.metadata;
    this.#remove(uid);
    if (type === 'DELETED') return;
    const [rarest] = Object.entries(selectorOf(object))
      .map(([label, value]) => labelKey(namespace, label, value))
      .sort((left, right) => this.#countUnder(left) - this.#countUnder(right));
    if (rarest === undefined) return;
    const filed = this.#byLabel.get(rarest) ?? new Map<string, Service>();
    this.#byLabel.set(rarest, filed.set(uid, object));
    this.#filedUnder.set(uid, rarest);
  }

  clear(): void {
    this.#byLabel.clear();
    this.#filedUnder.clear();
  }

  #remove(uid: string): void {
    const key = this.#filedUnder.get(uid);
    if (key === undefined) return;
    this.#filedUnder.delete(uid);
    const filed = this.#byLabel.get(key);
    filed?.delete(uid);
    if (filed?.size === 0) this.#byLabel.delete(key);
  }

  #countUnder(key: string): number {
    return this.#byLabel.get(key)?.size ?? 0;
  }
}

function selectorOf(service: Service): Labels {
  return objectAt(specOf(service), 'selector');
}
