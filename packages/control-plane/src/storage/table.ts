import { freezeJson } from '../json.js';
import type { KubeObject } from '../object.js';
import { EventWindow } from './event-window.js';
import { Snapshot } from './snapshot.js';
import { SortedKeys } from './sorted-keys.js';

/** An object as it is stored: frozen throughout. */
export type StoredObject = Readonly<KubeObject>;

/** One commit. */
export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly key: string;
  /** The state after; for DELETED the last state, with the resourceVersion of the deletion. */
  readonly object: StoredObject;
  /** The state before; absent for ADDED. */
  readonly old?: StoredObject;
}

/** Hears of each commit to a table, in order. */
export interface TableWatcher {
  committed(event: StoredEvent): void;
  /** The table is gone, or serves something else now: no more events. */
  ended(): void;
}

interface TableOptions {
  readonly windowSize: number;
  version(): number;
  nextVersion(): number;
  committed(event: StoredEvent): void;
}

/** The objects of one kind, ordered by namespace and name. */
export class Table {
  readonly #options: TableOptions;
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new SortedKeys();
  readonly #window: EventWindow;
  readonly #watchers = new Set<TableWatcher>();

  constructor(options: TableOptions) {
    this.#options = options;
    this.#window = new EventWindow(options.windowSize, options.version());
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The oldest resourceVersion that a watch can start from. */
  get oldestVersion(): number {
    return this.#window.oldestVersion;
  }

  get(namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /** All objects, or those of a namespace, in order. */
  list(namespace?: string): StoredObject[] {
    const keys = namespace === undefined ? this.#keys.all() : this.#keys.between(...rangeOf(namespace));
    const found: StoredObject[] = [];
    for (const key of keys) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  /**
   * The objects, or those of a namespace, to be read page by page: as they are, or as they were after a resourceVersion.
   * @returns undefined when that is longer ago than the window reaches.
   */
  snapshot(version: number | undefined, namespace?: string): Snapshot | undefined {
    const since = version === undefined ? [] : this.#window.since(version);
    if (since === undefined) return undefined;
    const changed = new Map<string, StoredObject | undefined>();
    for (const event of since) if (!changed.has(event.key)) changed.set(event.key, event.old);
    const [start, end] = rangeOf(namespace);
    return new Snapshot({ keys: this.#keys, objects: this.#objects, changed, start, end });
  }

  /** Puts back an object of an earlier store, with the resourceVersion that it has. Nobody is told. */
  restore(object: KubeObject): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name ?? '');
    this.#keys.add(key);
    this.#objects.set(key, freezeJson(object));
  }

  /** Stores an object that is not there yet. It is frozen and given its resourceVersion. */
  add(object: KubeObject): StoredObject {
    const key = keyOf(object.metadata.namespace, object.metadata.name ?? '');
    const version = this.#options.nextVersion();
    const stored = withVersion(object, version);
    this.#keys.add(key);
    this.#objects.set(key, stored);
    this.#commit({ type: 'ADDED', version, key, object: stored });
    return stored;
  }

  /** Stores a new state of an object that is there. */
  replace(object: KubeObject): StoredObject {
    const key = keyOf(object.metadata.namespace, object.metadata.name ?? '');
    const old = this.#objects.get(key);
    if (!old) throw new Error(`${key} is not stored`);
    const version = this.#options.nextVersion();
    const stored = withVersion(object, version);
    this.#objects.set(key, stored);
    this.#commit({ type: 'MODIFIED', version, key, object: stored, old });
    return stored;
  }

  remove(namespace: string | undefined, name: string): StoredObject | undefined {
    const key = keyOf(namespace, name);
    const old = this.#objects.get(key);
    if (!old) return undefined;
    const version = this.#options.nextVersion();
    const last = withVersion(old, version);
    this.#keys.delete(key);
    this.#objects.delete(key);
    this.#commit({ type: 'DELETED', version, key, object: last, old });
    return last;
  }

  /** The events after that resourceVersion, oldest first, or `undefined` when some are forgotten. */
  eventsSince(version: number): readonly StoredEvent[] | undefined {
    return this.#window.since(version);
  }

  watch(watcher: TableWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells all watchers that there will be no more events. Objects stay. */
  end(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.ended();
  }

  compact(): void {
    this.#window.clear(this.#options.version());
  }

  #commit(event: StoredEvent): void {
    this.#window.push(event);
    for (const watcher of [...this.#watchers]) watcher.committed(event);
    this.#options.committed(event);
  }
}

/** The key under which an object is stored; keys sort as lists do. */
export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** The first key, and the first beyond the last: `0` is the character after `/`. */
function rangeOf(namespace: string | undefined): [string, string] {
  return namespace === undefined ? ['', '\uffff'] : [keyOf(namespace, ''), `${namespace}0`];
}

function withVersion(object: KubeObject, version: number): StoredObject {
  return freezeJson({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
}
