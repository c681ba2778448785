import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { duplicateKeys } from './duplicate-keys.js';

describe('duplicateKeys', () => {
  it.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"spec":{"x":"1","y":{},"x":"2"}}', ['spec.x']],
    ['{"l":[{"k":1},{"k":1,"k":2}]}', ['l[1].k']],
    ['{"a":{"b":1},"b":1}', []],
    ['{"a":"\\"a\\":1","\\u0061":2}', ['a']],
    ['[1, "x", null, true]', []],
    ['{"a\\\\":1,"b":"\\\\\\"a","a\\\\":{"c":[],"c":{}}}', ['a\\', 'a\\.c']],
    ['{"a":[{},{"b":[[1],{"c":1,"c":2}]}],"d":{},"a":0}', ['a[1].b[1].c', 'a']],
  ])('finds in %s: %j', (text, expected) => {
    expect(duplicateKeys(text)).toEqual(expected);
  });

  it('finds none in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateKeys(JSON.stringify(value))).toEqual([]);
      }),
    );
  });
});
