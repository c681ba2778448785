import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken } from '@trueup/kube';
import { until } from '@trueup/testing/until';
import { ManualClock } from '../../test-support/manual-clock.js';
import { Lease } from '../builtin-kinds.js';
import { LeaseElection, type ElectionEnd } from './lease-election.js';
import { leaseTiming } from './lease-timing.js';

const TIMING = leaseTiming({});
/** More than one attempt's distance, less than two. */
const NEXT_ATTEMPT_MS = 2_100;

let controlPlane: ControlPlane;
let client: Client;
let clock: ManualClock;
let lease: { readonly namespace: string; readonly name: string };
let candidates: Candidate[];
let leases = 0;

beforeAll(async () => {
  controlPlane = await ControlPlane.start({ tls: false });
  client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
});
afterAll(async () => {
  await client.close();
  await controlPlane.stop();
});
beforeEach(() => {
  clock = new ManualClock();
  candidates = [];
  leases += 1;
  lease = { namespace: 'default', name: `operator-${leases}` };
});

class Candidate {
  readonly told: string[] = [];
  readonly leaving = new AbortController();
  isCutOff = false;
  heldUntilMs = 0;
  end: ElectionEnd | undefined;

  constructor(readonly identity: string) {
    candidates.push(this);
    const reach = (): Promise<never> | undefined =>
      this.isCutOff ? Promise.reject(new Error('the API server is away')) : undefined;
    const election = new LeaseElection({
      client: {
        find: (...args) => reach() ?? client.find(...args),
        create: (...args) => reach() ?? client.create(...args),
        replace: (...args) => reach() ?? client.replace(...args),
      },
      lease,
      identity,
      timing: TIMING,
      clock,
      random: () => 0,
    });
    void election
      .run(this.leaving.signal, {
        acquired: () => this.told.push('acquired'),
        heldUntil: (untilMs) => (this.heldUntilMs = untilMs),
        held: (by) => this.told.push(`held by ${by}`),
        failed: (message) => this.told.push(message),
      })
      .then((end) => (this.end = end));
  }
}

/** Lets every candidate make its attempt: then it sleeps or has ended. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await until(() => clock.timerCount === candidates.filter(({ end }) => end === undefined).length);
}

async function after(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= NEXT_ATTEMPT_MS) {
    clock.advance(Math.min(left, NEXT_ATTEMPT_MS));
    await settled();
  }
}

const record = async () => (await client.get<Lease>(Lease.resource, lease)).spec;

async function aLeaderAndAStandby(): Promise<readonly [Candidate, Candidate]> {
  const leader = new Candidate('one');
  await settled();
  const standby = new Candidate('two');
  await settled();
  return [leader, standby];
}

describe('an election on a Lease', () => {
  it('is won by the first, who renews; the other stands by', async () => {
    const [leader, standby] = await aLeaderAndAStandby();
    const acquired = await record();
    expect(acquired).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    await after(60_000);
    expect(leader.told).toEqual(['acquired']);
    expect(standby.told).toEqual(['held by one']);
    const { renewTime = '', ...kept } = (await record()) ?? {};
    expect({ ...acquired, renewTime: undefined }).toEqual({ ...kept, renewTime: undefined });
    expect(Date.parse(renewTime)).toBeGreaterThan(clock.now() - 2 * NEXT_ATTEMPT_MS);
    expect(leader.heldUntilMs).toBe(Date.parse(renewTime) + TIMING.renewDeadlineMs);
  });

  it('is handed over by a leader that leaves: the next attempt of another wins', async () => {
    const [leader, standby] = await aLeaderAndAStandby();
    leader.leaving.abort();
    await settled();
    expect(leader.end).toEqual({ kind: 'left' });
    expect(await record()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    await after(NEXT_ATTEMPT_MS);
    expect(standby.told).toEqual(['held by one', 'acquired']);
    expect(await record()).toMatchObject({ holderIdentity: 'two', leaseDurationSeconds: 15, leaseTransitions: 1 });
  });

  it('passes to another when the leader is gone for the duration of the lease, by the time that passed here', async () => {
    const gone = {
      holderIdentity: 'gone',
      leaseDurationSeconds: 15,
      leaseTransitions: 3,
      // The clock of the machine that wrote this is years late.
      renewTime: '2020-01-01T00:00:00.000000Z',
    };
    await client.create<Lease>(Lease.resource, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: lease,
      spec: gone,
    });
    const standby = new Candidate('two');
    await settled();
    await after(14_000);
    expect(standby.told).toEqual(['held by gone']);
    expect(await record()).toEqual(gone);
    await after(4_000);
    expect(standby.told).toEqual(['held by gone', 'acquired']);
    expect(await record()).toMatchObject({ holderIdentity: 'two', leaseTransitions: 4 });
  });

  it('is lost by a leader that cannot renew, before another may take over', async () => {
    const [leader, standby] = await aLeaderAndAStandby();
    leader.isCutOff = true;
    await after(9_000);
    expect(leader.end).toBeUndefined();
    await after(NEXT_ATTEMPT_MS);
    expect(leader.end).toEqual({ kind: 'lost', why: 'it could not be renewed for 10000 ms' });
    expect(leader.told.slice(1)).toEqual(Array.from({ length: 4 }, () => 'the API server is away'));
    expect(standby.told).toEqual(['held by one']);
    await after(8_000);
    expect(standby.told).toEqual(['held by one', 'acquired']);
  });

  it('goes on for a leader that is cut off for a moment', async () => {
    const [leader] = await aLeaderAndAStandby();
    leader.isCutOff = true;
    await after(6_000);
    leader.isCutOff = false;
    await after(30_000);
    expect(leader.end).toBeUndefined();
    expect(await record()).toMatchObject({ holderIdentity: 'one', leaseTransitions: 0 });
  });

  it('is lost at once by a leader that finds the lease in other hands', async () => {
    const [leader] = await aLeaderAndAStandby();
    await client.mergePatch(Lease.resource, lease, { spec: { holderIdentity: 'thief' } });
    await after(2 * NEXT_ATTEMPT_MS);
    expect(leader.end).toEqual({ kind: 'lost', why: 'thief holds it' });
    expect(await record()).toMatchObject({ holderIdentity: 'thief' });
  });

  it('ends without a trace for a candidate that leaves before it won', async () => {
    const [, standby] = await aLeaderAndAStandby();
    standby.leaving.abort();
    await settled();
    expect(standby.end).toEqual({ kind: 'left' });
    expect(await record()).toMatchObject({ holderIdentity: 'one' });
  });
});

describe('leaseTiming', () => {
  it.each([
    [{ retryPeriodMs: 0 }, 'retryPeriodMs is 0; it must be greater than 0'],
    [{ renewDeadlineMs: 2_400 }, 'renewDeadlineMs is 2400; it must be greater than retryPeriodMs (2000) and a fifth'],
    [
      { leaseDurationMs: 10_000 },
      'leaseDurationMs is 10000; it must be greater than renewDeadlineMs (10000), in whole seconds',
    ],
    [
      { leaseDurationMs: 15_500 },
      'leaseDurationMs is 15500; it must be greater than renewDeadlineMs (10000), in whole seconds',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => leaseTiming(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION_OUT_OF_RANGE', message }));
  });
});
