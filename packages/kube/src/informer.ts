import { Cancellation } from './cancellation.js';
import type { Client } from './client.js';
import type { RequestOptions, Selection } from './client-options.js';
import { yieldToEventLoop, type Clock } from './clock.js';
import { isNotFound, SyncTimeoutError } from './errors.js';
import type { Logger } from './logger.js';
import type { KubernetesObject } from './object.js';
import { metadataOf } from './object-metadata.js';
import { ObjectStore } from './object-store.js';
import { Reflector, type InformerCounters, type InformerState } from './reflector.js';
import type { ResourceType } from './resource-type.js';
import { selectionFilter } from './selection.js';
import type { Store } from './store.js';
import { freezeLike } from './structural-sharing.js';
import type { Transform } from './transform.js';

/** Small, since each page is parsed in one go. */
const COMPARED_PAGE_SIZE = 100;

/** How long to wait for caches, and what else to accept. */
export interface WaitForSyncOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A cache of one kind that keeps itself up to date. */
export interface Informer<T extends KubernetesObject> {
  readonly resource: ResourceType;
  readonly store: Store<T>;
  /** Whether the store has been filled once. Stays true afterwards; `state` says how things stand now. */
  readonly hasSynced: boolean;
  readonly state: InformerState;
  readonly counters: Readonly<InformerCounters>;
  /** Begins to list and watch. Does nothing the second time. */
  start(): void;
  /** Ends for everybody who shares this informer; the store keeps what it holds. A stopped informer stays stopped. */
  stop(): Promise<void>;
  /**
   * Resolves when the store has been filled, or when `or` says that the state is good enough.
   *
   * @throws {@link SyncTimeoutError} naming the last error, or the signal's reason.
   */
  waitForSync(options: WaitForSyncOptions & { readonly or?: (state: InformerState) => boolean }): Promise<void>;
  /** Whether the store equals what a fresh list gives: the same objects in the same versions. */
  isCurrent(options?: RequestOptions): Promise<boolean>;
}

export interface SharedInformerOptions {
  readonly client: Client;
  readonly resource: ResourceType;
  readonly selection: Selection;
  readonly metadataOnly: boolean;
  readonly streamLists: boolean;
  readonly transform: Transform;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onStop: () => void;
}

/** The informer {@link Informers} hands out. */
export class SharedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly resource: ResourceType;
  readonly store: ObjectStore<T>;
  readonly counters: InformerCounters = {
    lists: 0,
    watches: 0,
    events: 0,
    failures: 0,
    brokenStreams: 0,
    listenerErrors: 0,
  };
  readonly #options: SharedInformerOptions;
  readonly #reflector: Reflector<T>;
  readonly #stopping = new AbortController();
  readonly #waiters = new Set<() => void>();
  #running: Promise<void> | undefined;
  /** What was last logged as wrong, and is not yet over. */
  #complaint: string | undefined;

  constructor(options: SharedInformerOptions) {
    const { client, resource, selection, metadataOnly, streamLists, clock, random, transform } = options;
    const prepare = (object: T, like: T | undefined): T =>
      freezeLike(transform(metadataOnly ? metadataOf(object, resource) : object) as T, like);
    this.resource = resource;
    this.#options = options;
    this.store = new ObjectStore<T>({
      prepare,
      includes: selectionFilter(selection),
      onError: (error, where) => this.#reportListener(error, where),
    });
    this.#reflector = new Reflector<T>({
      client,
      resource,
      selection,
      metadataOnly,
      streamLists,
      store: this.store,
      prepare,
      clock,
      random,
      counters: this.counters,
      onState: () => this.#onState(),
    });
  }

  get hasSynced(): boolean {
    return this.#reflector.hasSynced;
  }

  get state(): InformerState {
    return this.#reflector.state;
  }

  get isStarted(): boolean {
    return this.#running !== undefined;
  }

  start(): void {
    if (!this.#stopping.signal.aborted) this.#running ??= this.#reflector.run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#options.onStop();
    await this.#running;
  }

  waitForSync({
    timeoutMs,
    signal,
    or = () => false,
  }: WaitForSyncOptions & { readonly or?: (state: InformerState) => boolean }): Promise<void> {
    const cancellation = new Cancellation(signal);
    cancellation.abortAfter(this.#options.clock, timeoutMs, () => this.#syncError(timeoutMs));
    let check: () => void = () => undefined;
    return new Promise<void>((resolve, reject) => {
      check = () => {
        if (this.hasSynced || or(this.state)) resolve();
        else if (this.state.phase === 'stopped') reject(this.#syncError(timeoutMs));
        else if (cancellation.signal.aborted) reject(cancellation.signal.reason);
      };
      cancellation.signal.addEventListener('abort', check, { once: true });
      this.#waiters.add(check);
      check();
    }).finally(() => {
      this.#waiters.delete(check);
      cancellation.release();
    });
  }

  async isCurrent(options: RequestOptions = {}): Promise<boolean> {
    const { client, selection, metadataOnly } = this.#options;
    let count = 0;
    let isHeld = true;
    const pages = client.pages<T>(this.resource, { ...selection, metadataOnly, ...options, limit: COMPARED_PAGE_SIZE });
    for await (const page of pages) {
      if (page.index === 0) [count, isHeld] = [0, true];
      count += page.items.length;
      isHeld &&= page.items.every((object) => this.#holds(object));
      await yieldToEventLoop();
    }
    return isHeld && count === this.store.size;
  }

  #holds({ metadata }: T): boolean {
    const held = this.store.get(metadata)?.metadata;
    return held?.uid === metadata.uid && held?.resourceVersion === metadata.resourceVersion;
  }

  /** `ConfigMap in default`: how messages name this informer. */
  get name(): string {
    const { namespace, labelSelector, fieldSelector } = this.#options.selection;
    const selectors = [labelSelector, fieldSelector].filter((selector) => selector !== undefined);
    return [
      this.resource.kind,
      ...(namespace === undefined ? [] : [`in ${namespace}`]),
      ...(selectors.length === 0 ? [] : [`where ${selectors.join(' and ')}`]),
    ].join(' ');
  }

  get lastError(): Error | undefined {
    return 'lastError' in this.state ? this.state.lastError : undefined;
  }

  #syncError(timeoutMs: number): SyncTimeoutError {
    return new SyncTimeoutError(timeoutMs, [{ informer: this.name, error: this.lastError }]);
  }

  #onState(): void {
    this.#logState();
    for (const check of this.#waiters) check();
  }

  /** Once when something fails, not for every attempt; and once when it is over. */
  #logState(): void {
    const { logger } = this.#options;
    const { state } = this;
    if (state.phase === 'backing off' && state.lastError.message !== this.#complaint) {
      this.#complaint = state.lastError.message;
      if (isNotFound(state.lastError)) logger.info({ informer: this.name }, 'The kind is not served; it is waited for');
      else
        logger.warn({ informer: this.name, err: state.lastError }, 'A watch failed; it is tried again until it works');
    } else if (state.phase === 'watching' && this.#complaint !== undefined) {
      this.#complaint = undefined;
      logger.info({ informer: this.name }, 'A watch that had failed works again');
    }
  }

  #reportListener(error: unknown, where: 'listener' | 'index'): void {
    this.counters.listenerErrors += 1;
    this.#options.logger.error({ err: error, informer: this.name, where }, 'A cache listener failed');
  }
}
