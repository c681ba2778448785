import type { KubernetesObject, NamespacedName } from './object.js';

/**
 * A change to a cached object. `old` is what the cache held before, so that a handler can reach what the former state
 * referred to.
 */
export type Change<T extends KubernetesObject> = {
  /** Passed through from {@link Store.recordWrite}; absent for changes that came over the watch. */
  readonly origin?: string;
  /** True while the cache is being filled for the first time. */
  readonly isInitialList: boolean;
} & (
  | { readonly type: 'added'; readonly object: T; readonly old?: undefined }
  | { readonly type: 'updated'; readonly object: T; readonly old: T }
  | { readonly type: 'deleted'; readonly object: T; readonly old?: undefined }
);

export type ChangeListener<T extends KubernetesObject> = (change: Change<T>) => void;

/** Gives the index keys of an object; objects without a key are not in the index. */
export type IndexFunction<T extends KubernetesObject> = (object: T) => readonly string[];

/** A cache of one kind. Objects are frozen: read them freely, copy before changing. */
export interface Store<T extends KubernetesObject> {
  get(name: NamespacedName): T | undefined;
  /** All objects, or those of one namespace; in no particular order. */
  list(namespace?: string): readonly T[];
  /** Objects whose index function gave this key. @throws when no such index was added. */
  byIndex(index: string, key: string): readonly T[];
  /** Adds an index; adding the same name again with the same function does nothing. May be called at any time. */
  addIndex(index: string, keys: IndexFunction<T>): void;
  /**
   * Puts the answer to a write of our own into the cache, unless the cache already holds a newer state, so that the next
   * read sees it; the echo that later comes over the watch changes nothing and calls no listener. Listeners are called
   * with `origin`, so that the writer can tell its own change from a foreign one. The object is frozen, not copied.
   */
  recordWrite(object: T, origin: string): void;
  /** The same for a delete that left nothing behind. */
  recordDelete(object: T, origin: string): void;
  /** Calls the listener for every object held now (as `added`) and for every change from now on. */
  subscribe(listener: ChangeListener<T>): () => void;
  readonly size: number;
}
