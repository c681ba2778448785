import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freezeLike } from './structural-sharing.js';

const json = fc.jsonValue({ maxDepth: 4 });

function isDeeplyFrozen(value: unknown): boolean {
  return typeof value !== 'object' || value === null
    ? true
    : Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

describe('freezeLike', () => {
  it('gives what it was given, frozen, whatever it may share', () => {
    fc.assert(
      fc.property(json, json, (value, like) => {
        const text = JSON.stringify(value);
        const result = freezeLike(value, freezeLike(like, undefined));

        expect(JSON.stringify(result)).toBe(text);
        expect(isDeeplyFrozen(result)).toBe(true);
      }),
    );
  });

  it('gives back the former value when the fresh one equals it', () => {
    fc.assert(
      fc.property(json, (value) => {
        const former = freezeLike(value, undefined);
        expect(freezeLike(JSON.parse(JSON.stringify(value)), former)).toEqual(former);
      }),
    );
    const former = freezeLike({ spec: { list: [1, 'two', { three: null }] } }, undefined);
    expect(freezeLike({ spec: { list: [1, 'two', { three: null }] } }, former)).toBe(former);
  });

  it('takes over the parts that are equal, and only those', () => {
    const former = freezeLike({ spec: { image: 'a' }, status: { ready: 1 }, list: [{ x: 1 }, { y: 2 }] }, undefined);
    const next = freezeLike({ spec: { image: 'a' }, status: { ready: 2 }, list: [{ x: 1 }, { y: 3 }] }, former);

    expect(next.spec).toBe(former.spec);
    expect(next.list[0]).toBe(former.list[0]);
    expect(next).toEqual({ spec: { image: 'a' }, status: { ready: 2 }, list: [{ x: 1 }, { y: 3 }] });
  });

  it.each([
    { name: 'a field less', value: { a: 1 }, like: { a: 1, b: 2 } },
    { name: 'a field more', value: { a: 1, b: 2 }, like: { a: 1 } },
    { name: 'a field without a value', value: { a: undefined, b: 2 }, like: { c: 1, b: 2 } },
    { name: 'a list for an object', value: [], like: {} },
    { name: 'an object for a list', value: { 0: 'x' }, like: ['x'] },
    { name: 'a shorter list', value: ['x'], like: ['x', 'y'] },
    { name: 'null for an object', value: { a: null }, like: { a: {} } },
  ])('tells $name from what it is like', ({ value, like }) => {
    expect(freezeLike(value, like)).toStrictEqual(value);
  });

  it('is not misled by a key that every object seems to have', () => {
    const value: object = JSON.parse('{"__proto__": {}, "a": 1}');

    expect(JSON.stringify(freezeLike(value, freezeLike({ a: 1, b: 2 }, undefined)))).toBe('{"__proto__":{},"a":1}');
  });

  it('leaves alone what is frozen already', () => {
    const part = Object.freeze({ a: 1 });

    expect(freezeLike({ part }, { part: { a: 1 } }).part).toEqual({ a: 1 });
    expect(freezeLike(part, { a: 1 })).toBe(part);
  });
});
