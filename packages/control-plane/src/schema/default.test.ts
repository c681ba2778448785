import { describe, expect, it } from '@jest/globals';
import { applyDefaults } from './default.js';
import type { Schema } from './schema.js';

const schema: Schema = {
  type: 'object',
  properties: {
    d: { type: 'string', default: 'D' },
    n: { type: 'string', nullable: true },
    p: { type: 'string' },
    o: { type: 'object', properties: { k: { type: 'string', default: 'K' } } },
    q: { type: 'object', default: {}, properties: { k: { type: 'string', default: 'K' } } },
    l: { type: 'array', items: { type: 'object', properties: { k: { type: 'integer', default: 7 } } } },
    m: { type: 'object', additionalProperties: { type: 'integer', default: 3 } },
  },
};

function defaulted(value: object): object {
  applyDefaults(schema, value);
  return value;
}

describe('applyDefaults', () => {
  it.each([
    ['fills in what is absent', {}, { d: 'D', q: { k: 'K' } }],
    ['does not make parents that have no default', { d: '1', q: { k: '1' } }, { d: '1', q: { k: '1' } }],
    [
      'fills in fields of parents that are there',
      { o: {}, l: [{}, { k: 1 }] },
      { d: 'D', q: { k: 'K' }, o: { k: 'K' }, l: [{ k: 7 }, { k: 1 }] },
    ],
    ['takes a null for absent', { d: null, m: { a: null } }, { d: 'D', q: { k: 'K' }, m: { a: 3 } }],
    [
      'keeps a null that is allowed and drops any other',
      { n: null, p: null, o: null },
      { d: 'D', q: { k: 'K' }, n: null },
    ],
  ])('%s', (_, value, expected) => {
    expect(defaulted(value)).toEqual(expected);
  });

  it('gives each object its own copy of a default', () => {
    const first: { q?: { k: string } } = {};
    applyDefaults(schema, first);
    if (first.q) {
      first.q.k = 'changed';
    }

    expect(defaulted({})).toEqual({ d: 'D', q: { k: 'K' } });
  });
});
