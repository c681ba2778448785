import { describe, expect, it } from '@jest/globals';
import { rulePath } from './rule-path.js';

const schema = {
  type: 'object',
  properties: { a: { type: 'object', additionalProperties: { type: 'string' } }, 'b.c': { type: 'string' } },
};

describe('rulePath', () => {
  it.each([
    ['.a', 'a'],
    [".a['x.y']", 'a[x.y]'],
    ['.a.x', 'a[x]'],
    ["['b.c']", 'b.c'],
    [".a['it\\'s']", "a[it's]"],
    ['', ''],
    ['a', undefined],
    ['.nope', undefined],
    ['.a[x]', undefined],
    [".a['\\q']", undefined],
  ])('follows %p to %p', (jsonPath, path) => {
    expect(rulePath(jsonPath, schema)?.path).toBe(path);
  });

  it('takes no brackets where they are not allowed', () => {
    expect(rulePath("['b.c']", schema, { brackets: false })).toBeUndefined();
  });
});
