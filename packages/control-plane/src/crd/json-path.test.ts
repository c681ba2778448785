import { describe, expect, it } from '@jest/globals';
import { compileJsonPath, JsonPathError } from './json-path.js';

const OBJECT = {
  metadata: { name: 'a', labels: { 'example.com/l': '1' } },
  spec: {
    list: [
      { k: 'a', n: 1 },
      { k: 'b', n: 2 },
    ],
    numbers: [1, 2, 3],
  },
  status: {
    conditions: [
      { type: 'Valid', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
};

describe('compileJsonPath', () => {
  it.each([
    ['.metadata.name', ['a']],
    ['metadata.name', ['a']],
    ['.spec.nope.deeper', []],
    ['.spec.numbers[1]', [2]],
    ['.spec.numbers[-1]', [3]],
    ['.spec.numbers[0:2]', [1, 2]],
    ['.spec.list[*].k', ['a', 'b']],
    [`.metadata.labels['example.com/l']`, ['1']],
    [String.raw`.metadata.labels["example.com/l"]`, ['1']],
    [`.status.conditions[?(@.type=='Ready')].status`, ['True']],
    ['.status.conditions[?(@.type=="Nope")].status', []],
    ['.spec.list[?(@.n > 1)].k', ['b']],
    ['.spec.list[?(@.k != "a")].n', [2]],
    ['..k', ['a', 'b']],
  ])('%s finds %j', (path, expected) => {
    expect(compileJsonPath(path)(OBJECT)).toEqual(expected);
  });

  it.each(['.spec[', '', '.a[?(@.b = 1)]', '..'])('refuses %j', (path) => {
    expect(() => compileJsonPath(path)).toThrow(JsonPathError);
  });
});
