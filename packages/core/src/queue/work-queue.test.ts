import { describe, expect, it } from '@jest/globals';
import { until } from '@trueup/testing/until';
import fc from 'fast-check';
import { ManualClock } from '../../test-support/manual-clock.js';
import { WorkQueue, type Disposition } from './work-queue.js';

const RUNS = Number(process.env['FC_RUNS'] ?? 100);

/** A queue whose work waits until the test lets it finish. */
function aQueue(options: { concurrency?: number } = {}) {
  const clock = new ManualClock();
  const started: string[] = [];
  const running = new Map<string, (disposition: Disposition) => void>();
  const work = (key: string) => {
    started.push(key);
    return new Promise<Disposition>((resolve) => running.set(key, resolve));
  };
  const queue = new WorkQueue(work, {
    concurrency: options.concurrency ?? 8,
    clock,
    random: () => 1,
    processTimeMs: () => 0,
    retryBaseMs: 100,
  });
  queue.start();
  const finish = async (key: string, disposition: Disposition = { kind: 'done' }) => {
    const changed = queue.nextChange();
    running.get(key)?.(disposition);
    await changed;
  };
  return { queue, clock, started, finish };
}

describe('WorkQueue', () => {
  it('runs a key that is added twice once', () => {
    const { queue, started } = aQueue({ concurrency: 1 });
    queue.add('a');
    queue.add('b');
    queue.add('b');
    expect(started).toEqual(['a']);
    expect(queue.pending()).toEqual(['a', 'b']);
  });

  it('runs a key once more when it changed during its run, and never twice at a time', async () => {
    const { queue, started, finish } = aQueue();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(started).toEqual(['a']);
    await finish('a');
    expect(started).toEqual(['a', 'a']);
    await finish('a');
    expect(started).toEqual(['a', 'a']);
    expect(queue.isIdle).toBe(true);
  });

  it('works on no more keys at once than its concurrency', async () => {
    const { queue, started, finish } = aQueue({ concurrency: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(started).toEqual(['a', 'b']);
    await finish('b');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('retries a failed key after a backoff that doubles and is forgotten after a success', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    await finish('a', { kind: 'retry' });
    clock.advance(99);
    expect(started).toHaveLength(1);
    clock.advance(1);
    expect(started).toHaveLength(2);
    await finish('a', { kind: 'retry' });
    clock.advance(199);
    expect(started).toHaveLength(2);
    clock.advance(1);
    expect(started).toHaveLength(3);
    expect(queue.failuresOf('a')).toBe(2);
    await finish('a');
    expect(queue.failuresOf('a')).toBe(0);
  });

  it('does not let attempts that did not wait grow the backoff', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    await finish('a', { kind: 'retry' });
    for (let change = 0; change < 10; change += 1) {
      queue.add('a');
      await finish('a', { kind: 'retry' });
    }
    expect(queue.failuresOf('a')).toBe(1);
    clock.advance(100);
    expect(started).toHaveLength(12);
  });

  it('never waits longer than five minutes, and never gives up', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    for (let attempt = 1; attempt <= 40; attempt += 1) {
      expect(started).toHaveLength(attempt);
      await finish('a', { kind: 'retry' });
      clock.advance(300_000);
    }
    expect(started).toHaveLength(41);
  });

  it('begins with the shortest backoff again for a key whose failures are forgotten', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await finish('a', { kind: 'retry' });
      clock.advance(300_000);
    }
    queue.forgetFailures('a');
    await finish('a', { kind: 'retry' });
    clock.advance(100);
    expect(started).toHaveLength(10);
  });

  it('takes what is added before it starts for backlog, which changes overtake', async () => {
    const clock = new ManualClock();
    const started: string[] = [];
    const queue = new WorkQueue(
      (key) => {
        started.push(key);
        return Promise.resolve({ kind: 'done' });
      },
      { concurrency: 1, clock, processTimeMs: () => 0 },
    );
    for (const name of ['a', 'b', 'c']) queue.add(`busy/${name}`);
    queue.start();
    queue.add('busy/changed');
    while (!queue.isIdle) await queue.nextChange();
    expect(started).toEqual(['busy/a', 'busy/changed', 'busy/b', 'busy/c']);
  });

  it('counts a key that waits for its retry as work left', async () => {
    const { queue, finish } = aQueue();
    queue.add('a');
    await finish('a', { kind: 'retry' });
    expect(queue.isIdle).toBe(false);
    expect(queue.pending()).toEqual(['a']);
  });

  it('runs a failed key at once when it is added anew', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    await finish('a', { kind: 'retry' });
    queue.add('a');
    expect(started).toHaveLength(2);
    await finish('a');
    clock.advance(1_000_000);
    expect(started).toHaveLength(2);
  });

  it('looks again at the time asked for, which is not work left', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    await finish('a', { kind: 'later', afterMs: 30_000 });
    expect(queue.isIdle).toBe(true);
    clock.advance(30_000);
    expect(started).toEqual(['a', 'a']);
  });

  it('replaces the look asked for by an earlier run', async () => {
    const { queue, clock, started, finish } = aQueue();
    queue.add('a');
    await finish('a', { kind: 'later', afterMs: 30_000 });
    queue.add('a');
    await finish('a');
    clock.advance(60_000);
    expect(started).toEqual(['a', 'a']);
  });

  it('takes a burst of soon-to-do causes together', async () => {
    const { queue, clock, started } = aQueue();
    queue.addSoon('a', 50);
    clock.advance(40);
    queue.addSoon('a', 50);
    expect(started).toEqual([]);
    clock.advance(10);
    expect(started).toEqual(['a']);
  });

  it('holds one timer however many keys are delayed, and none after it stopped', async () => {
    const { queue, clock } = aQueue();
    for (let index = 0; index < 100; index += 1) queue.addSoon(`key-${index}`, 50 + index);
    expect(clock.timerCount).toBe(1);
    await queue.stop();
    expect(clock.timerCount).toBe(0);
  });

  it('lets the event loop turn while thousands of keys have nothing to wait for', async () => {
    let turns = 0;
    const busy = async (): Promise<Disposition> => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      return { kind: 'done' };
    };
    const processTimeMs = (): number => performance.now();
    const queue = new WorkQueue(busy, { concurrency: 8, clock: new ManualClock(), processTimeMs });
    for (let index = 0; index < 100; index += 1) queue.add(`key-${index}`);
    queue.start();
    await until(() => {
      turns += 1;
      return queue.isIdle;
    });
    expect(turns).toBeGreaterThan(3);
  });

  it('takes a work function that throws for a failure', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue(() => Promise.reject(new Error('broken')), { concurrency: 1, clock });
    queue.start();
    const changed = queue.nextChange();
    queue.add('a');
    await changed;
    expect(queue.failuresOf('a')).toBe(1);
  });

  it('loses no change and works on no key twice at once, however adds, ends and failures follow each other', async () => {
    const key = fc.constantFrom('a/1', 'a/2', 'b/1', 'b/2');
    const step = fc.oneof(
      fc.record({ add: key }),
      fc.record({ finish: key, outcome: fc.constantFrom<Disposition>({ kind: 'done' }, { kind: 'retry' }) }),
      fc.record({ advanceMs: fc.nat(500) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, clock, started, finish } = aQueue({ concurrency: 2 });
        const running = new Set<string>();
        /** Keys whose last change no run has begun after. */
        const unseen = new Set<string>();
        let seen = 0;
        const look = (): void => {
          for (const begun of started.slice(seen)) {
            expect(running.has(begun)).toBe(false);
            running.add(begun);
            unseen.delete(begun);
          }
          seen = started.length;
          expect(running.size).toBeLessThanOrEqual(2);
        };
        const end = async (name: string, outcome: Disposition): Promise<void> => {
          if (!running.delete(name)) return;
          await finish(name, outcome);
          look();
        };
        for (const taken of steps) {
          if ('add' in taken) {
            unseen.add(taken.add);
            queue.add(taken.add);
          } else if ('finish' in taken) await end(taken.finish, taken.outcome);
          else clock.advance(taken.advanceMs);
          look();
        }
        for (let round = 0; round < 20; round += 1) {
          for (const name of [...running]) await end(name, { kind: 'done' });
          clock.advance(600_000);
          look();
        }
        expect([...unseen]).toEqual([]);
        expect(queue.isIdle).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});
