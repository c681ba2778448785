import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, clusterFromToken, type ClusterConnection } from '@trueup/kube';
import { pino } from 'pino';
import { z } from 'zod';
import { ConfigMap, Lease } from '../builtin-kinds.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import type { Context } from '../engine/context.js';
import type { DesiredObject } from '../engine/reconciler.js';
import { inject } from '../dependency-injection.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import { Operator } from '../operator/operator.js';
import type { LeaderElectionOptions } from './leader-election-options.js';

const Job = defineKind({
  group: 'election.example.com',
  kind: 'Job',
  versions: { v1: {} },
  spec: z.object({ hangs: z.boolean().optional() }),
});

/** Who reconciled what, and the reason of a signal that was waited for. */
const reconciled: string[] = [];
let begun: () => void = () => undefined;
let abortedBecause: unknown;
let running: Context | undefined;

@Reconciler(Job)
@Owns(ConfigMap)
class JobReconciler {
  constructor(@inject('replica') private readonly replica: string) {}

  async desired({ metadata: { name }, spec }: ObjectOf<typeof Job>, ctx: Context): Promise<DesiredObject[]> {
    reconciled.push(`${this.replica}: ${name}`);
    if (spec.hangs === true) {
      const { signal } = ctx;
      running = ctx;
      begun();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      abortedBecause = signal.reason;
      signal.throwIfAborted();
    }
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { by: this.replica } }];
  }
}

const module = defineModule({ name: 'jobs', kinds: [Job], reconcilers: [JobReconciler] });
const workerFile = new URL('../../test-support/lease-worker.mjs', import.meta.url);

describe('an operator with leader election', () => {
  let server: Worker;
  let connection: ClusterConnection;
  let client: Client;
  let operators: Operator[];

  beforeAll(async () => {
    // In a thread of its own: one test keeps the main thread busy.
    server = new Worker(new URL('../../test-support/control-plane-thread.mjs', import.meta.url));
    const [address] = (await once(server, 'message')) as [{ server: string; token: string }];
    connection = clusterFromToken(address);
    client = new Client(connection);
  });
  afterAll(async () => {
    await client.close();
    await server.terminate();
  });
  beforeEach(() => {
    reconciled.length = 0;
    operators = [];
  });
  afterEach(async () => {
    await Promise.all(operators.map((operator) => operator.stop()));
  });

  async function aReplica(replica: string, timing: Partial<LeaderElectionOptions> = {}): Promise<Operator> {
    const operator = await Operator.create({
      modules: [module],
      connection,
      name: 'jobs',
      logger: pino({ level: 'silent' }),
      register: (container) => container.register('replica', { useValue: replica }),
      leaderElection: { workerFile, identity: replica, retryPeriodMs: 100, ...timing },
    });
    operators.push(operator);
    await operator.installKinds();
    await operator.start();
    return operator;
  }

  const aJob = (name: string, spec = {}) =>
    client.apply(
      Job.resource,
      { apiVersion: 'election.example.com/v1', kind: 'Job', metadata: { name, namespace: 'default' }, ...{ spec } },
      { fieldManager: 'test' },
    );
  const lease = async (): Promise<Lease> =>
    client.get<Lease>(Lease.resource, { namespace: 'default', name: 'jobs-leader-election' });

  it('stands by with filled caches while another leads, and takes over at once when that one stops', async () => {
    const first = await aReplica('first');
    await first.leading;
    const second = await aReplica('second');
    await aJob('one');
    await first.settle();
    expect(reconciled).toEqual(['first: one']);
    expect([first.isLeading, second.isLeading, second.reconcileCount]).toEqual([true, false, 0]);

    await first.stop();
    await expect(first.ended).resolves.toBeUndefined();
    await second.leading;
    await aJob('two');
    await second.settle();

    expect(reconciled.filter((run) => run.startsWith('second'))).toEqual(
      expect.arrayContaining(['second: one', 'second: two']),
    );
    expect([first.isLeading, second.isLeading]).toEqual([false, true]);
    expect((await lease()).spec).toMatchObject({ holderIdentity: 'second' });
  });

  it('ends when the lease is lost: running reconciles are aborted, nothing is written any more', async () => {
    const operator = await aReplica('loser');
    await operator.leading;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    await aJob('hanging', { hangs: true });
    await hasBegun;

    await client.mergePatch(Lease.resource, (await lease()).metadata, { spec: { holderIdentity: 'thief' } });

    // No message of the lease thread gets through meanwhile; that the lease is gone is known all the same.
    const renewDeadline = performance.now() + 5_000;
    while (operator.isLeading && performance.now() < renewDeadline);
    expect(operator.isLeading).toBe(false);
    const tooLate = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'too-late', namespace: 'default' } };
    await expect(running?.client.create(ConfigMap.resource, tooLate)).rejects.toMatchObject({
      code: 'ERR_LEADERSHIP_LOST',
    });

    await expect(operator.ended).rejects.toMatchObject({
      code: 'ERR_LEADERSHIP_LOST',
      message:
        'The lease default/jobs-leader-election is lost: thief holds it. ' +
        'Work has stopped; exit, so that this replica can start over as a candidate.',
    });
    expect(abortedBecause).toEqual(new Error('job-controller stops'));
    expect(operator.isLeading).toBe(false);
    await operator.stop();
    expect((await lease()).spec?.holderIdentity).toBe('thief');
    await client.delete(Job.resource, { namespace: 'default', name: 'hanging' });
    await client.delete(Lease.resource, (await lease()).metadata);
  });

  it('keeps the lease while the main thread is busy for longer than the lease lasts', async () => {
    const timing = { leaseDurationMs: 3_000, renewDeadlineMs: 2_500 };
    const operator = await aReplica('busy', timing);
    await operator.leading;
    const { spec: before } = await lease();

    const untilMs = performance.now() + timing.leaseDurationMs + 200;
    while (performance.now() < untilMs);

    expect(operator.isLeading).toBe(true);
    const { spec: after } = await lease();
    expect(after).toMatchObject({ holderIdentity: 'busy', acquireTime: before?.acquireTime });
    expect(Date.parse(after?.renewTime ?? '') - Date.parse(before?.renewTime ?? '')).toBeGreaterThan(
      timing.leaseDurationMs - 500,
    );
  });
});
