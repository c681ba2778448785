import { compareResourceVersions, nameOf, type Clock, type KubernetesObject, type Store } from '@trueup/kube';

/** How long the echo of a write is waited for where nothing else tells that a cache has it. */
const ECHO_TIMEOUT_MS = 10_000;

/** The writes of one reconcile, so that what comes back over the watch is known for an echo. */
export class OwnWrites {
  readonly #versions = new Set<string>();
  readonly #unseen: { readonly store: Store<KubernetesObject>; readonly object: KubernetesObject }[] = [];

  constructor(
    /** Names the reconcile to the caches: who made a change that was recorded there. */
    readonly origin: string,
  ) {}

  /** Puts the answer to a write into the cache, for the next read to see. */
  record<T extends KubernetesObject>(store: Store<T>, object: T): void {
    this.#versions.add(versionOf(object));
    this.#put(store, object, this.origin);
  }

  /** Like {@link record}, for an answer that shows what somebody else changed too: that is no echo, but news. */
  recordOvertaken<T extends KubernetesObject>(store: Store<T>, object: T): void {
    this.#put(store, object, `${this.origin} and others`);
  }

  recordDelete<T extends KubernetesObject>(store: Store<T>, object: T): void {
    store.recordDelete(object, this.origin);
  }

  /** The echo may come before the answer, so it can only be told once the reconcile is over. */
  includes(object: KubernetesObject): boolean {
    return this.#versions.has(versionOf(object));
  }

  /**
   * Resolves when the caches have every write. They have it at once where the server's versions have an order; where they
   * have none a cache cannot tell whether the answer to a write is newer than what it holds, and has to wait for the echo.
   *
   * @returns false when an echo did not come in time, or the signal aborted.
   */
  async areSeen(clock: Clock, signal: AbortSignal): Promise<boolean> {
    const echoes = this.#unseen.filter(({ store, object }) => !isHeld(store, object)).map((write) => echoOf(write));
    if (echoes.length === 0) return true;
    let giveUp = (): void => undefined;
    const cancelled = new Promise<false>((resolve) => (giveUp = () => resolve(false)));
    const cancel = clock.schedule(ECHO_TIMEOUT_MS, giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    const seen = await Promise.race([Promise.all(echoes.map(({ seen }) => seen)).then(() => true), cancelled]);
    cancel();
    signal.removeEventListener('abort', giveUp);
    for (const { forget } of echoes) forget();
    return seen;
  }

  #put<T extends KubernetesObject>(store: Store<T>, object: T, origin: string): void {
    store.recordWrite(object, origin);
    if (!hasOrder(object)) this.#unseen.push({ store, object });
  }
}

function versionOf({ metadata }: KubernetesObject): string {
  return `${metadata.uid}@${metadata.resourceVersion}`;
}

function hasOrder({ metadata: { resourceVersion } }: KubernetesObject): boolean {
  return compareResourceVersions(resourceVersion, '1') !== undefined;
}

function isHeld(store: Store<KubernetesObject>, object: KubernetesObject): boolean {
  const held = store.get(nameOf(object));
  return held !== undefined && versionOf(held) === versionOf(object);
}

/** The change by which the cache gets what was written. */
function echoOf({ store, object }: { readonly store: Store<KubernetesObject>; readonly object: KubernetesObject }): {
  readonly seen: Promise<void>;
  readonly forget: () => void;
} {
  const version = versionOf(object);
  let forget = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    forget = store.subscribe((change) => {
      if (versionOf(change.object) === version) resolve();
    });
  });
  return { seen, forget };
}
