import {
  isNotFound,
  type Informer,
  type Informers,
  type KubernetesObject,
  type WaitForSyncOptions,
} from '@trueup/kube';
import type { KindOf } from '../kind/kind.js';

/** The caches of the kinds that an operator reads, one a kind. */
export class Caches {
  readonly #used = new Map<KindOf['resource'], Informer<KubernetesObject>>();

  constructor(
    private readonly informers: Informers,
    /** Empty: all. */
    private readonly namespaces: readonly string[],
  ) {}

  /** The cache of a kind; the same one for everybody who asks. */
  of<T extends KubernetesObject>({ resource }: KindOf<T>): Informer<T> {
    const known = this.#used.get(resource);
    // One resource, one type: who asks for the same kind means the same T.
    if (known !== undefined) return known as Informer<T>;
    const informer =
      resource.namespaced && this.namespaces.length > 0
        ? this.informers.inNamespaces<T>(resource, this.namespaces)
        : this.informers.informer<T>(resource);
    this.#used.set(resource, informer);
    return informer;
  }

  all(): Iterable<Informer<KubernetesObject>> {
    return this.#used.values();
  }

  /**
   * Fills them. A kind that the API server does not serve is waited for only if it is required.
   *
   * @throws when one cannot be filled in time; it names each kind and why.
   */
  async fill(required: ReadonlySet<KindOf['resource']>, options: WaitForSyncOptions): Promise<void> {
    for (const informer of this.all()) informer.start();
    await Promise.all(
      [...this.all()].map((informer) =>
        informer.waitForSync(
          required.has(informer.resource)
            ? options
            : { ...options, or: (state) => 'lastError' in state && isNotFound(state.lastError) },
        ),
      ),
    );
  }

  /** Whether they have what the API server has; a kind that is not served has nothing to catch up with. */
  async areCurrent(signal: AbortSignal): Promise<boolean> {
    for (const informer of this.all()) {
      if (signal.aborted || !(await isCurrent(informer, signal))) return false;
    }
    return true;
  }

  stop(): Promise<void> {
    return this.informers.stop();
  }
}

async function isCurrent(informer: Informer<KubernetesObject>, signal: AbortSignal): Promise<boolean> {
  try {
    return await informer.isCurrent({ signal });
  } catch (error) {
    return isNotFound(error);
  }
}
