import type { KubernetesObject, NamespacedName } from './object.js';
import type { ChangeListener, IndexFunction, Store } from './store.js';

/** The caches of one kind in several namespaces, as one. What is in none of them is not there. */
export class JoinedStore<T extends KubernetesObject> implements Store<T> {
  constructor(private readonly byNamespace: ReadonlyMap<string, Store<T>>) {}

  get(name: NamespacedName): T | undefined {
    return this.#of(name)?.get(name);
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined) return this.byNamespace.get(namespace)?.list(namespace) ?? [];
    return this.#stores.flatMap((store) => store.list());
  }

  byIndex(index: string, key: string): readonly T[] {
    return this.#stores.flatMap((store) => store.byIndex(index, key));
  }

  addIndex(index: string, keys: IndexFunction<T>): void {
    for (const store of this.#stores) store.addIndex(index, keys);
  }

  recordWrite(object: T, origin: string): void {
    this.#of(object.metadata)?.recordWrite(object, origin);
  }

  recordDelete(object: T, origin: string): void {
    this.#of(object.metadata)?.recordDelete(object, origin);
  }

  subscribe(listener: ChangeListener<T>): () => void {
    const subscriptions = this.#stores.map((store) => store.subscribe(listener));
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  get size(): number {
    return this.#stores.reduce((sum, store) => sum + store.size, 0);
  }

  get #stores(): readonly Store<T>[] {
    return [...this.byNamespace.values()];
  }

  #of({ namespace = '' }: NamespacedName): Store<T> | undefined {
    return this.byNamespace.get(namespace);
  }
}
