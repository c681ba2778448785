import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { equalJson, freezeJson } from '../json.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { StatusError } from '../status-error.js';
import { applyMergePatch } from './merge-patch.js';

describe('applyMergePatch', () => {
  it.each([
    // RFC 7386, appendix A, where the patch is an object.
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    // What the API server adds to it.
    [{ a: 1 }, { a: [null, { b: null, c: [{ d: null }] }] }, { a: [null, { c: [{}] }] }],
  ])('makes of %j by %j: %j', (document, patch, result) => {
    expect(applyMergePatch(document, patch)).toEqual(result);
  });

  it.each([
    [[], 'array'],
    ['x', 'string'],
    [1, 'number'],
    [true, 'bool'],
  ])('refuses the patch %j with 400', (patch, type) => {
    expect(() => applyMergePatch({}, patch)).toThrow(
      new StatusError(
        400,
        'BadRequest',
        `error decoding patch: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
      ),
    );
  });

  it('sets a key named __proto__ like any other, and no prototype', () => {
    const patch: unknown = JSON.parse('{"__proto__": {"polluted": true}}');

    const result = applyMergePatch({ a: 1 }, patch);

    expect(JSON.stringify(result)).toBe('{"a":1,"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  it('turns any document into any other without nulls by their difference', () => {
    const document = fc.dictionary(fc.string(), withoutNulls(), { maxKeys: 4 });
    fc.assert(
      fc.property(document, document, (from, to) => {
        expect(equalJson(applyMergePatch(freezeJson(from), freezeJson(difference(from, to))), to)).toBe(true);
      }),
    );
  });

  it('does the same when it is done twice', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.jsonValue(), object, (document, patch) => {
        const once = applyMergePatch(document, patch);
        expect(equalJson(applyMergePatch(once, patch), once)).toBe(true);
      }),
    );
  });
});

function withoutNulls(): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
}

/** The merge patch from one document to another, by the book. */
function difference(from: JsonObject, to: JsonObject): JsonObject {
  const entries: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (!Object.hasOwn(to, key)) entries.push([key, null]);
    else if (isJsonObject(before) && isJsonObject(to[key])) entries.push([key, difference(before, to[key])]);
    else entries.push([key, to[key]]);
  }
  return Object.fromEntries(entries);
}
