// The lease thread. Whatever the main thread is busy with, this one renews the lease in time.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Client, systemClock, type CredentialProvider, type Credentials } from '@trueup/kube';
import { LeaseElection } from './lease-election.js';
import type { LeaseThreadData, LeaseThreadMessage, LeaseThreadRequest } from './lease-messages.js';

async function run(port: MessagePort, data: LeaseThreadData): Promise<void> {
  const say = (message: LeaseThreadMessage): void => port.postMessage(message);
  const leaving = new AbortController();
  const credentials = new MainThreadCredentials(data.credentials, say);
  let tellCa: (ca: string) => void = () => undefined;
  const reloadCa = (): Promise<string> =>
    new Promise((resolve) => {
      tellCa = resolve;
      say({ type: 'needs ca' });
    });
  port.on('message', (request: LeaseThreadRequest) => {
    if (request.type === 'leave') leaving.abort();
    else if (request.type === 'credentials') credentials.receive(request.credentials);
    else tellCa(request.ca);
  });

  const { lease, identity, timing, userAgent } = data;
  const connection = { ...data.cluster, credentials, ...(data.canReloadCa && { reloadCa }) };
  const client = new Client(connection, { userAgent });
  const heldUntil = new BigInt64Array(data.heldUntil);
  const election = new LeaseElection({ client, lease, identity, timing, clock: systemClock, random: Math.random });
  const end = await election.run(leaving.signal, {
    acquired: () => say({ type: 'acquired' }),
    heldUntil: (untilMs) => Atomics.store(heldUntil, 0, BigInt(Math.floor(untilMs))),
    held: (by) => say({ type: 'held', by }),
    failed: (message) => say({ type: 'failed', message }),
  });
  Atomics.store(heldUntil, 0, 0n);
  say({ type: 'ended', end });
  await client.close();
  port.close();
}

/**
 * The credentials of the main thread. Those at hand are used without waiting for it, since it may be busy, and it is asked
 * for fresh ones for the next time; only when the server refuses them is there nothing to do but to wait.
 */
class MainThreadCredentials implements CredentialProvider {
  #held: Credentials | undefined;
  readonly #waiters = new Set<(credentials: Credentials) => void>();

  constructor(
    initial: Credentials,
    private readonly say: (message: LeaseThreadMessage) => void,
  ) {
    this.#held = initial;
  }

  current(): Promise<Credentials> {
    this.say({ type: 'needs credentials' });
    if (this.#held !== undefined) return Promise.resolve(this.#held);
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  refused(refused: Credentials): void {
    this.#held = undefined;
    this.say({ type: 'needs credentials', refused });
  }

  receive(credentials: Credentials): void {
    this.#held = credentials;
    for (const resolve of this.#waiters) resolve(credentials);
    this.#waiters.clear();
  }
}

// Without one this file was not started as a thread.
if (parentPort !== null) await run(parentPort, workerData as LeaseThreadData);
