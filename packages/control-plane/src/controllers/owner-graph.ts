import type { KubeObject, OwnerReference } from '../object.js';
import type { ResourceName } from './api.js';

/** What the garbage collector knows of an object. */
export interface OwnedNode {
  readonly resource: ResourceName;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly isDeleting: boolean;
}

const NONE: readonly never[] = [];

/** Who owns whom, by uid, kept up to date one object at a time. */
export class OwnerGraph {
  readonly #nodes = new Map<string, OwnedNode>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #removedOwners = new Set<string>();

  get(uid: string): OwnedNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Whether an object with this uid was removed and objects still name it as their owner. */
  wasRemoved(uid: string): boolean {
    return this.#removedOwners.has(uid);
  }

  dependentsOf(uid: string): OwnedNode[] {
    return [...(this.#dependents.get(uid) ?? NONE)].flatMap((dependent) => this.#nodes.get(dependent) ?? NONE);
  }

  /** Notes an object's present state. @returns the uids that are to be looked at because of it. */
  put(resource: ResourceName, object: Readonly<KubeObject>): string[] {
    const { metadata } = object;
    const { uid = '', namespace, name = '', ownerReferences = NONE, finalizers = NONE } = metadata;
    const node: OwnedNode = {
      resource: { group: resource.group, plural: resource.plural },
      apiVersion: object.apiVersion,
      kind: object.kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      uid,
      owners: ownerReferences,
      finalizers,
      isDeleting: metadata.deletionTimestamp !== undefined,
    };
    const before = this.#nodes.get(uid);
    this.#nodes.set(uid, node);
    if (before !== undefined && isAlike(before, node)) return [];
    for (const { uid: owner } of before?.owners ?? NONE) this.#unlink(owner, uid);
    for (const { uid: owner } of node.owners) this.#link(owner, uid);
    const isOwnConcern = node.isDeleting || node.owners.length > 0;
    return [...(isOwnConcern ? [uid] : NONE), ...this.#deletingOwners(before), ...this.#deletingOwners(node)];
  }

  /** Forgets an object. @returns the uids that are to be looked at because of it. */
  remove(uid: string): string[] {
    const node = this.#nodes.get(uid);
    this.#nodes.delete(uid);
    for (const { uid: owner } of node?.owners ?? NONE) this.#unlink(owner, uid);
    const dependents = this.#dependents.get(uid) ?? NONE;
    if (this.#dependents.has(uid)) this.#removedOwners.add(uid);
    return [...dependents, ...this.#deletingOwners(node)];
  }

  clear(): void {
    this.#nodes.clear();
    this.#dependents.clear();
    this.#removedOwners.clear();
  }

  #deletingOwners(node: OwnedNode | undefined): string[] {
    return (node?.owners ?? NONE).map(({ uid }) => uid).filter((uid) => this.#nodes.get(uid)?.isDeleting === true);
  }

  #link(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    if (dependents === undefined) this.#dependents.set(owner, new Set([dependent]));
    else dependents.add(dependent);
  }

  #unlink(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    dependents?.delete(dependent);
    if (dependents?.size !== 0) return;
    this.#dependents.delete(owner);
    this.#removedOwners.delete(owner);
  }
}

/** Whether two states of an object are the same to a garbage collector: most writes leave these fields alone. */
function isAlike(a: OwnedNode, b: OwnedNode): boolean {
  return (
    a.isDeleting === b.isDeleting &&
    a.finalizers.length === b.finalizers.length &&
    a.finalizers.every((finalizer, position) => finalizer === b.finalizers[position]) &&
    a.owners.length === b.owners.length &&
    a.owners.every((owner, position) => {
      const other = b.owners[position];
      return owner.uid === other?.uid && owner.blockOwnerDeletion === other.blockOwnerDeletion;
    })
  );
}
