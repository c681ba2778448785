import { isAlreadyExists, isNotFound, type Client, type RequestOptions } from '@trueup/kube';
import { Event } from '../builtin-kinds.js';
import { microTime } from '../formats/micro-time.js';

/** An event that may happen again, and how much of that the API server knows. */
export class EventSeries {
  /** How often it happened. */
  count = 1;
  /** Writes in a row that failed. */
  failures = 0;
  lastObservedMs: number;
  /** The count as the server has it; 0 before the event is there. */
  #writtenCount = 0;
  #writtenAtMs: number;

  /** @param event - As it is made the first time. */
  constructor(
    private readonly event: Event,
    nowMs: number,
  ) {
    this.lastObservedMs = nowMs;
    this.#writtenAtMs = nowMs;
  }

  observe(nowMs: number): void {
    this.count += 1;
    this.lastObservedMs = nowMs;
  }

  /** Whether it happened more often than the server knows. */
  get hasNews(): boolean {
    return this.count > this.#writtenCount;
  }

  /** Since when the server was told nothing, in milliseconds. */
  get writtenAtMs(): number {
    return this.#writtenAtMs;
  }

  /** Tells the server: makes the event, or counts it up. One that has expired there is made anew. */
  async write(client: Client, nowMs: number, options: RequestOptions = {}): Promise<void> {
    const { count, event } = this;
    const series = { count, lastObservedTime: microTime(this.lastObservedMs) };
    const isThere = this.#writtenCount > 0 && (await this.#patch(client, { series }, options));
    if (!isThere) await this.#create(client, count === 1 ? event : { ...event, series }, options);
    this.#writtenCount = count;
    this.#writtenAtMs = nowMs;
  }

  async #create(client: Client, event: Event, options: RequestOptions): Promise<void> {
    try {
      await client.create(Event.resource, event, options);
    } catch (error) {
      // An attempt before this one got through, only its answer did not.
      if (!isAlreadyExists(error)) throw error;
      if (event.series !== undefined) await this.#patch(client, { series: event.series }, options);
    }
  }

  async #patch(client: Client, patch: Pick<Event, 'series'>, options: RequestOptions): Promise<boolean> {
    try {
      await client.mergePatch(Event.resource, this.event.metadata, patch, options);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}
