import { describe, expect, it } from '@jest/globals';

import { WorkQueue } from './work-queue.js';

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('WorkQueue', () => {
  it('processes a key once however often it was added, and again if it is added meanwhile', async () => {
    const seen: string[] = [];
    const queue: WorkQueue = new WorkQueue({
      process: async (key) => {
        seen.push(key);
        if (seen.length === 1) queue.add(key);
        await turn();
      },
    });

    for (const key of ['a', 'a', 'b', 'a']) queue.add(key);
    while (queue.isBusy()) await turn();

    expect(seen).toEqual(['a', 'b', 'a']);
  });

  it('lets a key wait for turns of the event loop, anew each time it is added, but not for ever', async () => {
    const seen: string[] = [];
    const queue = new WorkQueue({
      process: async (key) => {
        seen.push(key);
      },
      turnsToWait: (key) => (key === 'owner' ? 2 : 0),
    });

    queue.add('owner');
    for (let step = 0; step < 5; step++) {
      queue.add('owned');
      queue.add('owner');
      await turn();
    }
    expect(seen).toEqual(Array<string>(5).fill('owned'));
    expect(queue.isBusy()).toBe(true);
    while (queue.isBusy()) await turn();
    expect(seen.at(-1)).toBe('owner');

    seen.length = 0;
    for (let step = 0; step < 30; step++) {
      queue.add('owner');
      await turn();
    }
    expect(seen.length).toBeGreaterThan(0);
    queue.stop();
  });

  it('never processes a key twice at a time, nor more keys than it may', async () => {
    const running = new Set<string>();
    let most = 0;
    const queue = new WorkQueue({
      concurrency: 2,
      process: async (key) => {
        expect(running.has(key)).toBe(false);
        running.add(key);
        most = Math.max(most, running.size);
        await turn();
        running.delete(key);
      },
    });

    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await turn();
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    while (queue.isBusy()) await turn();

    expect(most).toBe(2);
  });

  it('retries a key that failed, and is busy until it succeeds', async () => {
    let attempts = 0;
    const queue = new WorkQueue({
      process: async () => {
        attempts += 1;
        await turn();
        if (attempts < 3) throw new Error('not yet');
      },
    });

    queue.add('a');
    while (queue.isBusy()) await turn();

    expect(attempts).toBe(3);
  });

  it('does nothing more once stopped', async () => {
    const seen: string[] = [];
    const queue = new WorkQueue({
      process: async (key) => {
        seen.push(key);
        await turn();
      },
    });

    queue.add('a');
    queue.stop();
    queue.add('b');
    await turn();

    expect(seen).toEqual([]);
    expect(queue.isBusy()).toBe(false);
  });
});
