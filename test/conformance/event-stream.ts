import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { parseJson, type ApiClient, type ApiRequest } from './api-client.js';
import type { Json } from './json.js';

/** A watch: keeps its events until a step takes them. */
export class EventStream {
  readonly #response: IncomingMessage;
  readonly #abort: AbortController;
  readonly #news = new EventTarget();
  #events: Json[] = [];
  #isClosed = false;

  private constructor(response: IncomingMessage, abort: AbortController) {
    this.#response = response;
    this.#abort = abort;
    const lines = createInterface({ input: response });
    lines.on('line', (line) => {
      if (line !== '') this.#events.push(parseJson(line) ?? line);
      this.#news.dispatchEvent(new Event('news'));
    });
    const end = (): void => {
      this.#isClosed = true;
      this.#news.dispatchEvent(new Event('news'));
    };
    lines.on('close', end);
    lines.on('error', end);
    response.on('error', end);
  }

  static async open(client: ApiClient, request: ApiRequest): Promise<EventStream> {
    const abort = new AbortController();
    const signal = AbortSignal.any([request.signal, abort.signal]);
    return new EventStream(await client.open({ ...request, signal }), abort);
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  get headers(): IncomingMessage['headers'] {
    return this.#response.headers;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Waits until the events not taken yet are enough, the stream has ended, or the time is over. */
  async waitUntil(isEnough: (events: readonly Json[]) => boolean, limitMs: number, signal: AbortSignal): Promise<void> {
    const late = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    while (!isEnough(this.#events) && !this.#isClosed && !late.aborted) {
      await once(this.#news, 'news', { signal: late }).catch(() => undefined);
    }
    signal.throwIfAborted();
  }

  /** Takes the oldest events, all of them unless a number is given. */
  take(count = this.#events.length): Json[] {
    const taken = this.#events.slice(0, count);
    this.#events = this.#events.slice(count);
    return taken;
  }

  close(): void {
    this.#abort.abort();
  }
}
