import type { Clock } from '@trueup/kube';
import { DelayedKeys } from './delayed-keys.js';
import { EventLoopSlice } from './event-loop-slice.js';

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
}

/** What to do with a key once it was worked on. */
export type Disposition =
  | { readonly kind: 'done' }
  /** Work on it again after a while, even if nothing changes. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It failed: again after a backoff that doubles with each failure in a row. */
  | { readonly kind: 'retry' };

/**
 * Keys to work on: deduplicated, one run a key at a time, in order of arrival.
 *
 * A key added while it is being worked on runs once more afterwards, so no change is lost. A key that failed waits out
 * its backoff unless something adds it anew; it is never given up.
 */
export class WorkQueue {
  readonly #ready = new Set<string>();
  readonly #active = new Set<string>();
  readonly #addedWhileActive = new Set<string>();
  readonly #retries = new DelayedKeys();
  readonly #scheduled = new DelayedKeys();
  readonly #soon = new DelayedKeys();
  readonly #failures = new Map<string, number>();
  readonly #idleWaiters = new Set<() => void>();
  readonly #slice = new EventLoopSlice();
  #timer: { cancel(): void; dueAtMs: number } | undefined;
  #running = false;

  constructor(
    private readonly work: (key: string) => Promise<Disposition>,
    private readonly options: WorkQueueOptions,
  ) {}

  /** Work on this key as soon as there is room. */
  add(key: string): void {
    this.#retries.delete(key);
    this.#soon.delete(key);
    if (this.#active.has(key)) this.#addedWhileActive.add(key);
    else this.#ready.add(key);
    this.#pump();
  }

  /** Work on this key in a moment, so that a burst of causes makes one run. Not postponed by further calls. */
  addSoon(key: string, delayMs: number): void {
    if (this.#ready.has(key) || this.#addedWhileActive.has(key)) return;
    this.#soon.add(key, this.options.clock.now() + delayMs);
    this.#arm();
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

  /** Keys that are running, waiting or being retried, for messages. */
  pending(): readonly string[] {
    return [...new Set([...this.#active, ...this.#ready, ...this.#soon.keys(), ...this.#retries.keys()])];
  }

  /** Failures in a row of this key. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Resolves at the next moment something finished or the queue became idle. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#idleWaiters.add(resolve));
  }

  #pump(): void {
    if (!this.#running) return;
    for (const key of this.#ready) {
      if (this.#active.size >= this.options.concurrency) return;
      this.#ready.delete(key);
      this.#active.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    if (this.#slice.isOver) await this.#slice.turn();
    // A look asked for by an earlier run is replaced by what this run asks for.
    this.#scheduled.delete(key);
    const disposition = await this.work(key).catch((): Disposition => ({ kind: 'retry' }));
    this.#active.delete(key);
    this.#dispose(key, disposition);
    if (this.#addedWhileActive.delete(key)) {
      this.#retries.delete(key);
      this.#ready.add(key);
    }
    this.#pump();
    this.#arm();
    for (const wake of this.#idleWaiters) wake();
    this.#idleWaiters.clear();
  }

  #dispose(key: string, disposition: Disposition): void {
    const now = this.options.clock.now();
    if (disposition.kind === 'retry') {
      const failures = this.failuresOf(key) + 1;
      this.#failures.set(key, failures);
      this.#retries.add(key, now + this.#backoffMs(failures));
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
    const cancel = clock.schedule(Math.max(0, dueAtMs - clock.now()), () => this.#wake(delayed));
    this.#timer = { dueAtMs, cancel };
  }

  #wake(delayed: readonly DelayedKeys[]): void {
    this.#timer = undefined;
    const now = this.options.clock.now();
    for (const keys of delayed) {
      for (let key = keys.takeDue(now); key !== undefined; key = keys.takeDue(now)) this.add(key);
    }
    this.#arm();
  }
}
