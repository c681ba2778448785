import { errorFromStatus, WatchStreamError } from './errors.js';
import type { KubernetesObject } from './object.js';
import type { Operation } from './operation.js';
import { isStatus } from './status.js';

/** What a watch brings. Errors of the server are not events here: they end the stream by an exception. */
export type WatchEvent<T extends KubernetesObject = KubernetesObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: Bookmark };

/** Carries nothing but how far the watch has come. */
export interface Bookmark {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Far above what the API server stores (about 1.5 MB); a line longer than this is no event. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Splits a body into lines. Cuts bytes, not text, so a character that spans two chunks stays whole. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  operation: Operation,
): AsyncGenerator<string, void, void> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      yield (rest.length === 0 ? tail : Buffer.concat([...rest, tail])).toString('utf8');
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > MAX_LINE_BYTES) {
        throw new WatchStreamError(operation, 'oversized', `an event is longer than ${MAX_LINE_BYTES} bytes`);
      }
    }
  }
  if (restBytes > 0) throw new WatchStreamError(operation, 'truncated', 'the stream ended in the middle of an event');
}

/**
 * The events of a watch, as they come; ends without an error when the signal aborts.
 *
 * Written by hand, since a generator function keeps its last value for as long as it waits for the next: of a Secret that
 * would be what it holds.
 */
export class WatchEvents<T extends KubernetesObject> implements AsyncGenerator<WatchEvent<T>, void, void> {
  constructor(
    private readonly lines: AsyncGenerator<string, void, void>,
    private readonly operation: Operation,
    private readonly signal: AbortSignal | undefined,
    /** Makes of an object that came what the reader gets. Default: the object as it came. */
    private readonly prepare?: (object: T) => T,
  ) {}

  async next(): Promise<IteratorResult<WatchEvent<T>, void>> {
    try {
      const { done, value } = await this.lines.next();
      return done === true ? ENDED : { done, value: this.#prepared(parseWatchEvent<T>(value, this.operation)) };
    } catch (error) {
      await this.return();
      if (this.signal?.aborted === true) return ENDED;
      throw error;
    }
  }

  #prepared(event: WatchEvent<T>): WatchEvent<T> {
    if (this.prepare === undefined || event.type === 'BOOKMARK') return event;
    return { type: event.type, object: this.prepare(event.object) };
  }

  async return(): Promise<IteratorResult<WatchEvent<T>, void>> {
    await this.lines.return();
    return ENDED;
  }

  async throw(error: unknown): Promise<IteratorResult<WatchEvent<T>, void>> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const ENDED = { done: true, value: undefined } as const;

/**
 * Reads one line of a watch.
 *
 * @throws {@link WatchStreamError} when it is no event, {@link ApiError} when it is an ERROR event (`GoneError` for an
 * expired resource version).
 */
export function parseWatchEvent<T extends KubernetesObject>(line: string, operation: Operation): WatchEvent<T> {
  const event = parseEnvelope(line, operation);
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      if (hasResourceVersion(event.object)) return event as WatchEvent<T>;
      break;
    case 'ERROR': {
      const status = isStatus(event.object) ? event.object : undefined;
      throw errorFromStatus(operation, status?.code ?? 500, status);
    }
  }
  throw new WatchStreamError(operation, 'malformed', 'a line of the stream is not a watch event');
}

function parseEnvelope(line: string, operation: Operation): { readonly type?: unknown; readonly object?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below; the parser's message would quote the object, which may be a Secret.
  }
  throw new WatchStreamError(operation, 'malformed', 'a line of the stream is not JSON');
}

function hasResourceVersion(object: unknown): boolean {
  if (typeof object !== 'object' || object === null || !('metadata' in object)) return false;
  const { metadata } = object;
  return typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata;
}
