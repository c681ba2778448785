import type { CaseContext } from '../case-context.js';
import type { EventsStep, WatchStep } from '../case-format.js';
import { differencesOf, expectNone } from '../differences.js';
import { EventStream } from '../event-stream.js';
import type { Json } from '../json.js';
import { valueAt } from '../value-path.js';
import { requestOf } from './request-steps.js';

const EVENTS_MS = 10_000;
const INITIAL_EVENTS_END = 'object.metadata.annotations["k8s.io/initial-events-end"]';

/** The watches that a case has opened, by name. */
export class Watches {
  readonly #streams = new Map<string, EventStream>();

  async open(context: CaseContext, { watch, as, headers, expect = {} }: WatchStep): Promise<void> {
    const request = requestOf(context, { request: watch, ...(headers && { headers }) });
    const stream = await EventStream.open(context.target.client, request);
    this.#streams.set(as, stream);
    const expectedHeaders = Object.entries(expect.headers ?? {});
    expectNone([
      ...differencesOf(expect.status ?? 200, stream.status, { path: 'status' }),
      ...expectedHeaders.flatMap(([name, value]) =>
        differencesOf(value, stream.headers[name.toLowerCase()], { path: `header ${name}` }),
      ),
    ]);
  }

  /** Takes events from a watch as they come, and compares them. */
  async takeEvents(context: CaseContext, step: EventsStep): Promise<void> {
    const stream = this.#stream(step.events);
    const count = step.count ?? (step.until === undefined ? step.expect?.length : undefined);
    const begin = performance.now();
    await stream.waitUntil(
      (events) => isEnough(events, step.until, count ?? 0),
      step.within ?? EVENTS_MS,
      context.signal,
    );
    if (step.until === 'close' && !stream.isClosed) {
      expectNone([{ path: `stream ${step.events}`, expected: 'closed', actual: 'open' }]);
    }
    const tookMs = performance.now() - begin;
    if (step.atLeast !== undefined && tookMs < step.atLeast) {
      expectNone([{ path: 'milliseconds', expected: `at least ${String(step.atLeast)}`, actual: tookMs }]);
    }
    const taken = stream.take(count);
    if (step.expect !== undefined) {
      const expected = step.expect.map((event) => context.fill(event));
      const order = step.unordered ? inOrderOfNames : (events: readonly Json[]) => events;
      expectNone(
        differencesOf(order(expected), order(taken), { path: 'events', ...(step.partial && { partial: true }) }),
      );
    }
    if (step.as !== undefined) context.keep(step.as, taken);
  }

  close(name: string): void {
    this.#stream(name).close();
  }

  closeAll(): void {
    for (const stream of this.#streams.values()) stream.close();
  }

  #stream(name: string): EventStream {
    const stream = this.#streams.get(name);
    if (!stream) throw new Error(`no watch was opened as ${name}`);
    return stream;
  }
}

function isEnough(events: readonly Json[], until: EventsStep['until'], count: number): boolean {
  switch (until) {
    case undefined:
      return events.length >= count;
    case 'close':
      return false;
    case 'bookmark':
      return events.some(isBookmark);
    case 'initial':
      return events.some((event) => isBookmark(event) && valueAt(event, INITIAL_EVENTS_END) !== undefined);
  }
}

function isBookmark(event: Json): boolean {
  return valueAt(event, 'type') === 'BOOKMARK';
}

/** By the names of their objects; bookmarks last. */
function inOrderOfNames(events: readonly Json[]): readonly Json[] {
  const key = (event: Json): string =>
    JSON.stringify([isBookmark(event), valueAt(event, 'object.metadata.name') ?? null]);
  return [...events].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
