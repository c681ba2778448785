import type { KubeObject, OwnerReference } from '../object.js';
import type { Api, ObjectEvent, ServerController } from './api.js';
import { isConflict } from './api-errors.js';
import { OwnerGraph, type OwnedNode } from './owner-graph.js';
import { recordEvent } from './record-event.js';
import { EVENTS } from './resource-names.js';
import { WorkQueue } from './work-queue.js';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** What has become of an owner: there, gone, or waiting in the foreground for its dependents to go. */
type OwnerState = 'present' | 'absent' | 'waiting';

/**
 * Deletes objects whose owners are gone, and lets go of owners that wait for their dependents.
 *
 * Follows every write, keeping who owns whom; an event costs what the objects around it cost, not a look at everything.
 * An owner is found by kind and name in the dependent's own namespace, and must have the uid the reference names. An
 * owner of a kind that is not served counts as present.
 *
 * @see {@link https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents | Garbage collection}
 */
export class GarbageCollector implements ServerController {
  readonly name = 'garbage-collector-controller';
  readonly #graph = new OwnerGraph();
  readonly #clock: () => Date;
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor({ clock = () => new Date() }: { clock?: () => Date } = {}) {
    this.#clock = clock;
  }

  start(api: Api): void {
    const queue = new WorkQueue({ process: (uid) => this.#process(api, queue, uid) });
    this.#queue = queue;
    this.#unsubscribe = api.onEvent((event) => this.#observe(queue, event));
    for (const resource of api.resources()) {
      for (const object of api.list(resource)) this.#observe(queue, { type: 'ADDED', resource, object });
    }
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    this.#graph.clear();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  #observe(queue: WorkQueue, { type, resource, object }: ObjectEvent): void {
    // Events name what they are about, but are not owned by it, and there are many of them.
    if (resource.plural === EVENTS.plural) return;
    const { uid } = object.metadata;
    if (uid === undefined) return;
    const affected = type === 'DELETED' ? this.#graph.remove(uid) : this.#graph.put(resource, object);
    for (const other of affected) queue.add(other);
  }

  async #process(api: Api, queue: WorkQueue, uid: string): Promise<void> {
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    if (node.isDeleting) {
      if (node.finalizers.includes(ORPHAN)) await this.#orphanDependents(api, node);
      else if (node.finalizers.includes(FOREGROUND)) await this.#awaitDependents(api, queue, node);
    } else if (node.owners.length > 0) {
      await this.#checkOwners(api, node);
    }
  }

  async #orphanDependents(api: Api, owner: OwnedNode): Promise<void> {
    for (const dependent of this.#graph.dependentsOf(owner.uid)) await dropOwners(api, dependent, new Set([owner.uid]));
    await dropFinalizer(api, owner, ORPHAN);
  }

  async #awaitDependents(api: Api, queue: WorkQueue, owner: OwnedNode): Promise<void> {
    const dependents = this.#graph.dependentsOf(owner.uid);
    for (const dependent of dependents) if (!dependent.isDeleting) queue.add(dependent.uid);
    const isBlocked = dependents.some(({ owners }) =>
      owners.some((reference) => reference.uid === owner.uid && reference.blockOwnerDeletion === true),
    );
    // The last of them to go brings us back.
    if (!isBlocked) await dropFinalizer(api, owner, FOREGROUND);
  }

  async #checkOwners(api: Api, node: OwnedNode): Promise<void> {
    const states = new Map<string, OwnerState>();
    for (const reference of node.owners) {
      states.set(reference.uid, this.#ownerState(api, node, reference));
      await this.#reportInvalidNamespace(api, node, reference);
    }
    const lost = new Set([...states].filter(([, state]) => state !== 'present').map(([uid]) => uid));
    if (lost.size < states.size) {
      if (lost.size > 0) await dropOwners(api, node, lost);
      return;
    }
    const isWaitedFor = [...states.values()].includes('waiting');
    const propagationPolicy = node.finalizers.includes(ORPHAN)
      ? 'Orphan'
      : node.finalizers.includes(FOREGROUND) || (isWaitedFor && this.#graph.dependentsOf(node.uid).length > 0)
        ? 'Foreground'
        : 'Background';
    await ignoringConflicts(() =>
      api.delete(node.resource, node.namespace, node.name, { uid: node.uid, propagationPolicy }),
    );
  }

  #ownerState(api: Api, node: OwnedNode, reference: OwnerReference): OwnerState {
    if (this.#graph.wasRemoved(reference.uid)) return 'absent';
    const kind = kindOf(api, reference);
    // Not served, or a cluster-scoped object that claims an owner in a namespace: nothing can be said about it.
    if (kind === undefined || (kind.namespaced && node.namespace === undefined)) return 'present';
    const owner = api.get(kind, kind.namespaced ? node.namespace : undefined, reference.name);
    if (owner?.metadata.uid !== reference.uid) return 'absent';
    const { deletionTimestamp, finalizers = [] } = owner.metadata;
    return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'present';
  }

  /** Owners must live in the namespace of what they own, or in none. */
  async #reportInvalidNamespace(api: Api, node: OwnedNode, reference: OwnerReference): Promise<void> {
    const owner = this.#graph.get(reference.uid);
    const isElsewhere = owner?.namespace !== undefined && owner.namespace !== node.namespace;
    const isUnreachable = node.namespace === undefined && kindOf(api, reference)?.namespaced === true;
    if (!isElsewhere && !isUnreachable) return;
    const { apiVersion, kind, namespace, name, uid } = node;
    const metadata = { name, uid, ...(namespace === undefined ? {} : { namespace }) };
    const reporter = { name: this.name, api, now: this.#clock };
    await recordEvent(
      reporter,
      { apiVersion, kind, metadata },
      {
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: ${node.namespace ?? ''}, name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace "${node.namespace ?? ''}"`,
      },
    );
  }
}

function kindOf(api: Api, { apiVersion, kind }: OwnerReference): ReturnType<Api['resources']>[number] | undefined {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return api.resources().find((resource) => resource.kind === kind && resource.group === group);
}

async function dropOwners(api: Api, node: OwnedNode, uids: ReadonlySet<string>): Promise<void> {
  await updateSameObject(api, node, ({ metadata }) => {
    const kept = (metadata.ownerReferences ?? []).filter((reference) => !uids.has(reference.uid));
    if (kept.length > 0) metadata.ownerReferences = kept;
    else delete metadata.ownerReferences;
  });
}

async function dropFinalizer(api: Api, node: OwnedNode, finalizer: string): Promise<void> {
  await updateSameObject(api, node, ({ metadata }) => {
    const kept = (metadata.finalizers ?? []).filter((other) => other !== finalizer);
    if (kept.length > 0) metadata.finalizers = kept;
    else delete metadata.finalizers;
  });
}

/** Changes an object unless another one has taken its name. */
async function updateSameObject(api: Api, node: OwnedNode, change: (draft: KubeObject) => void): Promise<void> {
  await api.update(node.resource, node.namespace, node.name, (draft) => {
    if (draft.metadata.uid === node.uid) change(draft);
  });
}

/** What was to be deleted may be gone, and its name taken by another object. */
async function ignoringConflicts(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}
