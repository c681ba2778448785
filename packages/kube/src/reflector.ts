import type { Client } from './client.js';
import type { Selection } from './client-options.js';
import { sleep, type Clock } from './clock.js';
import { ApiError, isGone, isNotFound, NetworkError, WatchStreamError } from './errors.js';
import { EventLoopSlice } from './event-loop-slice.js';
import { nameOf, type KubernetesObject, type NamespacedName } from './object.js';
import type { ObjectStore } from './object-store.js';
import type { ResourceType } from './resource-type.js';
import { fullJitterMs } from './retry-policy.js';
import { StreamedList } from './streamed-list.js';
import type { WatchEvent } from './watch-stream.js';

/** What an informer is doing. */
export type InformerState =
  | { readonly phase: 'idle' }
  | {
      readonly phase: 'listing';
      /** Why the watch before, or the list before, failed. */
      readonly lastError?: Error;
    }
  | {
      readonly phase: 'watching';
      /** When the server accepted the watch, in milliseconds of the clock. */
      readonly sinceMs: number;
      /** When it last brought something, a bookmark included. */
      readonly lastEventMs: number;
    }
  | { readonly phase: 'backing off'; readonly delayMs: number; readonly lastError: Error }
  | { readonly phase: 'stopped' };

/** What happened to an informer since it was started; each only grows. */
export interface InformerCounters {
  /** Complete lists. */
  lists: number;
  /** Watches the server accepted. */
  watches: number;
  /** Events of the watch, bookmarks not counted. */
  events: number;
  /** Failed lists and watches. */
  failures: number;
  /** Watches given up because they could not be trusted: malformed, truncated, silent. */
  brokenStreams: number;
  /** Exceptions of listeners and index functions. */
  listenerErrors: number;
}

export interface ReflectorOptions<T extends KubernetesObject> {
  readonly client: Client;
  readonly resource: ResourceType;
  readonly selection: Selection;
  readonly metadataOnly: boolean;
  /** Whether to ask for lists as streams. */
  readonly streamLists: boolean;
  readonly store: ObjectStore<T>;
  /** Makes of a received object what the store keeps; `like` is its former state or a neighbour. */
  readonly prepare: (object: T, like: T | undefined) => T;
  readonly clock: Clock;
  readonly random: () => number;
  readonly counters: InformerCounters;
  /** Told after every change of {@link Reflector.state} and when the store is filled. */
  readonly onState: () => void;
}

/** The server ends a watch after a random time in this range, so that not all watches of a process end together. */
const WATCH_SECONDS = { min: 300, max: 600 };

/** Bookmarks come about once a minute; a connection that brings none for this long is dead, with or without a FIN. */
const IDLE_TIMEOUT_MS = 70_000;

const BACKOFF = { baseMs: 500, capMs: 30_000 };

/** A watch that ends sooner and brings no change counts as failed, or a server that hangs up at once is called in a loop. */
const SHORT_WATCH_MS = 1_000;

/** After so many watches from one version that failed without bringing anything, the version itself is suspect. */
const MAX_RESUMES = 3;

/** After so many streamed lists that broke off, something on the way does not bear long answers: pages are short. */
const MAX_UNFINISHED_LISTS = 3;

/** How servers before 1.32 and some aggregated ones refuse a streamed list. */
const REFUSALS = new Set([400, 405, 406, 415, 422]);

/**
 * Keeps a store equal to what the API server has: lists, then watches, and goes on until told to stop, whatever
 * happens. There is no error it gives up on.
 *
 * A list comes as the beginning of a watch where the server can do that, else in pages. Either is taken in bit by bit,
 * so that the event loop turns in between.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  #state: InformerState = { phase: 'idle' };
  readonly #slice: EventLoopSlice;
  /** Where to resume watching; undefined when a list is due. */
  #position: string | undefined;
  #hasSynced = false;
  /** Failures in a row, with nothing received in between. */
  #failures = 0;
  #lastError: Error | undefined;
  #lastEventMs = 0;
  #streamsLists: boolean;
  /** Streamed lists in a row that began and did not come to their end. */
  #unfinishedLists = 0;
  /** What the watch brought last. */
  #latest: NamespacedName | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#streamsLists = options.streamLists;
    this.#slice = new EventLoopSlice(() => options.clock.now());
  }

  get state(): InformerState {
    return this.#state.phase === 'watching' ? { ...this.#state, lastEventMs: this.#lastEventMs } : this.#state;
  }

  /** Whether the store has been filled once. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#position === undefined && !this.#streamsLists) await this.#listPages(signal);
        await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
    this.#enter({ phase: 'stopped' });
  }

  async #listPages(signal: AbortSignal): Promise<void> {
    const { client, resource, selection, metadataOnly } = this.#options;
    this.#enterListing();
    let objects: T[] = [];
    let version = '';
    for await (const page of client.pages<T>(resource, { ...selection, metadataOnly, signal, retry: false })) {
      if (page.index === 0) objects = [];
      for (const item of page.items) {
        objects.push(this.#prepare(item, objects.at(-1)));
        if (this.#slice.isOver) await this.#slice.turn();
      }
      version = page.metadata.resourceVersion ?? '';
    }
    await this.#fill(objects, version, signal);
  }

  /** Watches, after a list when there is no version to go on from. Returns when the server ends it in good order. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, selection, metadataOnly, clock, random, counters } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS.min + random() * (WATCH_SECONDS.max - WATCH_SECONDS.min));
    const from = this.#position;
    const eventsBefore = counters.events;
    let sinceMs = clock.now();
    const onOpen = (): void => {
      sinceMs = this.#lastEventMs = clock.now();
      counters.watches += 1;
      if (from === undefined) this.#unfinishedLists += 1;
      else this.#enter({ phase: 'watching', sinceMs, lastEventMs: sinceMs });
    };
    if (from === undefined) this.#enterListing();
    const events = client.watch<T>(resource, {
      ...selection,
      ...(from === undefined ? { sendInitialEvents: true } : { resourceVersion: from }),
      metadataOnly,
      timeoutSeconds,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      signal,
      onOpen,
    });
    try {
      if (from === undefined) {
        await this.#receiveList(events, signal);
        this.#enter({ phase: 'watching', sinceMs, lastEventMs: this.#lastEventMs });
      }
      while (await this.#acceptNext(events)) {
        // A burst is read from one chunk after the other without a pause.
        if (this.#slice.isOver) await this.#slice.turn();
        if (signal.aborted) return;
      }
    } finally {
      await events.return();
    }
    if (signal.aborted) return;
    if (counters.events === eventsBefore && clock.now() - sinceMs < SHORT_WATCH_MS) {
      throw new NetworkError(`watch ${resource.kind}: the server ended the watch at once`);
    }
    this.#failures = 0;
  }

  async #receiveList(events: AsyncGenerator<WatchEvent<T>, void, void>, signal: AbortSignal): Promise<void> {
    const { resource } = this.#options;
    const list = new StreamedList<T>();
    while (list.version === undefined) {
      const { done, value: event } = await events.next();
      signal.throwIfAborted();
      if (done === true) throw new NetworkError(`watch ${resource.kind}: the server ended the list before its end`);
      this.#lastEventMs = this.#options.clock.now();
      if (event.type === 'BOOKMARK') list.end(event.object, { verb: 'watch', resource });
      else if (event.type === 'DELETED') list.remove(event.object);
      else list.put(this.#prepare(event.object, list.latest));
      if (this.#slice.isOver) await this.#slice.turn();
    }
    await this.#fill(list.objects, list.version, signal);
    this.#unfinishedLists = 0;
    this.#failures = 0;
    this.#lastError = undefined;
  }

  /** Puts a whole list into the store. */
  async #fill(objects: Iterable<T>, version: string, signal: AbortSignal): Promise<void> {
    const { store, counters } = this.#options;
    signal.throwIfAborted();
    const steps = store.replaceAll(objects, version);
    while (steps.next().done !== true) {
      if (!this.#slice.isOver) continue;
      await this.#slice.turn();
      signal.throwIfAborted();
    }
    this.#position = version;
    counters.lists += 1;
    this.#hasSynced = true;
    this.#options.onState();
  }

  #prepare(object: T, neighbour: T | undefined): T {
    const { store, prepare } = this.#options;
    return prepare(object, store.get(object.metadata) ?? neighbour);
  }

  /**
   * Takes in the next event; false when there is none. In a call of its own, since a loop that waits for the next event
   * keeps the one before, of a Secret say, for as long as it waits.
   */
  async #acceptNext(events: AsyncGenerator<WatchEvent<T>, void, void>): Promise<boolean> {
    const { done, value } = await events.next();
    if (done === true) return false;
    this.#failures = 0;
    this.#lastError = undefined;
    this.#lastEventMs = this.#options.clock.now();
    this.#accept(value);
    return true;
  }

  #accept(event: WatchEvent<T>): void {
    const { store, counters } = this.#options;
    if (event.type === 'BOOKMARK') {
      store.passBookmark(event.object.metadata.resourceVersion);
    } else {
      counters.events += 1;
      if (event.type === 'DELETED') store.applyDeleted(event.object);
      else store.applyWatched(event.object, this.#latest && store.get(this.#latest));
      this.#latest = nameOf(event.object);
    }
    this.#position = event.object.metadata.resourceVersion;
  }

  /** Decides where to go on after a failure, and waits until it is time. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { counters, clock, random } = this.#options;
    if (this.#position === undefined && this.#streamsLists && this.#needsPages(error)) {
      this.#streamsLists = false;
      return;
    }
    const lastError = error instanceof Error ? error : new Error(String(error));
    // Silence is no failure of the server: a kind whose bookmarks do not come must not be backed off from.
    if (isIdle(error)) this.#failures = 0;
    const attempt = this.#failures;
    this.#failures += 1;
    this.#lastError = lastError;
    counters.failures += 1;
    if (error instanceof WatchStreamError) counters.brokenStreams += 1;
    if (mustRelist(error) || (this.#failures >= MAX_RESUMES && isSuspect(error))) this.#position = undefined;

    // An expired version is everyday life; only a server that says so again and again has to be spared.
    if (isGone(error) && attempt === 0) return;
    const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    const delayMs = askedMs + fullJitterMs(attempt, { ...BACKOFF, random });
    this.#enter({ phase: 'backing off', delayMs, lastError });
    await sleep(clock, delayMs, signal).catch(() => undefined);
  }

  /** Whether lists have to be asked for in pages from now on. */
  #needsPages(error: unknown): boolean {
    return (
      (error instanceof ApiError && REFUSALS.has(error.status)) ||
      (error instanceof WatchStreamError && error.problem === 'unmarked') ||
      this.#unfinishedLists >= MAX_UNFINISHED_LISTS
    );
  }

  #enterListing(): void {
    this.#enter({ phase: 'listing', ...(this.#lastError !== undefined && { lastError: this.#lastError }) });
  }

  #enter(state: InformerState): void {
    this.#state = state;
    this.#options.onState();
  }
}

/** The version is too old, or the kind is gone and may come back as another one. */
function mustRelist(error: unknown): boolean {
  return isGone(error) || isNotFound(error);
}

/** Failures that asking again from the same version may not cure. */
function isSuspect(error: unknown): boolean {
  return error instanceof ApiError || (error instanceof WatchStreamError && !isIdle(error));
}

function isIdle(error: unknown): boolean {
  return error instanceof WatchStreamError && error.problem === 'idle';
}
