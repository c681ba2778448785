import type { RequestOptions } from './client-options.js';
import { isSyncTimeout, SyncTimeoutError } from './errors.js';
import type { Informer, WaitForSyncOptions } from './informer.js';
import type { KubernetesObject } from './object.js';
import type { InformerCounters, InformerState } from './reflector.js';
import type { ResourceType } from './resource-type.js';
import { JoinedStore } from './joined-store.js';
import type { Store } from './store.js';

/** The informers of one kind in several namespaces, as one. */
export class JoinedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly store: Store<T>;
  readonly #informers: readonly Informer<T>[];

  /** @param byNamespace - At least one. */
  constructor(
    readonly resource: ResourceType,
    byNamespace: ReadonlyMap<string, Informer<T>>,
  ) {
    this.#informers = [...byNamespace.values()];
    this.store = new JoinedStore(new Map([...byNamespace].map(([namespace, { store }]) => [namespace, store])));
  }

  get hasSynced(): boolean {
    return this.#informers.every((informer) => informer.hasSynced);
  }

  /** That of the namespace which is worst off: what watches everywhere is watching. */
  get state(): InformerState {
    const states = this.#informers.map((informer) => informer.state);
    const failing = states.find((state) => 'lastError' in state && state.lastError !== undefined);
    return failing ?? states.find(({ phase }) => phase !== 'watching') ?? oldestWatch(states) ?? { phase: 'idle' };
  }

  get counters(): Readonly<InformerCounters> {
    const sum = (counter: keyof InformerCounters) =>
      this.#informers.reduce((total, { counters }) => total + counters[counter], 0);
    return {
      lists: sum('lists'),
      watches: sum('watches'),
      events: sum('events'),
      failures: sum('failures'),
      brokenStreams: sum('brokenStreams'),
      listenerErrors: sum('listenerErrors'),
    };
  }

  start(): void {
    for (const informer of this.#informers) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.stop()));
  }

  waitForSync(options: WaitForSyncOptions & { readonly or?: (state: InformerState) => boolean }): Promise<void> {
    return allSynced(this.#informers, options);
  }

  async isCurrent(options: RequestOptions = {}): Promise<boolean> {
    const current = await Promise.all(this.#informers.map((informer) => informer.isCurrent(options)));
    return current.every(Boolean);
  }
}

/**
 * Waits until all of them are filled.
 *
 * @throws {@link SyncTimeoutError} naming each that is not and why, or the signal's reason.
 */
export async function allSynced<T extends KubernetesObject>(
  informers: readonly Pick<Informer<T>, 'waitForSync'>[],
  options: Parameters<Informer<T>['waitForSync']>[0],
): Promise<void> {
  const outcomes = await Promise.allSettled(informers.map((informer) => informer.waitForSync(options)));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const unexpected = failures.find((failure) => !isSyncTimeout(failure));
  if (unexpected !== undefined) throw unexpected;
  const pending = failures.filter(isSyncTimeout).flatMap((failure) => failure.pending);
  if (pending.length > 0) throw new SyncTimeoutError(options.timeoutMs, pending);
}

function oldestWatch(states: readonly InformerState[]): InformerState | undefined {
  const watching = states.flatMap((state) => (state.phase === 'watching' ? [state] : []));
  return watching.reduce<(typeof watching)[number] | undefined>(
    (oldest, state) => (oldest === undefined || state.lastEventMs < oldest.lastEventMs ? state : oldest),
    undefined,
  );
}
