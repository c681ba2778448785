import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LANES, ReadyKeys, type Lane } from './ready-keys.js';

const RUNS = Number(process.env['FC_RUNS'] ?? 100);

function readyKeys(...keys: readonly (readonly [key: string, lane: Lane])[]): ReadyKeys {
  const ready = new ReadyKeys();
  for (const [key, lane] of keys) ready.add({ key, lane, cause: 'test', sinceMs: 0 });
  return ready;
}

function drain(ready: ReadyKeys): string[] {
  const taken: string[] = [];
  for (let next = ready.take(); next !== undefined; next = ready.take()) taken.push(next.key);
  return taken;
}

describe('ReadyKeys', () => {
  it('gives changes before the backlog of a start, and that before looks asked for', () => {
    expect(drain(readyKeys(['a/1', 'resync'], ['a/2', 'backlog'], ['a/3', 'change'], ['a/4', 'change']))).toEqual([
      'a/3',
      'a/4',
      'a/2',
      'a/1',
    ]);
  });

  it('lets namespaces take turns, each with its keys in order of arrival', () => {
    expect(
      drain(readyKeys(['a/1', 'change'], ['a/2', 'change'], ['a/3', 'change'], ['b/1', 'change'], ['c/1', 'change'])),
    ).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'a/3']);
  });

  it('moves a waiting key to a more urgent lane, never to a less urgent one, and keeps its first cause and time', () => {
    const ready = readyKeys(['a/1', 'backlog'], ['a/2', 'backlog']);
    ready.add({ key: 'a/2', lane: 'change', cause: 'edit', sinceMs: 5 });
    ready.add({ key: 'a/2', lane: 'resync', cause: 'schedule', sinceMs: 6 });
    expect(ready.size).toBe(2);
    expect(ready.take()).toEqual({ key: 'a/2', lane: 'change', cause: 'test', sinceMs: 0 });
    expect(drain(ready)).toEqual(['a/1']);
  });

  it('gives the backlog a turn now and then while changes come without end', () => {
    const ready = readyKeys(['a/backlog', 'backlog'], ['a/resync', 'resync']);
    const taken: (string | undefined)[] = [];
    for (let index = 0; index < 60; index += 1) {
      ready.add({ key: `a/${index}`, lane: 'change', cause: 'test', sinceMs: 0 });
      taken.push(ready.take()?.key);
    }
    expect(taken.indexOf('a/backlog')).toBeGreaterThan(10);
    expect(taken).toEqual(expect.arrayContaining(['a/backlog', 'a/resync']));
  });

  it('delays the one change of a namespace by no more than a turn of each other, whatever else waits', () => {
    const waiting = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(200), fc.constantFrom(...LANES));
    fc.assert(
      fc.property(fc.array(waiting, { maxLength: 300 }), fc.nat(50), (others, takenBefore) => {
        const ready = readyKeys(...others.map(([namespace, name, lane]) => [`${namespace}/${name}`, lane] as const));
        for (let index = 0; index < takenBefore; index += 1) ready.take();
        ready.add({ key: 'quiet/one', lane: 'change', cause: 'test', sinceMs: 0 });
        const turns = new Set(others.map(([namespace]) => namespace)).size;
        // Two more: either other lane may have its rare turn just then.
        expect(drain(ready).indexOf('quiet/one')).toBeLessThanOrEqual(turns + 2);
      }),
      { numRuns: RUNS },
    );
  });

  it('gives every key exactly once', () => {
    const added = fc.array(fc.tuple(fc.constantFrom('', 'a/', 'b/'), fc.nat(20), fc.constantFrom(...LANES)), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(added, (keys) => {
        const names = keys.map(([namespace, name]) => `${namespace}${name}`);
        const ready = readyKeys(...keys.map(([, , lane], index) => [names[index] ?? '', lane] as const));
        expect(drain(ready).sort()).toEqual([...new Set(names)].sort());
        expect(ready.size).toBe(0);
      }),
      { numRuns: RUNS },
    );
  });
});
