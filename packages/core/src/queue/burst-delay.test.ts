import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../test-support/manual-clock.js';
import { BurstDelay } from './burst-delay.js';

function runsFor(causes: number, everyMs: number): number {
  const clock = new ManualClock();
  const delay = new BurstDelay({ clock, baseMs: 50, maxMs: 30_000 });
  const due = new Set<number>();
  for (let cause = 0; cause < causes; cause += 1) {
    due.add(Math.round(clock.now() + delay.next('a')));
    clock.advance(everyMs);
  }
  return due.size;
}

describe('BurstDelay', () => {
  it('makes a handful of runs of thousands of causes in a row', () => {
    expect(runsFor(5_000, 10)).toBeLessThanOrEqual(12);
    expect(runsFor(1_000, 200)).toBeLessThanOrEqual(20);
  });

  it('takes what comes within one wait together', () => {
    expect(runsFor(5, 10)).toBe(1);
  });

  it('makes nobody wait longer than a second who comes alone each time', () => {
    const clock = new ManualClock();
    const delay = new BurstDelay({ clock, baseMs: 20, maxMs: 30_000 });
    const waits = Array.from({ length: 20 }, () => {
      const waitMs = delay.next('a');
      clock.advance(waitMs + 1);
      return waitMs;
    });
    expect(waits.slice(0, 3)).toEqual([20, 40, 80]);
    expect(Math.max(...waits)).toBe(1_000);
  });

  it('lets none wait longer than a cause says that cannot', () => {
    const clock = new ManualClock();
    const delay = new BurstDelay({ clock, baseMs: 20, maxMs: 30_000 });
    const waits = Array.from({ length: 20 }, () => {
      const waitMs = delay.next('a', 500);
      delay.next('a');
      clock.advance(waitMs + 1);
      return waitMs;
    });
    expect(Math.max(...waits)).toBe(500);
  });

  it('starts anew after a pause, and counts each key for itself', () => {
    const clock = new ManualClock();
    const delay = new BurstDelay({ clock, baseMs: 50, maxMs: 30_000 });
    expect(delay.next('a')).toBe(50);
    clock.advance(50);
    expect(delay.next('a')).toBe(100);
    expect(delay.next('b')).toBe(50);
    clock.advance(1_101);
    expect(delay.next('a')).toBe(50);
  });
});
