import { describe, expect, it } from '@jest/globals';
import { goJson, sortedKeys } from './go-json.js';

describe('goJson', () => {
  it('escapes what Go escapes', () => {
    expect(goJson('a < b && c > d \u2028\u2029 é')).toBe('"a \\u003c b \\u0026\\u0026 c \\u003e d \\u2028\\u2029 é"');
  });

  it('indents with two spaces, without a trailing newline, and leaves undefined members out', () => {
    expect(goJson({ b: [1], a: {}, c: undefined, d: [] }, 2)).toBe(
      '{\n  "b": [\n    1\n  ],\n  "a": {},\n  "d": []\n}',
    );
  });
});

describe('sortedKeys', () => {
  it('sorts by bytes at every depth and keeps the order of lists', () => {
    expect(Object.keys(sortedKeys({ b: 1, B: 1, é: 1, z: 1 }) as object)).toEqual(['B', 'b', 'z', 'é']);
    expect(goJson(sortedKeys({ list: [{ b: 1, a: 2 }, 'x'] }))).toBe('{"list":[{"a":2,"b":1},"x"]}');
  });
});
