import { EventLoopSlice, type Clock } from '@trueup/kube';
import { DelayedKeys } from './delayed-keys.js';
import { moreUrgent, ReadyKeys, type Lane, type WaitingKey } from './ready-keys.js';

export interface WorkQueueOptions {
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** First retry delay. Default 200 ms. */
  readonly retryBaseMs?: number;
  /** No retry waits longer. Default 5 minutes. */
  readonly retryMaxMs?: number;
  /** Spreads retries; from 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds of the process's own time, by which the event loop gets its turns. Default: the clock's. */
  readonly processTimeMs?: () => number;
  /** Told what goes on, for metrics. Must not throw. */
  readonly observer?: WorkQueueObserver;
}

/** What can be told about a queue as it goes. Durations are in milliseconds. */
export interface WorkQueueObserver {
  /** A key that was not waiting yet was added. */
  added(): void;
  /** Work on a key begins, so long after it was added. */
  begun(waiting: WaitingKey, waitedMs: number): void;
  /** Work on a key ended. */
  ended(workedMs: number): void;
  /** A key failed and waits for another attempt. */
  retried(): void;
}

/** What to do with a key once it was worked on. */
export type Disposition = (
  | { readonly kind: 'done' }
  /** Work on it again after a while, even if nothing changes. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It failed: again after a backoff that doubles with each failure in a row. */
  | { readonly kind: 'retry' }
) & {
  /** What went wrong; without a `retry` nothing but a change of some object can help. */
  readonly error?: unknown;
};

/** How urgent a cause for work is, its name, and the change that it is. */
export type Urgency = Pick<WaitingKey, 'lane' | 'cause' | 'trigger'>;

interface Failures {
  readonly count: number;
  /** A retry is as urgent as what it is a retry of. */
  readonly lane: Lane;
}

/** What a key that waited out its backoff comes with. */
const RETRY = 'retry';

/**
 * Keys to work on: deduplicated, one run a key at a time. Changes go before the backlog of a start, and that before looks
 * asked for; the namespaces take turns.
 *
 * A key added while it is being worked on runs once more afterwards, so no change is lost. A key that failed waits out
 * its backoff unless something adds it anew; it is never given up. The backoff grows only by attempts that waited, so a key
 * that is changed often while it fails is not punished for that.
 */
export class WorkQueue {
  readonly #ready = new ReadyKeys();
  readonly #active = new Map<string, { readonly sinceMs: number }>();
  readonly #addedWhileActive = new Map<string, WaitingKey>();
  readonly #retries = new DelayedKeys();
  readonly #scheduled = new DelayedKeys();
  readonly #soon = new DelayedKeys();
  readonly #failures = new Map<string, Failures>();
  readonly #idleWaiters = new Set<() => void>();
  readonly #slice: EventLoopSlice;
  #timer: { cancel(): void; dueAtMs: number } | undefined;
  #running = false;

  constructor(
    private readonly work: (key: string, waiting: WaitingKey) => Promise<Disposition>,
    private readonly options: WorkQueueOptions,
  ) {
    this.#slice = new EventLoopSlice(options.processTimeMs ?? (() => options.clock.now()));
  }

  /** Work on this key as soon as its turn comes. What is added before {@link start} is backlog, whatever its cause. */
  add(key: string, urgency: Urgency = { lane: 'change', cause: 'change' }): void {
    this.#retries.delete(key);
    this.#soon.delete(key);
    const lane = this.#running ? urgency.lane : 'backlog';
    this.#admit({ key, sinceMs: this.options.clock.now(), ...urgency, lane });
    this.#pump();
  }

  /** Work on this key in a moment, so that a burst of causes makes one run. Not postponed by further calls. */
  addSoon(key: string, delayMs: number): void {
    if (this.#ready.has(key) || this.#addedWhileActive.has(key)) return;
    this.#soon.add(key, this.options.clock.now() + delayMs);
    this.#arm();
  }

  /** Forgets the failures of a key: it has become something else, which has not failed yet. */
  forgetFailures(key: string): void {
    this.#failures.delete(key);
  }

  /** Starts working. Keys may be added before. */
  start(): void {
    this.#running = true;
    this.#pump();
    this.#arm();
  }

  /** Takes on no more work; what is running ends by itself. Resolves when nothing runs. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#active.size > 0) await new Promise<void>((resolve) => this.#idleWaiters.add(resolve));
  }

  /** Nothing runs, waits to run or waits to be retried. A look scheduled for later does not count. */
  get isIdle(): boolean {
    return this.#active.size + this.#ready.size + this.#retries.size + this.#soon.size === 0;
  }

  /** Keys that wait for their turn; not those that run or wait for a time. */
  get depth(): number {
    return this.#ready.size + this.#addedWhileActive.size;
  }

  /** Since when each key that runs is being worked on, in milliseconds of the clock. */
  activeSinceMs(): readonly number[] {
    return [...this.#active.values()].map(({ sinceMs }) => sinceMs);
  }

  /** Keys that are running, waiting or being retried, for messages. */
  pending(): readonly string[] {
    return [...new Set([...this.#active.keys(), ...this.#ready.keys(), ...this.#soon.keys(), ...this.#retries.keys()])];
  }

  /** Failures in a row of this key that count for its backoff. */
  failuresOf(key: string): number {
    return this.#failures.get(key)?.count ?? 0;
  }

  /** Resolves at the next moment something finished or the queue became idle. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#idleWaiters.add(resolve));
  }

  #admit(waiting: WaitingKey): void {
    const { key } = waiting;
    if (this.#active.has(key)) {
      const known = this.#addedWhileActive.get(key);
      if (known === undefined) this.options.observer?.added();
      this.#addedWhileActive.set(key, known === undefined ? waiting : moreUrgent(known, waiting));
      return;
    }
    if (!this.#ready.has(key)) this.options.observer?.added();
    this.#ready.add(waiting);
  }

  #pump(): void {
    if (!this.#running) return;
    while (this.#active.size < this.options.concurrency) {
      const waiting = this.#ready.take();
      if (waiting === undefined) return;
      const sinceMs = this.options.clock.now();
      this.#active.set(waiting.key, { sinceMs });
      this.options.observer?.begun(waiting, sinceMs - waiting.sinceMs);
      void this.#run(waiting, sinceMs);
    }
  }

  async #run(waiting: WaitingKey, sinceMs: number): Promise<void> {
    const { key } = waiting;
    if (this.#slice.isOver) await this.#slice.turn();
    // A look asked for by an earlier run is replaced by what this run asks for.
    this.#scheduled.delete(key);
    const disposition = await this.work(key, waiting).catch((error: unknown): Disposition => ({
      kind: 'retry',
      error,
    }));
    this.#active.delete(key);
    this.options.observer?.ended(this.options.clock.now() - sinceMs);
    this.#dispose(waiting, disposition);
    const again = this.#addedWhileActive.get(key);
    if (again !== undefined) {
      this.#addedWhileActive.delete(key);
      this.#retries.delete(key);
      this.#ready.add(again);
    }
    this.#pump();
    this.#arm();
    for (const wake of this.#idleWaiters) wake();
    this.#idleWaiters.clear();
  }

  #dispose({ key, lane, cause }: WaitingKey, disposition: Disposition): void {
    const now = this.options.clock.now();
    if (disposition.kind === 'retry') {
      const known = this.#failures.get(key);
      const hasWaited = known === undefined || cause === RETRY;
      const failures = { count: (known?.count ?? 0) + (hasWaited ? 1 : 0), lane };
      this.#failures.set(key, failures);
      this.#retries.add(key, now + this.#backoffMs(failures.count));
      this.options.observer?.retried();
      return;
    }
    this.#failures.delete(key);
    if (disposition.kind === 'later') this.#scheduled.add(key, now + disposition.afterMs);
  }

  #backoffMs(failures: number): number {
    const { retryBaseMs = 200, retryMaxMs = 300_000, random = Math.random } = this.options;
    const ceiling = Math.min(retryBaseMs * 2 ** (failures - 1), retryMaxMs);
    return ceiling * (0.5 + random() / 2);
  }

  /** One timer for all that is delayed. */
  #arm(): void {
    if (!this.#running) return;
    const delayed = [this.#retries, this.#scheduled, this.#soon];
    const dueAtMs = Math.min(...delayed.map((keys) => keys.nextDueAtMs ?? Infinity));
    if (this.#timer !== undefined && this.#timer.dueAtMs <= dueAtMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (dueAtMs === Infinity) return;
    const { clock } = this.options;
    const cancel = clock.schedule(Math.max(0, dueAtMs - clock.now()), () => this.#wake());
    this.#timer = { dueAtMs, cancel };
  }

  #wake(): void {
    this.#timer = undefined;
    this.#wakeAll(this.#soon, () => ({ lane: 'change', cause: 'burst' }));
    this.#wakeAll(this.#retries, (key) => ({ lane: this.#failures.get(key)?.lane ?? 'change', cause: RETRY }));
    this.#wakeAll(this.#scheduled, () => ({ lane: 'resync', cause: 'schedule' }));
    this.#arm();
  }

  #wakeAll(delayed: DelayedKeys, urgencyOf: (key: string) => Urgency): void {
    const now = this.options.clock.now();
    for (let key = delayed.takeDue(now); key !== undefined; key = delayed.takeDue(now)) this.add(key, urgencyOf(key));
  }
}
