import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../test-support/manual-clock.js';
import { WorkQueue, type Disposition } from './work-queue.js';

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
    const count = (): void => {
      turns += 1;
      if (!queue.isIdle) setImmediate(count);
    };
    const busy = async (): Promise<Disposition> => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      return { kind: 'done' };
    };
    const queue = new WorkQueue(busy, { concurrency: 8, clock: new ManualClock() });
    for (let index = 0; index < 100; index += 1) queue.add(`key-${index}`);
    setImmediate(count);
    queue.start();
    while (!queue.isIdle) await queue.nextChange();
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
});
