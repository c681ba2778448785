import type { KubeObject, OwnerReference } from '../../object.js';
import type { ObjectEvent } from '../api.js';

export function controllerOf({ metadata }: Readonly<KubeObject>): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** The objects of one kind by the uid of the controller that made them. */
export class OwnedObjects {
  readonly #byOwner = new Map<string, Map<string, Readonly<KubeObject>>>();

  /** In order of creation. */
  of(owner: Readonly<KubeObject>): Readonly<KubeObject>[] {
    return [...(this.#byOwner.get(owner.metadata.uid ?? '')?.values() ?? [])];
  }

  observe({ type, object, old }: Pick<ObjectEvent, 'type' | 'object' | 'old'>): void {
    const { uid = '' } = object.metadata;
    const owner = controllerOf(object)?.uid;
    const before = old === undefined ? undefined : controllerOf(old)?.uid;
    if (before !== undefined && (before !== owner || type === 'DELETED')) this.#remove(before, uid);
    if (owner === undefined) return;
    if (type === 'DELETED') this.#remove(owner, uid);
    else this.#put(owner, uid, object);
  }

  clear(): void {
    this.#byOwner.clear();
  }

  #put(owner: string, uid: string, object: Readonly<KubeObject>): void {
    const owned = this.#byOwner.get(owner);
    if (owned === undefined) this.#byOwner.set(owner, new Map([[uid, object]]));
    else owned.set(uid, object);
  }

  #remove(owner: string, uid: string): void {
    const owned = this.#byOwner.get(owner);
    owned?.delete(uid);
    if (owned?.size === 0) this.#byOwner.delete(owner);
  }
}
