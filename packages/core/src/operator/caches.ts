import {
  isNotFound,
  type Informer,
  type Informers,
  type InformerState,
  type KubernetesObject,
  type WaitForSyncOptions,
} from '@trueup/kube';
import type { KindOf } from '../kind/kind.js';

/** The caches of the kinds that an operator reads, one a kind. */
export class Caches {
  readonly #used = new Map<KindOf['resource'], Informer<KubernetesObject>>();
  readonly #labelSelectors = new Map<KindOf['resource'], string>();

  constructor(
    private readonly informers: Informers,
    /** Empty: all. */
    private readonly namespaces: readonly string[],
  ) {}

  /** Has the cache of a kind hold no others than the objects with these labels. To be said before the cache is asked for. */
  select({ resource }: KindOf, labelSelector: string): void {
    this.#labelSelectors.set(resource, labelSelector);
  }

  /** The cache of a kind; the same one for everybody who asks. */
  of<T extends KubernetesObject>({ resource, labelSelector: own }: KindOf<T>): Informer<T> {
    const known = this.#used.get(resource);
    // One resource, one type: who asks for the same kind means the same T.
    if (known !== undefined) return known as Informer<T>;
    const selectors = [own, this.#labelSelectors.get(resource)].filter((selector) => selector !== undefined);
    const selection = selectors.length === 0 ? {} : { labelSelector: selectors.join() };
    const informer =
      resource.namespaced && this.namespaces.length > 0
        ? this.informers.inNamespaces<T>(resource, this.namespaces, selection)
        : this.informers.informer<T>(resource, selection);
    this.#used.set(resource, informer);
    return informer;
  }

  all(): Iterable<Informer<KubernetesObject>> {
    return this.#used.values();
  }

  /**
   * Fills them, but for those of kinds that the API server does not serve; they are filled when it does.
   *
   * @returns the kinds that it does not serve.
   * @throws when one cannot be filled in time; it names each kind and why.
   */
  async fill(options: WaitForSyncOptions): Promise<ReadonlySet<KindOf['resource']>> {
    const informers = [...this.all()];
    for (const informer of informers) informer.start();
    const or = (state: InformerState) => 'lastError' in state && isNotFound(state.lastError);
    await Promise.all(informers.map((informer) => informer.waitForSync({ ...options, or })));
    return new Set(informers.filter(({ hasSynced }) => !hasSynced).map(({ resource }) => resource));
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
