import type { KubernetesObject, NamespacedName } from './object.js';
import { compareResourceVersions } from './resource-version.js';
import type { Change, ChangeListener, IndexFunction, Store } from './store.js';

export interface ObjectStoreOptions<T extends KubernetesObject> {
  /** Makes of an object what is held of it; `like` is what was held before, or else a neighbour. */
  readonly prepare: (object: T, like: T | undefined) => T;
  /** Whether an object is among those this store is about; writes of others are not recorded. */
  readonly includes: (object: T) => boolean;
  /** Told of the exceptions of listeners and index functions; they harm nobody else. */
  readonly onError: (error: unknown, where: 'listener' | 'index') => void;
}

interface Index<T extends KubernetesObject> {
  readonly keys: IndexFunction<T>;
  readonly entries: Map<string, Set<T>>;
}

/** A change on its way, and who is to hear of it: those who had subscribed when it happened. */
interface Delivery<T extends KubernetesObject> {
  readonly change: Change<T>;
  readonly listeners: readonly ChangeListener<T>[];
}

/** A delete of ours whose echo has not come yet. */
interface Tombstone {
  bookmarksSeen: number;
}

/**
 * The cache behind an informer. The state changes first, then listeners hear of it, one change at a time and in order,
 * even when a listener causes the next change.
 *
 * Objects come from three sides that overtake each other: lists, the watch, and our own writes. The rule is that an
 * older state never replaces a newer one.
 */
export class ObjectStore<T extends KubernetesObject> implements Store<T> {
  readonly #options: ObjectStoreOptions<T>;
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #deliveries: Delivery<T>[] = [];
  #listeners: readonly ChangeListener<T>[] = [];
  #isDelivering = false;
  #isFilled = false;
  /** How far lists and the watch have come. */
  #position: string | undefined;
  #size = 0;

  constructor(options: ObjectStoreOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  get({ namespace = '', name }: NamespacedName): T | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined) return [...(this.#namespaces.get(namespace)?.values() ?? [])];
    return [...this.#objects()];
  }

  byIndex(index: string, key: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`No index ${JSON.stringify(index)} was added`);
    return [...(found.entries.get(key) ?? [])];
  }

  addIndex(name: string, keys: IndexFunction<T>): void {
    const known = this.#indexes.get(name);
    if (known?.keys === keys) return;
    if (known !== undefined) throw new Error(`Index ${JSON.stringify(name)} exists with another function`);
    const index: Index<T> = { keys, entries: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.#objects()) this.#addToIndex(index, object);
  }

  recordWrite(object: T, origin: string): void {
    if (!this.#options.includes(object) || this.#isBuried(object)) return;
    // What the watch has passed it has shown, and perhaps removed again since. Without an order there is no telling
    // which is newer: the watch will.
    const { resourceVersion } = object.metadata;
    const held = this.get(object.metadata);
    const known = [held?.metadata.resourceVersion, this.#position];
    if (known.some((version) => version !== undefined && !isBefore(version, resourceVersion))) return;
    this.#put(this.#options.prepare(object, held), origin);
    this.#deliver();
  }

  recordDelete(object: T, origin: string): void {
    const current = this.get(object.metadata);
    if (current !== undefined && !isSame(current, object)) return;
    if (object.metadata.uid !== undefined) this.#tombstones.set(object.metadata.uid, { bookmarksSeen: 0 });
    if (current !== undefined) this.#remove(current, current, origin);
    this.#deliver();
  }

  subscribe(listener: ChangeListener<T>): () => void {
    // Wrapped, so that a function subscribed twice can be taken back once.
    const own: ChangeListener<T> = (change) => listener(change);
    this.#listeners = [...this.#listeners, own];
    for (const object of this.list()) this.#tell(own, { type: 'added', object, isInitialList: true });
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== own);
    };
  }

  /** Takes over an `ADDED` or `MODIFIED` of the watch, as it came; prepared is only what is not known yet. */
  applyWatched(object: T, neighbour?: T): void {
    this.#advance(object.metadata.resourceVersion);
    if (this.#isBuried(object)) return;
    const current = this.get(object.metadata);
    if (current !== undefined && isOutdated(object, current)) return;
    this.#put(this.#options.prepare(object, current ?? neighbour));
    this.#deliver();
  }

  /** Takes over a `DELETED` of the watch, as it came; the object is its last state. */
  applyDeleted(object: T): void {
    this.#advance(object.metadata.resourceVersion);
    this.#tombstones.delete(object.metadata.uid ?? '');
    const current = this.get(object.metadata);
    if (current === undefined || isBefore(object.metadata.resourceVersion, current.metadata.resourceVersion)) return;
    this.#remove(current, isSame(current, object) ? this.#options.prepare(object, current) : current);
    this.#deliver();
  }

  /**
   * Puts a whole list of prepared objects in place of everything held, except for what is known to be newer than the list. Stops after each
   * object: of a large list, whoever goes on with it lets others run, and write, in between.
   */
  *replaceAll(objects: Iterable<T>, listVersion: string | undefined): Generator<void, void, void> {
    const buried = [...this.#tombstones.keys()];
    const listedUids = new Set<string | undefined>();
    const current = new Set<T>();
    for (const object of objects) {
      listedUids.add(object.metadata.uid);
      if (this.#isBuried(object)) continue;
      const held = this.get(object.metadata);
      if (held === undefined || !isOutdated(object, held)) this.#put(object);
      current.add(this.get(object.metadata) ?? object);
      this.#deliver();
      yield;
    }
    // From here on, and no sooner, a write older than the list has nothing to say that the list has not.
    this.#advance(listVersion);
    for (const held of this.list()) {
      if (current.has(held) || isBefore(listVersion, held.metadata.resourceVersion)) continue;
      this.#remove(held, held);
      this.#deliver();
      yield;
    }
    for (const uid of buried) if (!listedUids.has(uid)) this.#tombstones.delete(uid);
    this.#isFilled = true;
  }

  /**
   * Told when the watch has come to a bookmark. The echo of a delete whose event came before our own record of it
   * never comes; two bookmarks later it is no longer waited for.
   */
  passBookmark(resourceVersion: string): void {
    this.#advance(resourceVersion);
    for (const [uid, tombstone] of this.#tombstones) {
      tombstone.bookmarksSeen += 1;
      if (tombstone.bookmarksSeen >= 2) this.#tombstones.delete(uid);
    }
  }

  #advance(version: string | undefined): void {
    if (version !== undefined && !isBefore(version, this.#position)) this.#position = version;
  }

  *#objects(): Generator<T, void, void> {
    for (const objects of this.#namespaces.values()) yield* objects.values();
  }

  #isBuried({ metadata: { uid } }: T): boolean {
    return uid !== undefined && this.#tombstones.has(uid);
  }

  #put(object: T, origin?: string): void {
    const { namespace = '', name } = object.metadata;
    const old = this.get(object.metadata);
    // The same name with another uid is another object: its predecessor's end must not go unheard.
    if (old !== undefined && !isSame(old, object)) {
      this.#remove(old, old, origin);
      return this.#put(object, origin);
    }
    let objects = this.#namespaces.get(namespace);
    if (objects === undefined) this.#namespaces.set(namespace, (objects = new Map()));
    objects.set(name, object);
    for (const index of this.#indexes.values()) {
      if (old !== undefined) this.#removeFromIndex(index, old);
      this.#addToIndex(index, object);
    }
    if (old === undefined) {
      this.#size += 1;
      this.#enqueue({ type: 'added', object, ...this.#circumstances(origin) });
    } else {
      this.#enqueue({ type: 'updated', object, old, ...this.#circumstances(origin) });
    }
  }

  #remove(held: T, last: T, origin?: string): void {
    const { namespace = '', name } = held.metadata;
    const objects = this.#namespaces.get(namespace);
    objects?.delete(name);
    if (objects?.size === 0) this.#namespaces.delete(namespace);
    for (const index of this.#indexes.values()) this.#removeFromIndex(index, held);
    this.#size -= 1;
    this.#enqueue({ type: 'deleted', object: last, ...this.#circumstances(origin) });
  }

  #circumstances(origin: string | undefined): { readonly isInitialList: boolean; readonly origin?: string } {
    return { isInitialList: !this.#isFilled && origin === undefined, ...(origin !== undefined && { origin }) };
  }

  #addToIndex({ keys, entries }: Index<T>, object: T): void {
    for (const key of this.#keysOf(keys, object)) {
      const objects = entries.get(key);
      if (objects === undefined) entries.set(key, new Set([object]));
      else objects.add(object);
    }
  }

  #removeFromIndex({ keys, entries }: Index<T>, object: T): void {
    for (const key of this.#keysOf(keys, object)) {
      const objects = entries.get(key);
      objects?.delete(object);
      if (objects?.size === 0) entries.delete(key);
    }
  }

  #keysOf(keys: IndexFunction<T>, object: T): readonly string[] {
    try {
      return keys(object);
    } catch (error) {
      this.#options.onError(error, 'index');
      return [];
    }
  }

  #enqueue(change: Change<T>): void {
    if (this.#listeners.length > 0) this.#deliveries.push({ change, listeners: this.#listeners });
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      // Grows while it runs when a listener causes a change.
      for (const { change, listeners } of this.#deliveries) {
        for (const listener of listeners) if (this.#listeners.includes(listener)) this.#tell(listener, change);
      }
    } finally {
      this.#deliveries.length = 0;
      this.#isDelivering = false;
    }
  }

  #tell(listener: ChangeListener<T>, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.#options.onError(error, 'listener');
    }
  }
}

/** Whether both are states of one object, rather than of two that had the same name one after the other. */
function isSame(a: KubernetesObject, b: KubernetesObject): boolean {
  return a.metadata.uid === b.metadata.uid;
}

/** Whether one version is known to be older than the other. */
function isBefore(version: string | undefined, other: string | undefined): boolean {
  return (compareResourceVersions(version, other) ?? 0) < 0;
}

/** Whether a state is known to bring nothing that the other does not have. */
function isOutdated(state: KubernetesObject, other: KubernetesObject): boolean {
  return (compareResourceVersions(state.metadata.resourceVersion, other.metadata.resourceVersion) ?? 1) <= 0;
}
