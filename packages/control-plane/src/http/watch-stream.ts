import type { Clock } from '../clock.js';
import type { EventOutcome, FaultyWatch } from '../faults/fault-injector.js';
import { expired, plainError } from '../resources/errors.js';
import { apiVersionOf, storeKey } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import { convertByWebhook, serve } from '../resources/served-object.js';
import { StatusError } from '../status-error.js';
import type { Store } from '../storage/store.js';
import type { StoredEvent, StoredObject, TableWatcher } from '../storage/table.js';
import { formOfEvent, type FormOptions } from './forms.js';
import { parseVersion } from './list-objects.js';
import { breakOff, cutConnection, isClosed, send, sendHeaders, type ApiResponse } from './messages.js';
import { objectJson } from './object-json.js';
import type { ListOptions } from './query-options.js';
import { parseSelection, type Selection } from './selection.js';

/** A watcher that lets this much pile up is cut off: it may come back and resume. */
const BUFFER_LIMIT_BYTES = 16 * 1024 * 1024;
/** A list goes so far ahead of the client that takes it in; longer ones wait for it. */
const LIST_AHEAD_BYTES = 1024 * 1024;
const BOOKMARK_INTERVAL_MS = 60_000;
/** A last bookmark is sent this long before the watch ends, so that the client can resume close to the end. */
const BOOKMARK_LEAD_MS = 2000;
const DEFAULT_TIMEOUT_MINUTES = 30;
/** A timer that is set for longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchOptions {
  readonly store: Store;
  readonly resource: Resource;
  readonly namespace?: string;
  readonly list: ListOptions;
  /** How objects are written; the time of a Table's ages is taken anew for each event. */
  readonly form: Omit<FormOptions, 'nowMs'>;
  readonly clock: Clock;
  /** Exposes the watch to faults until the returned function is called. */
  followFaults(watch: FaultyWatch): () => void;
  /** What a fault does to the event that would be sent now. */
  meetEvent(): EventOutcome;
  /** Whether a fault takes away the bookmark that would be sent now. */
  dropsBookmark(): boolean;
}

/** The events of a table as a stream of JSON lines, until a timeout, the client or the server ends it. */
export class WatchStream implements TableWatcher, FaultyWatch {
  readonly #options: WatchOptions;
  readonly #selection: Selection;
  readonly #response: ApiResponse;
  readonly #startVersion: number;
  #isFirst = true;
  /** Settles when the events that wait for a conversion webhook are sent; absent while none does. */
  #waiting: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;
  #unfollow: () => void = () => undefined;
  readonly #cancelTimers = new Set<() => void>();

  /** @throws {@link StatusError} for options that cannot be; nothing is sent before `start`. */
  constructor(options: WatchOptions, response: ApiResponse) {
    this.#options = options;
    this.#response = response;
    this.#selection = parseSelection(options.list, options.resource);
    this.#startVersion = parseVersion(options.list.resourceVersion);
  }

  start(): void {
    const { store, resource, list } = this.#options;
    const table = store.table(storeKey(resource));
    this.#response.on('close', () => {
      this.#stop();
    });
    sendHeaders(this.#response);
    this.#unfollow = this.#options.followFaults(this);
    if (this.#isOver) return;

    const sendsInitial = list.sendInitialEvents ?? this.#startVersion === 0;
    if (sendsInitial) this.#sendInitialEvents();
    else if (this.#startVersion > 0) {
      const events = table.eventsSince(this.#startVersion);
      if (!events) {
        const current = String(table.oldestVersion);
        this.#sendError(expired(`too old resource version: ${String(this.#startVersion)} (${current})`));
        return;
      }
      for (const event of events) this.committed(event);
    }
    this.#unsubscribe = table.watch(this);
    this.#setTimers();
  }

  committed(event: StoredEvent): void {
    const { namespace } = this.#options;
    if (event.version <= this.#startVersion) return;
    if (namespace !== undefined && event.object.metadata.namespace !== namespace) return;
    this.#whenServable(event.old ? [event.object, event.old] : [event.object], () => {
      this.#sendEvent(event);
    });
  }

  ended(): void {
    this.#end();
  }

  cut(): void {
    cutConnection(this.#response);
  }

  expire(): void {
    this.#sendError(expired('The resourceVersion for the provided watch is too old.'));
  }

  stall(): () => void {
    this.#response.cork();
    return () => {
      this.#response.uncork();
    };
  }

  #sendEvent(event: StoredEvent): void {
    const { resource } = this.#options;
    const object = serve(resource, event.object);
    const isSelected = event.type !== 'DELETED' && this.#selection.matches(object);
    const wasSelected = event.old !== undefined && this.#selection.matches(serve(resource, event.old));
    if (isSelected) this.#send(wasSelected ? 'MODIFIED' : 'ADDED', object);
    else if (wasSelected) this.#send('DELETED', event.type === 'DELETED' ? object : this.#exit(event));
  }

  /** Sends what objects have to say once they can be served, and in the order of the events they come from. */
  #whenServable(objects: readonly StoredObject[], send: () => Promise<void> | void): void {
    const conversion = convertByWebhook(this.#options.resource, objects);
    const sending = conversion || this.#waiting ? Promise.all([this.#waiting, conversion]).then(send) : send();
    if (!sending) return;
    const waiting = sending
      .catch((error: unknown) => {
        this.#sendError(error instanceof StatusError ? error : plainError(String(error)));
      })
      .finally(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
    this.#waiting = waiting;
  }

  /** What left the selection, as it was when it was still in it, with the resourceVersion of the change. */
  #exit({ old, version }: StoredEvent): StoredObject {
    const before = serve(this.#options.resource, old ?? { apiVersion: '', kind: '', metadata: {} });
    return { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } };
  }

  #sendInitialEvents(): void {
    const { store, resource, namespace, list } = this.#options;
    const { version } = store;
    const objects = store.table(storeKey(resource)).list(namespace);
    this.#whenServable(objects, () =>
      this.#sendList(objects.values(), () => {
        if (list.allowWatchBookmarks) this.#sendBookmark(version, { 'k8s.io/initial-events-end': 'true' });
      }),
    );
  }

  /** Sends objects, no faster than the client takes them; a promise when that takes until later. */
  #sendList(objects: IterableIterator<StoredObject>, done: () => void): Promise<void> | undefined {
    for (const stored of objects) {
      const object = serve(this.#options.resource, stored);
      if (this.#selection.matches(object)) this.#send('ADDED', object);
      if (this.#isOver) return undefined;
      if (this.#response.writableLength > LIST_AHEAD_BYTES) {
        return this.#drained().then(() => this.#sendList(objects, done));
      }
    }
    done();
    return undefined;
  }

  /** Resolves when the client has taken in what was sent, or is gone. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#response.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#response.on('drain', settle).on('close', settle);
    });
  }

  #sendBookmark(version: number, annotations?: Record<string, string>): void {
    const { resource } = this.#options;
    if (this.#options.dropsBookmark()) return;
    this.#send('BOOKMARK', {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: { resourceVersion: String(version), ...(annotations ? { annotations } : {}) },
    });
  }

  #sendPeriodicBookmark(): void {
    const { version } = this.#options.store;
    this.#whenServable([], () => {
      this.#sendBookmark(version);
    });
  }

  #sendError(error: { toStatus(): unknown }): void {
    this.#write('ERROR', JSON.stringify(error.toStatus()));
    this.#end();
  }

  #send(type: EventType, object: StoredObject): void {
    const { resource, form, clock } = this.#options;
    const json =
      form.accepted.form === 'object'
        ? objectJson(object)
        : formOfEvent(resource, object, { ...form, nowMs: clock.now().getTime() }, this.#isFirst);
    this.#isFirst = false;
    const outcome = type === 'BOOKMARK' ? 'proceed' : this.#options.meetEvent();
    if (outcome === 'halve-events') {
      this.#writeText(line(type, json).slice(0, -json.length / 2));
      this.#end();
      return;
    }
    this.#write(type, json);
    if (outcome === 'repeat-events') this.#write(type, json);
  }

  #write(type: EventType, json: string): void {
    this.#writeText(line(type, json));
  }

  #writeText(text: string): void {
    if (this.#isOver) return;
    send(this.#response, text);
    if (this.#response.writableLength > BUFFER_LIMIT_BYTES) breakOff(this.#response);
  }

  get #isOver(): boolean {
    return isClosed(this.#response);
  }

  #setTimers(): void {
    const { list } = this.#options;
    const seconds = list.timeoutSeconds ?? 0;
    const timeoutMs =
      seconds > 0 ? Math.min(seconds * 1000, LONGEST_TIMER_MS) : DEFAULT_TIMEOUT_MINUTES * 60_000 * (1 + Math.random());
    this.#after(timeoutMs, () => {
      this.#end();
    });
    if (!list.allowWatchBookmarks) return;
    const sendPeriodically = (): void => {
      this.#after(BOOKMARK_INTERVAL_MS, sendPeriodically);
      this.#sendPeriodicBookmark();
    };
    this.#after(BOOKMARK_INTERVAL_MS, sendPeriodically);
    if (timeoutMs > BOOKMARK_LEAD_MS) {
      this.#after(timeoutMs - BOOKMARK_LEAD_MS, () => {
        this.#sendPeriodicBookmark();
      });
    }
  }

  #after(delayMs: number, act: () => void): void {
    const cancel = this.#options.clock.schedule(delayMs, () => {
      this.#cancelTimers.delete(cancel);
      act();
    });
    this.#cancelTimers.add(cancel);
  }

  #end(): void {
    this.#stop();
    if (!this.#response.writableEnded) this.#response.end();
  }

  #stop(): void {
    this.#unfollow();
    this.#unsubscribe();
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers.clear();
  }
}

function line(type: EventType, json: string): string {
  return `{"type":"${type}","object":${json}}\n`;
}
