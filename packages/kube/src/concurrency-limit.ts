import { RequestInvalidError } from './errors.js';

/** How many requests are under way, and how many may be. */
export interface Concurrency {
  /** Below its maximum while the server is known to be overloaded. */
  readonly limit: number;
  readonly underWay: number;
  readonly waiting: number;
}

/** A request's place among those under way; to be given back once. */
export interface Place {
  /** @param isOverloaded - Whether the server turned the request away because it has too many. */
  giveBack(isOverloaded: boolean): void;
}

/**
 * Lets so many requests be under way at once; others wait their turn. When the server says that it has too many, the
 * limit is halved, and with every full round of answers it grows by one again (AIMD, as TCP's congestion control): a
 * server that is busy is not kept busy with refusing.
 */
export class ConcurrencyLimit implements Concurrency {
  readonly #maximum: number;
  readonly #queue = new Set<() => void>();
  #limit: number;
  #underWay = 0;
  /** Counts how often the limit was halved. What was sent before tells nothing about the limit of now. */
  #halvings = 0;

  /**
   * @param maximum - Where the limit begins, and never goes beyond.
   * @throws {@link RequestInvalidError} for one that lets nothing through.
   */
  constructor(maximum: number) {
    if (!(maximum >= 1)) throw new RequestInvalidError(`maxConcurrentRequests: must be at least 1, not ${maximum}`);
    this.#maximum = maximum;
    this.#limit = maximum;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  get underWay(): number {
    return this.#underWay;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** A place, when one is free and nobody waits for it. */
  tryEnter(): Place | undefined {
    if (this.#underWay >= this.limit || this.#queue.size > 0) return undefined;
    this.#underWay += 1;
    return this.#place(this.#halvings);
  }

  /** Resolves when there is a place; rejects with the signal's reason. */
  async enter(signal: AbortSignal): Promise<Place> {
    const free = this.tryEnter();
    if (free !== undefined) return free;
    await this.#wait(signal);
    return this.#place(this.#halvings);
  }

  #place(sentAfter: number): Place {
    return {
      giveBack: (isOverloaded) => {
        if (!isOverloaded) this.#limit = Math.min(this.#maximum, this.#limit + 1 / this.#limit);
        else if (sentAfter === this.#halvings) {
          this.#limit = Math.max(1, Math.min(this.#limit, this.#underWay) / 2);
          this.#halvings += 1;
        }
        this.#underWay -= 1;
        this.#admit();
      },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onTurn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#queue.delete(onTurn);
        reject(signal.reason);
      };
      this.#queue.add(onTurn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #admit(): void {
    for (const onTurn of this.#queue) {
      if (this.#underWay >= this.limit) return;
      this.#queue.delete(onTurn);
      // Taken for it here: it is told in a later turn of the event loop, when another could have come first.
      this.#underWay += 1;
      onTurn();
    }
  }
}
