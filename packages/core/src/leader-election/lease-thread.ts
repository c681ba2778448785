import { Worker } from 'node:worker_threads';
import { systemClock, type ClusterConnection, type Logger } from '@trueup/kube';
import { deferred } from '../deferred.js';
import { LeadershipLostError, messageOf, OptionError } from '../errors.js';
import type { LeaderElectionSettings } from './leader-election-options.js';
import type { LeaseThreadData, LeaseThreadMessage, LeaseThreadRequest } from './lease-messages.js';

export interface LeaseThreadOptions extends LeaderElectionSettings {
  readonly connection: ClusterConnection;
  readonly userAgent: string;
  readonly log: Logger;
}

/**
 * A candidate of a leader election in a thread of its own. A main thread that parses 50 MB of JSON keeps the lease; that
 * it works for ever in vain is for the liveness probe to find out.
 */
export class LeaseThread {
  /** Resolves when the lease is ours; never when it does not become ours. */
  readonly acquired: Promise<void>;
  /** Resolves when we can't be or stay leader any more and did not mean to leave. */
  readonly lost: Promise<LeadershipLostError>;
  readonly #worker: Worker;
  readonly #heldUntil: BigInt64Array;
  readonly #exited: Promise<void>;
  readonly #leaseDurationMs: number;
  #isLeaving = false;

  private constructor(options: LeaseThreadOptions, data: LeaseThreadData) {
    this.#heldUntil = new BigInt64Array(data.heldUntil);
    this.#leaseDurationMs = data.timing.leaseDurationMs;
    this.#worker = new Worker(options.workerFile, { workerData: data, name: 'lease' });
    const lease = `${data.lease.namespace}/${data.lease.name}`;
    const { promise: acquired, resolve: onAcquired } = deferred<void>();
    const { promise: lost, resolve: onLost } = deferred<LeadershipLostError>();
    this.acquired = acquired;
    this.lost = lost;
    this.#worker.on('message', (message: LeaseThreadMessage) => {
      switch (message.type) {
        case 'acquired':
          options.log.info({ lease, identity: data.identity }, 'leading');
          return onAcquired();
        case 'held':
          return options.log.info({ lease, holder: message.by }, 'standing by: another replica leads');
        case 'failed':
          return options.log.warn(
            { lease, error: message.message },
            'the lease could not be taken or renewed; it is tried again',
          );
        case 'ended':
          return message.end.kind === 'lost' ? onLost(new LeadershipLostError(lease, message.end.why)) : undefined;
        case 'needs credentials':
          return void this.#sendCredentials(options, message.refused);
        case 'needs ca':
          return void this.#sendCa(options);
      }
    });
    this.#worker.on('error', (error) =>
      onLost(new LeadershipLostError(lease, `its thread failed: ${messageOf(error)}`)),
    );
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        Atomics.store(this.#heldUntil, 0, 0n);
        if (!this.#isLeaving) onLost(new LeadershipLostError(lease, 'its thread ended'));
        resolve();
      });
    });
  }

  /**
   * Starts to take part.
   *
   * @throws when there are no credentials to begin with; {@link OptionError} for a cluster without an address.
   */
  static async start(options: LeaseThreadOptions): Promise<LeaseThread> {
    const { credentials, reloadCa, connect, ...cluster } = options.connection;
    if (connect !== undefined)
      throw new OptionError('leaderElection needs a server at an address: its thread cannot use connect()');
    return new LeaseThread(options, {
      cluster,
      canReloadCa: reloadCa !== undefined,
      credentials: await credentials.current(),
      userAgent: options.userAgent,
      lease: options.lease,
      identity: options.identity,
      timing: options.timing,
      heldUntil: new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT),
    });
  }

  /**
   * Whether nobody else can hold the lease right now. Known without waiting for a message, so a main thread that was
   * stopped for a while does not write in the moment before it hears that the lease is lost.
   */
  get isHeld(): boolean {
    return Number(Atomics.load(this.#heldUntil, 0)) > systemClock.now();
  }

  /** Whether the thread has neither renewed the lease nor given it up for longer than a lease lasts. */
  get isStuck(): boolean {
    const heldUntilMs = Number(Atomics.load(this.#heldUntil, 0));
    return heldUntilMs > 0 && systemClock.now() > heldUntilMs + this.#leaseDurationMs;
  }

  /** Releases the lease, for the next replica to take it at once. Resolves when the thread has ended. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#send({ type: 'leave' });
    await this.#exited;
  }

  /** Ends the thread and leaves the lease to expire. */
  async terminate(): Promise<void> {
    this.#isLeaving = true;
    await this.#worker.terminate();
  }

  #send(request: LeaseThreadRequest): void {
    this.#worker.postMessage(request);
  }

  async #sendCredentials(
    { connection, log }: LeaseThreadOptions,
    refused: Parameters<ClusterConnection['credentials']['refused']>[0] | undefined,
  ): Promise<void> {
    try {
      if (refused !== undefined) connection.credentials.refused(refused);
      this.#send({ type: 'credentials', credentials: await connection.credentials.current() });
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'no credentials for the lease');
    }
  }

  async #sendCa({ connection, log }: LeaseThreadOptions): Promise<void> {
    try {
      if (connection.reloadCa !== undefined) this.#send({ type: 'ca', ca: await connection.reloadCa() });
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'no certificate authority for the lease');
    }
  }
}
