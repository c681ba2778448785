import { randomBytes } from 'node:crypto';
import {
  ApiError,
  isServerError,
  isTooManyRequests,
  type Client,
  type Clock,
  type KubernetesObject,
  type Logger,
} from '@trueup/kube';
import type { Event } from '../builtin-kinds.js';
import { isObjectName } from '../content/object-name.js';
import { messageOf } from '../errors.js';
import { microTime } from '../formats/micro-time.js';
import { DelayedKeys } from '../queue/delayed-keys.js';
import { EventSeries } from './event-series.js';
import { TokenBuckets } from './token-buckets.js';

/** @see {@link https://github.com/kubernetes/api/blob/v0.34.1/events/v1/types.go | events.k8s.io/v1}: a note is at most 1 kB */
const MAX_NOTE_BYTES = 1024;
const MAX_INSTANCE_LENGTH = 128;
/**
 * An event that happens again within this time counts up the one before.
 * @see {@link https://github.com/kubernetes/client-go/blob/v0.34.1/tools/events/event_broadcaster.go | client-go's events}, for this and the next two
 */
const WINDOW_MS = 360_000;
/** A series that goes on is written so often, so that it does not expire. */
const REFRESH_MS = 1_800_000;
const RETRY = { delayMs: 10_000, maxAttempts: 12 };
/** @see {@link https://github.com/kubernetes/client-go/blob/v0.34.1/tools/record/events_cache.go | client-go's spam filter} */
const BUDGET = { capacity: 25, refillMs: 300_000, maxKeys: 4096 };
const DEFAULT_MAX_SERIES = 4096;
const FLUSH = { timeoutMs: 5_000, concurrency: 8 };

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** Why it happened, CamelCase. */
  readonly reason: string;
  /** What was being done, CamelCase. */
  readonly action: string;
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly clock: Clock;
  /** Which replica reports. */
  readonly reportingInstance: string;
  /** For what is written later than in the reconcile it belongs to. */
  readonly client: Client;
  readonly log: Logger;
  /** How many different events are remembered, to notice that they happen again. Default 4096. */
  readonly maxSeries?: number;
}

/**
 * Writes events.k8s.io/v1 events. The same event again within six minutes makes a series of one object, whose count is
 * written the second time, every half an hour, and when it is over. Of one object 25 events are told at once, then one in
 * five minutes.
 *
 * An event that can't be written is tried again for two minutes, and then logged; it never fails a reconcile.
 */
export class EventRecorder {
  /** The one that happened longest ago first. */
  readonly #series = new Map<string, EventSeries>();
  readonly #due = new DelayedKeys();
  readonly #budget = new TokenBuckets(BUDGET);
  #cancelTimer: () => void = () => undefined;
  #isFlushed = false;

  constructor(private readonly options: EventRecorderOptions) {}

  /** @param scope - Of the reconcile: its calls are part of it. */
  async emit(
    object: KubernetesObject,
    reporter: string,
    note: EventNote,
    scope: { readonly client: Client; readonly log: Logger },
  ): Promise<void> {
    const nowMs = this.options.clock.now();
    const { reason, action, type } = note;
    const key = [reporter, identityOf(object), type, reason, action, note.note].join('\0');
    const known = this.#series.get(key);
    if (known !== undefined && nowMs - known.lastObservedMs < WINDOW_MS) {
      known.observe(nowMs);
      this.#touch(key, known);
      if (known.count === 2 && this.#budget.take(identityOf(object), nowMs)) await this.#write(key, known, scope);
      return;
    }
    if (!this.#budget.take(identityOf(object), nowMs)) {
      scope.log.debug({ reason, note: note.note }, 'event not written: there are too many of this object');
      return;
    }
    if (known !== undefined) await this.#finish(key, known, scope);
    const series = new EventSeries(this.#eventOf(object, reporter, note, nowMs), nowMs);
    this.#touch(key, series);
    this.#schedule(key, nowMs + WINDOW_MS);
    await this.#write(key, series, scope);
  }

  /** Writes what is not written yet, for a few seconds at most, and forgets everything. From then on nothing waits. */
  async flush(): Promise<void> {
    this.#isFlushed = true;
    this.#cancelTimer();
    const { clock, client, log } = this.options;
    const waiting = [...this.#series].filter(([, { hasNews }]) => hasNews);
    this.#series.clear();
    if (waiting.length === 0) return;
    const timeout = new AbortController();
    const cancel = clock.schedule(FLUSH.timeoutMs, () => timeout.abort(new Error('it took too long')));
    const writeNext = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined && !timeout.signal.aborted; next = waiting.pop()) {
        try {
          await next[1].write(client, clock.now(), { signal: timeout.signal });
        } catch (error) {
          log.debug({ error: messageOf(error) }, 'event not written before the end');
        }
      }
    };
    await Promise.all(Array.from({ length: FLUSH.concurrency }, writeNext));
    cancel();
  }

  #touch(key: string, series: EventSeries): void {
    this.#series.delete(key);
    this.#series.set(key, series);
    const [oldest] = this.#series;
    const { maxSeries = DEFAULT_MAX_SERIES } = this.options;
    if (this.#series.size <= maxSeries || oldest === undefined) return;
    const [oldestKey, { failures }] = oldest;
    if (failures > 0) this.#forget(oldestKey);
    else void this.#finish(...oldest, this.options);
  }

  async #write(
    key: string,
    series: EventSeries,
    { client, log }: { readonly client: Client; readonly log: Logger },
  ): Promise<void> {
    const { clock } = this.options;
    try {
      await series.write(client, clock.now());
      series.failures = 0;
    } catch (error) {
      series.failures += 1;
      if (!isRefusal(error) && series.failures < RETRY.maxAttempts) {
        this.#schedule(key, clock.now() + RETRY.delayMs);
        return;
      }
      this.#forget(key);
      log.warn({ error: messageOf(error) }, 'event not written');
    }
  }

  /** The series is over: what is new of it is told, and a further event is the first of another. */
  async #finish(
    key: string,
    series: EventSeries,
    scope: { readonly client: Client; readonly log: Logger },
  ): Promise<void> {
    if (series.hasNews) await this.#write(key, series, scope);
    // A write that failed is tried again.
    if (series.failures === 0) this.#forget(key);
  }

  #forget(key: string): void {
    this.#series.delete(key);
    this.#due.delete(key);
  }

  #schedule(key: string, atMs: number): void {
    this.#due.add(key, atMs);
    this.#arm();
  }

  /** One timer for all of them. */
  #arm(): void {
    this.#cancelTimer();
    if (this.#isFlushed) return;
    const { clock } = this.options;
    const dueAtMs = this.#due.nextDueAtMs;
    if (dueAtMs !== undefined)
      this.#cancelTimer = clock.schedule(Math.max(0, dueAtMs - clock.now()), () => void this.#lookAfterDue());
  }

  async #lookAfterDue(): Promise<void> {
    const { clock } = this.options;
    const nowMs = clock.now();
    for (let key = this.#due.takeDue(nowMs); key !== undefined; key = this.#due.takeDue(nowMs)) {
      const series = this.#series.get(key);
      if (series === undefined) continue;
      const endsAtMs = series.lastObservedMs + WINDOW_MS;
      if (endsAtMs <= nowMs) {
        await this.#finish(key, series, this.options);
        continue;
      }
      this.#due.add(key, endsAtMs);
      const isStale = series.failures > 0 || nowMs - series.writtenAtMs >= REFRESH_MS;
      if (series.hasNews && isStale) await this.#write(key, series, this.options);
    }
    this.#arm();
  }

  #eventOf(object: KubernetesObject, reporter: string, { note, ...event }: EventNote, nowMs: number): Event {
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
    const regarding = { name, namespace, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: eventName(object), namespace },
      eventTime: microTime(nowMs),
      reportingController: reporter,
      reportingInstance: this.options.reportingInstance.slice(0, MAX_INSTANCE_LENGTH),
      regarding: { apiVersion: object.apiVersion, kind: object.kind, ...regarding },
      ...event,
      note: truncated(note),
    };
  }
}

function identityOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return metadata.uid ?? [apiVersion, kind, metadata.namespace, metadata.name].join('/');
}

/** Not every object has a name that an event may have, too. */
function eventName({ kind, metadata: { name } }: KubernetesObject): string {
  const stem = isObjectName(name) ? name.slice(0, 230) : kind.toLowerCase();
  return `${stem}.${randomBytes(8).toString('hex')}`;
}

/** As many whole characters as fit. */
function truncated(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= MAX_NOTE_BYTES) return note;
  return new TextDecoder().decode(bytes.subarray(0, MAX_NOTE_BYTES), { stream: true });
}

/** To ask again is no use. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && !isTooManyRequests(error) && !isServerError(error);
}
