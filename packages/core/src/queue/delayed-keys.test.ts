import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DelayedKeys } from './delayed-keys.js';

function drain(keys: DelayedKeys, nowMs: number): string[] {
  const taken: string[] = [];
  for (let key = keys.takeDue(nowMs); key !== undefined; key = keys.takeDue(nowMs)) taken.push(key);
  return taken;
}

describe('DelayedKeys', () => {
  it('gives each key once, at the soonest time it was added for, soonest first', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(50))), fc.array(key), (added, deleted) => {
        const keys = new DelayedKeys();
        const soonest = new Map<string, number>();
        for (const [name, dueAtMs] of added) {
          keys.add(name, dueAtMs);
          soonest.set(name, Math.min(soonest.get(name) ?? Infinity, dueAtMs));
        }
        for (const name of deleted) {
          keys.delete(name);
          soonest.delete(name);
        }
        expect(keys.size).toBe(soonest.size);
        expect(keys.nextDueAtMs ?? Infinity).toBe(Math.min(...soonest.values()));
        const taken = drain(keys, 50);
        expect([...taken].sort()).toEqual([...soonest.keys()].sort());
        const times = taken.map((name) => soonest.get(name) ?? 0);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  it('gives nothing before it is due', () => {
    const keys = new DelayedKeys();
    keys.add('a', 10);
    expect(drain(keys, 9)).toEqual([]);
    expect(drain(keys, 10)).toEqual(['a']);
  });
});
