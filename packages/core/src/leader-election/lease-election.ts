import { isAlreadyExists, isConflict, sleep, type Client, type Clock } from '@trueup/kube';
import { Lease } from '../builtin-kinds.js';
import { messageOf } from '../errors.js';
import { microTime } from '../formats/micro-time.js';
import { JITTER, type LeaseTiming } from './lease-timing.js';

export interface LeaseElectionOptions {
  readonly client: Pick<Client, 'find' | 'create' | 'replace'>;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Who we are; no other candidate says the same of itself. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly clock: Clock;
  /** Source of jitter, `[0, 1)`. */
  readonly random: () => number;
}

/** Told how an election goes. */
export interface ElectionObserver {
  /** The lease is ours. */
  acquired(): void;
  /** It is ours until then, in milliseconds of the clock, whatever happens. */
  heldUntil(untilMs: number): void;
  /** Somebody else holds it. */
  held(by: string): void;
  /** An attempt failed; it is repeated. */
  failed(message: string): void;
}

/** How taking part in an election ended: we left it, or could not renew in time. */
export type ElectionEnd = { readonly kind: 'left' } | { readonly kind: 'lost'; readonly why: string };

/**
 * One candidate of a leader election on a Lease.
 *
 * As client-go does it, a lease counts as expired by the time that passed here since it was last seen to change, never by
 * the clock of another machine. Unlike there, a holder that sees the lease in other hands gives up at once.
 *
 * @see {@link https://pkg.go.dev/k8s.io/client-go/tools/leaderelection | client-go's leader election}
 */
export class LeaseElection {
  /** The lease as we last wrote it; undefined while it is not known to be ours. */
  #own: Lease | undefined;
  /** A write was sent whose answer did not come, so the lease may be ours without our knowing. */
  #isUncertain = false;
  /** What was last seen, and since when. */
  #seen: { readonly record: string; readonly sinceMs: number } | undefined;
  #otherHolder: string | undefined;
  #renewedAtMs = 0;

  constructor(private readonly options: LeaseElectionOptions) {}

  /** Takes part until the signal aborts (a lease that is held then is released) or the lease is lost. Never rejects. */
  async run(signal: AbortSignal, observer: ElectionObserver): Promise<ElectionEnd> {
    const { timing } = this.options;
    while (!signal.aborted && !(await this.#attempt(signal, timing.renewDeadlineMs, observer)))
      await this.#pause(signal);
    if (signal.aborted) return this.#leave(observer);
    observer.acquired();
    const why = await this.#keep(signal, observer);
    return why === undefined ? this.#leave(observer) : { kind: 'lost', why };
  }

  /** Renews until the signal aborts. Returns why the lease is lost, if it is. */
  async #keep(signal: AbortSignal, observer: ElectionObserver): Promise<string | undefined> {
    const { clock, timing } = this.options;
    for (;;) {
      await this.#pause(signal);
      const leftMs = this.#renewedAtMs + timing.renewDeadlineMs - clock.now();
      if (!signal.aborted && leftMs > 0) await this.#attempt(signal, leftMs, observer);
      if (signal.aborted) return undefined;
      if (this.#otherHolder !== undefined) return `${this.#otherHolder} holds it`;
      if (clock.now() - this.#renewedAtMs >= timing.renewDeadlineMs)
        return `it could not be renewed for ${timing.renewDeadlineMs} ms`;
    }
  }

  /** Takes or renews the lease. Returns whether it is ours now. */
  async #attempt(signal: AbortSignal, timeoutMs: number, observer: ElectionObserver): Promise<boolean> {
    const { client, lease, clock, timing } = this.options;
    const request = { signal, timeoutMs, retry: false };
    try {
      const found = this.#own ?? (await this.#read(request));
      this.#own = undefined;
      if (found !== undefined && this.#isOthers(found, observer)) return false;
      const sentAtMs = clock.now();
      this.#isUncertain = true;
      this.#own =
        found === undefined
          ? await client.create<Lease>(Lease.resource, this.#claim(aLease(lease)), request)
          : await client.replace<Lease>(Lease.resource, this.#claim(found), request);
      this.#isUncertain = false;
      this.#renewedAtMs = sentAtMs;
      observer.heldUntil(sentAtMs + timing.renewDeadlineMs);
      return true;
    } catch (error) {
      // Somebody else was faster; the next attempt sees who.
      if (!signal.aborted && !isConflict(error) && !isAlreadyExists(error)) observer.failed(messageOf(error));
      return false;
    }
  }

  #read(request: { readonly signal?: AbortSignal; readonly timeoutMs: number }): Promise<Lease | undefined> {
    return this.options.client.find<Lease>(Lease.resource, this.options.lease, request);
  }

  #isOthers({ spec = {} }: Lease, observer: ElectionObserver): boolean {
    const { clock, identity } = this.options;
    const record = JSON.stringify(spec);
    if (this.#seen?.record !== record) this.#seen = { record, sinceMs: clock.now() };
    const { holderIdentity: holder = '', leaseDurationSeconds = 0 } = spec;
    const isExpired = clock.now() >= this.#seen.sinceMs + leaseDurationSeconds * 1000;
    const other = holder === '' || holder === identity || isExpired ? undefined : holder;
    if (other !== undefined && other !== this.#otherHolder) observer.held(other);
    this.#otherHolder = other;
    return other !== undefined;
  }

  /** The lease as we want it; what else it says stays. */
  #claim(lease: Lease): Lease {
    const { identity, timing } = this.options;
    const { spec = {} } = lease;
    const isOurs = spec.holderIdentity === identity;
    const now = this.#now();
    const isNew = lease.metadata.resourceVersion === undefined;
    return {
      ...lease,
      spec: {
        ...spec,
        holderIdentity: identity,
        leaseDurationSeconds: timing.leaseDurationMs / 1000,
        acquireTime: isOurs ? (spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (spec.leaseTransitions ?? 0) + (isOurs || isNew ? 0 : 1),
      },
    };
  }

  /** Empties the lease, so that the next candidate need not wait until it expires. */
  async #leave(observer: ElectionObserver): Promise<ElectionEnd> {
    const { client, identity, timing } = this.options;
    const request = { timeoutMs: timing.renewDeadlineMs };
    try {
      const own = this.#own ?? (this.#isUncertain ? await this.#read(request) : undefined);
      if (own?.spec?.holderIdentity !== identity) return { kind: 'left' };
      const now = this.#now();
      const spec = { ...own.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
      await client.replace<Lease>(Lease.resource, { ...own, spec }, request);
    } catch (error) {
      observer.failed(`the lease could not be released: ${messageOf(error)}`);
    }
    return { kind: 'left' };
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random, timing } = this.options;
    await sleep(clock, timing.retryPeriodMs * (1 + random() * JITTER), signal).catch(() => undefined);
  }

  #now(): string {
    return microTime(this.options.clock.now());
  }
}

function aLease(metadata: { readonly namespace: string; readonly name: string }): Lease {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
}
