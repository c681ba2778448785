export interface WorkQueueOptions {
  /** Does what is to be done about a key. A rejection is retried. */
  process(key: string): Promise<void>;
  /** Keys processed at a time; default 8. */
  readonly concurrency?: number;
  /**
   * How many turns of the event loop a key waits, counted anew each time it is added, so that one look sees all that goes on
   * meanwhile. Default 0: it is processed at once.
   */
  turnsToWait?(key: string): number;
}

/** However often a key is added, it waits no longer. */
const MOST_TURNS = 20;

interface Delay {
  /** The turn in which it is over. */
  readonly end: number;
  readonly last: number;
}

const FIRST_RETRY_MS = 5;
const MAX_RETRIES = 8;

/**
 * Keys with something to be done about them: each once, however often it is added, and never twice at a time.
 *
 * A key whose processing fails is retried after 5 ms, then 10, 20 and so on up to 640 ms; after that it waits until it is
 * added again, so that work which cannot succeed does not keep the server from settling.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #delayed = new Map<string, Delay>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  #turn = 0;
  #nextTurn: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Asks for a key to be processed; when it is being processed just now, once more. */
  add(key: string): void {
    if (this.#stopped) return;
    clearTimeout(this.#retries.get(key));
    this.#retries.delete(key);
    const turns = this.#options.turnsToWait?.(key) ?? 0;
    if (turns > 0 && !this.#waiting.has(key)) {
      this.#delay(key, turns);
      return;
    }
    this.#waiting.add(key);
    queueMicrotask(() => this.#startNext());
  }

  isBusy(): boolean {
    return this.#waiting.size + this.#delayed.size + this.#running.size + this.#retries.size > 0;
  }

  /** Forgets what is waiting. What is running ends by itself. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#retries.values()) clearTimeout(timer);
    clearImmediate(this.#nextTurn);
    this.#retries.clear();
    this.#waiting.clear();
    this.#delayed.clear();
  }

  #delay(key: string, turns: number): void {
    const last = this.#delayed.get(key)?.last ?? this.#turn + MOST_TURNS;
    this.#delayed.set(key, { end: Math.min(this.#turn + turns, last), last });
    this.#nextTurn ??= setImmediate(() => this.#takeTurn());
  }

  #takeTurn(): void {
    this.#turn++;
    for (const [key, { end }] of this.#delayed) {
      if (end > this.#turn) continue;
      this.#delayed.delete(key);
      this.#waiting.add(key);
    }
    this.#nextTurn = this.#delayed.size > 0 ? setImmediate(() => this.#takeTurn()) : undefined;
    this.#startNext();
  }

  #startNext(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= (this.#options.concurrency ?? 8)) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#options.process(key);
      this.#failures.delete(key);
    } catch {
      this.#retryLater(key);
    } finally {
      this.#running.delete(key);
      this.#startNext();
    }
  }

  #retryLater(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    if (this.#stopped || this.#waiting.has(key)) return;
    if (failures >= MAX_RETRIES) {
      this.#failures.delete(key);
      return;
    }
    this.#failures.set(key, failures + 1);
    const timer = setTimeout(() => this.add(key), FIRST_RETRY_MS * 2 ** failures);
    this.#retries.set(key, timer.unref());
  }
}
