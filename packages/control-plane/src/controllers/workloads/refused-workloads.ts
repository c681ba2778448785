import type { ObjectEvent } from '../api.js';

/** What admission goes by: a change to one of these may let pods in that were refused. */
const GATES = ['limitranges', 'priorityclasses', 'resourcequotas', 'serviceaccounts'];
const GATE_GROUP = 'admissionregistration.k8s.io';

/** The workloads whose pods were refused, by the keys of the queue: `plural/namespace/name`. */
export class RefusedWorkloads {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
  }

  /** The workload is looked at, and said again to be refused if it still is. */
  delete(key: string): void {
    this.#keys.delete(key);
  }

  /** Those whose pods may be let in now. */
  letInBy({ resource, object }: ObjectEvent): string[] {
    if (this.#keys.size === 0) return [];
    if (resource.group !== GATE_GROUP && !GATES.includes(resource.plural)) return [];
    const { namespace } = object.metadata;
    return [...this.#keys].filter((key) => namespace === undefined || key.split('/')[1] === namespace);
  }

  clear(): void {
    this.#keys.clear();
  }
}
