import type { KubernetesObject, Store } from '@trueup/kube';

/** The writes of one reconcile, so that what comes back over the watch is known for an echo. */
export class OwnWrites {
  readonly #versions = new Set<string>();

  constructor(
    /** Names the reconcile to the caches: who made a change that was recorded there. */
    readonly origin: string,
  ) {}

  /** Puts the answer to a write into the cache, for the next read to see. */
  record<T extends KubernetesObject>(store: Store<T>, object: T): void {
    this.#versions.add(versionOf(object));
    store.recordWrite(object, this.origin);
  }

  /** Like {@link record}, for an answer that shows what somebody else changed too: that is no echo, but news. */
  recordOvertaken<T extends KubernetesObject>(store: Store<T>, object: T): void {
    store.recordWrite(object, `${this.origin} and others`);
  }

  recordDelete<T extends KubernetesObject>(store: Store<T>, object: T): void {
    store.recordDelete(object, this.origin);
  }

  /** The echo may come before the answer, so it can only be told once the reconcile is over. */
  includes(object: KubernetesObject): boolean {
    return this.#versions.has(versionOf(object));
  }
}

function versionOf({ metadata }: KubernetesObject): string {
  return `${metadata.uid}@${metadata.resourceVersion}`;
}
