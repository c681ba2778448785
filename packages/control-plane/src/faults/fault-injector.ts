import { setTimeout } from 'node:timers/promises';
import { StatusError } from '../status-error.js';
import { matches, type Fault, type FaultEffect, type FaultSubject } from './fault.js';

/** Makes requests fail as networks and busy servers do, for tests of how clients take it. */
export interface Faults {
  /** Injects a fault; the returned function removes it again. */
  inject(fault: Fault): () => void;
  /** Removes all faults. */
  clear(): void;
  /** Forgets history: watches and pages that start before now are answered with 410. */
  compact(): void;
}

/** A fault that was injected. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  /** How many more requests it meets; Infinity without a limit. */
  readonly remaining: number;
}

/** What a watch lets be done to it. */
export interface FaultyWatch {
  /** Cuts the connection. */
  cut(): void;
  /** Ends with the error 410. */
  expire(): void;
  /** Holds back what is sent until the returned function is called. */
  stall(): () => void;
}

/** What becomes of a request when its faults are over. */
export type RequestOutcome = 'proceed' | 'reset' | 'reset-after';

/** How an event of a watch is sent. */
export type EventOutcome = 'proceed' | 'repeat-events' | 'halve-events';

interface Active {
  readonly fault: Fault;
  remaining: number;
  /** To be called when the fault is removed. */
  readonly releases: Set<() => void>;
}

/** Keeps the faults that were asked for, and does them to requests and watches. */
export class FaultInjector implements Faults {
  readonly #compact: () => void;
  readonly #active = new Map<string, Active>();
  readonly #watches = new Map<FaultyWatch, FaultSubject>();
  #lastId = 0;

  constructor(compact: () => void) {
    this.#compact = compact;
  }

  inject(fault: Fault): () => void {
    const id = this.add(fault);
    return () => {
      this.remove(id);
    };
  }

  /** As `inject`. @returns the id for {@link FaultInjector.remove}. */
  add(fault: Fault): string {
    const id = String(++this.#lastId);
    const active = { fault, remaining: fault.times ?? Infinity, releases: new Set<() => void>() };
    this.#active.set(id, active);
    for (const [watch, subject] of [...this.#watches]) this.#meetWatch(active, subject, watch);
    return id;
  }

  /** @returns whether there was such a fault. */
  remove(id: string): boolean {
    const active = this.#active.get(id);
    this.#active.delete(id);
    for (const release of active?.releases ?? []) release();
    return active !== undefined;
  }

  clear(): void {
    for (const id of [...this.#active.keys()]) this.remove(id);
  }

  compact(): void {
    this.#compact();
  }

  get isEmpty(): boolean {
    return this.#active.size === 0;
  }

  list(): ActiveFault[] {
    return [...this.#active].map(([id, { fault, remaining }]) => ({ id, fault, remaining }));
  }

  /**
   * Does to a request what was asked for, in the order in which it was.
   *
   * @param signal - The client has gone.
   *
   * @throws StatusError for a fault that is an answer.
   */
  async meetRequest(subject: FaultSubject, signal: AbortSignal): Promise<RequestOutcome> {
    let outcome: RequestOutcome = 'proceed';
    for (const active of this.#active.values()) {
      const { fault } = active;
      if (!isOfRequests(fault) || !take(active, subject)) continue;
      if (fault.type === 'latency') {
        await setTimeout(fault.ms, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return 'reset';
      } else if (fault.type === 'status') throw errorOf(fault);
      else if (fault.when === 'before') return 'reset';
      else outcome = 'reset-after';
    }
    return outcome;
  }

  /** Follows a watch from its beginning; the returned function is to be called when it has ended. */
  followWatch(subject: FaultSubject, watch: FaultyWatch): () => void {
    this.#watches.set(watch, subject);
    for (const active of this.#active.values()) this.#meetWatch(active, subject, watch);
    return () => this.#watches.delete(watch);
  }

  dropsBookmark(subject: FaultSubject): boolean {
    return [...this.#active.values()].some((active) => active.fault.type === 'drop-bookmarks' && take(active, subject));
  }

  /** How the next event of a watch is sent. */
  meetEvent(subject: FaultSubject): EventOutcome {
    for (const active of this.#active.values()) {
      const { type } = active.fault;
      if ((type === 'repeat-events' || type === 'halve-events') && take(active, subject)) return type;
    }
    return 'proceed';
  }

  /** The API groups that discovery says nothing of. */
  hiddenGroups(): ReadonlySet<string> {
    const groups = this.list().map(({ fault }) => (fault.type === 'hide-group' ? fault.group : undefined));
    return new Set(groups.filter((group) => group !== undefined));
  }

  /** How far the server's clock is ahead. */
  get clockSkewMs(): number {
    return this.list().reduce((sum, { fault }) => (fault.type === 'skew-clock' ? sum + fault.ms : sum), 0);
  }

  #meetWatch(active: Active, subject: FaultSubject, watch: FaultyWatch): void {
    const { type } = active.fault;
    if ((type !== 'cut-watch' && type !== 'expire-watch' && type !== 'stall-watch') || !take(active, subject)) return;
    if (type === 'cut-watch') watch.cut();
    else if (type === 'expire-watch') watch.expire();
    else active.releases.add(watch.stall());
  }
}

/** Whether it meets this one; counts it. */
function take(active: Active, subject: FaultSubject): boolean {
  if (active.remaining <= 0 || !matches(active.fault, subject)) return false;
  active.remaining -= 1;
  return true;
}

type RequestFault = Extract<FaultEffect, { type: 'status' | 'latency' | 'reset' }>;

function isOfRequests(fault: Fault): fault is Fault & RequestFault {
  return fault.type === 'status' || fault.type === 'latency' || fault.type === 'reset';
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function errorOf({ code, reason, message, retryAfterSeconds }: Extract<FaultEffect, { type: 'status' }>): StatusError {
  return new StatusError(
    code,
    reason ?? REASONS[code],
    message ?? 'a fault that was asked for',
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
}
