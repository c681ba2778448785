import type { Client } from './client.js';
import type { Selection } from './client-options.js';
import { sleep, yieldToEventLoop, type Clock } from './clock.js';
import { ApiError, isGone, isNotFound, NetworkError, WatchStreamError } from './errors.js';
import type { KubernetesObject } from './object.js';
import type { ObjectStore } from './object-store.js';
import type { ResourceType } from './resource-type.js';
import { fullJitterMs } from './retry-policy.js';
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
  readonly store: ObjectStore<T>;
  /** Makes of a received object what the store keeps. */
  readonly prepare: (object: T) => T;
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

/** Objects prepared at a stretch; a large page takes longer than the event loop should be blocked. */
const BATCH_SIZE = 100;

/**
 * Keeps a store equal to what the API server has: lists, then watches, and goes on until told to stop, whatever
 * happens. There is no error it gives up on.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  #state: InformerState = { phase: 'idle' };
  /** Where to resume watching; undefined when a list is due. */
  #position: string | undefined;
  #hasSynced = false;
  /** Failures in a row, with nothing received in between. */
  #failures = 0;
  #lastError: Error | undefined;
  #lastEventMs = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
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
        this.#position ??= await this.#list(signal);
        await this.#watch(this.#position, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
    this.#enter({ phase: 'stopped' });
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, resource, selection, store, counters } = this.#options;
    this.#enter({ phase: 'listing', ...(this.#lastError !== undefined && { lastError: this.#lastError }) });
    let objects: T[] = [];
    let version = '';
    for await (const page of client.pages<T>(resource, { ...selection, signal, retry: false })) {
      if (page.index === 0) objects = [];
      await this.#prepareAll(page.items, objects);
      version = page.metadata.resourceVersion ?? '';
    }
    signal.throwIfAborted();
    store.replaceAll(objects, version);
    counters.lists += 1;
    this.#hasSynced = true;
    this.#options.onState();
    return version;
  }

  async #prepareAll(items: readonly T[], prepared: T[]): Promise<void> {
    for (let start = 0; start < items.length; start += BATCH_SIZE) {
      for (const item of items.slice(start, start + BATCH_SIZE)) prepared.push(this.#options.prepare(item));
      await yieldToEventLoop();
    }
  }

  /** Returns when the server ends the watch in good order. */
  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { client, resource, selection, clock, random, counters } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS.min + random() * (WATCH_SECONDS.max - WATCH_SECONDS.min));
    let sinceMs = clock.now();
    const eventsBefore = counters.events;
    const onOpen = (): void => {
      sinceMs = this.#lastEventMs = clock.now();
      counters.watches += 1;
      this.#enter({ phase: 'watching', sinceMs, lastEventMs: sinceMs });
    };
    const position = { resourceVersion: from, timeoutSeconds, idleTimeoutMs: IDLE_TIMEOUT_MS };
    const events = client.watch<T>(resource, { ...selection, ...position, signal, onOpen });
    try {
      while (await this.#acceptNext(events)) {
        // A burst is read from one chunk after the other without a pause.
        if (counters.events % BATCH_SIZE === 0) await yieldToEventLoop();
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
    const { store, prepare, counters } = this.#options;
    if (event.type === 'BOOKMARK') {
      store.passBookmark(event.object.metadata.resourceVersion);
    } else {
      counters.events += 1;
      const object = prepare(event.object);
      if (event.type === 'DELETED') store.applyDeleted(object);
      else store.applyWatched(object);
    }
    this.#position = event.object.metadata.resourceVersion;
  }

  /** Decides where to go on after a failure, and waits until it is time. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { counters, clock, random } = this.#options;
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
