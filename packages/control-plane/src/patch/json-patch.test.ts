import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { freezeJson } from '../json.js';
import { StatusError } from '../status-error.js';
import { applyJsonPatch, applyOperations, JsonPatchError } from './json-patch.js';

const apply = (document: unknown, ...operations: unknown[]): unknown =>
  applyJsonPatch(freezeJson(document), freezeJson(operations));

const REJECTED = new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

describe('applyJsonPatch', () => {
  it('applies operations one after another', () => {
    const result = apply(
      { spec: { x: '1', y: '2', set: ['a', 'b', 'c'] } },
      { op: 'test', path: '/spec/x', value: '1' },
      { op: 'replace', path: '/spec/x', value: '9' },
      { op: 'remove', path: '/spec/set/0' },
      { op: 'add', path: '/spec/set/-', value: 'z' },
      { op: 'add', path: '/spec/set/0', value: 'first' },
      { op: 'copy', from: '/spec/x', path: '/spec/selector' },
      { op: 'move', from: '/spec/y', path: '/spec/labels' },
      { op: 'replace', path: '/spec/labels', value: { 'a/b': '1', 'c~d': '2' } },
      { op: 'test', path: '/spec/labels/a~1b', value: '1' },
      { op: 'remove', path: '/spec/labels/c~0d' },
    );

    expect(result).toEqual({ spec: { x: '9', selector: '9', set: ['first', 'b', 'c', 'z'], labels: { 'a/b': '1' } } });
  });

  it.each([
    ['replaces the whole document', [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
    ['sets a missing field by replace', [{ op: 'replace', path: '/b', value: 2 }], { a: [1], b: 2 }],
    ['finds a missing field equal to null', [{ op: 'test', path: '/b', value: null }], { a: [1] }],
    ['copies a missing field as null', [{ op: 'copy', from: '/b', path: '/c' }], { a: [1], c: null }],
    ['adds null where there is no value', [{ op: 'add', path: '/b' }], { a: [1], b: null }],
    ['does nothing for no operations', [], { a: [1] }],
  ])('%s', (_, patch, result) => {
    expect(applyJsonPatch({ a: [1] }, patch)).toEqual(result);
  });

  it.each([
    { op: 'test', path: '/a/0', value: 2 },
    { op: 'test', path: '/b', value: 1 },
    { op: 'remove', path: '/b' },
    { op: 'remove', path: '/a/1' },
    { op: 'remove', path: '/a/length' },
    { op: 'replace', path: '/a/1', value: 2 },
    { op: 'replace', path: '/b/c', value: 2 },
    { op: 'add', path: '/b/c', value: 1 },
    { op: 'add', path: '/a/5', value: 1 },
    { op: 'add', path: '/a/x', value: 1 },
    { op: 'test', path: '/b/c', value: null },
    { op: 'copy', from: '/b/c', path: '/c' },
    { op: 'copy', from: '/a/1', path: '/c' },
    { op: 'move', from: '/b', path: '/c' },
    { op: 'move', path: '/c' },
    { op: 'jump', path: '/a' },
    { op: 'add', value: 1 },
    { path: '/a' },
    null,
  ])('answers 422 without a reason to %j', (operation) => {
    expect(() => apply({ a: [1] }, operation)).toThrow(REJECTED);
  });

  it.each([
    [{}, 'object into Go value of type []handlers.jsonPatchOp'],
    ['x', 'string into Go value of type []handlers.jsonPatchOp'],
    [['x'], 'string into Go value of type handlers.jsonPatchOp'],
    [[{ op: 1 }], 'number into Go struct field jsonPatchOp.op of type string'],
    [[{ path: ['a'] }], 'array into Go struct field jsonPatchOp.path of type string'],
  ])('answers 400 to the patch %j', (patch, problem) => {
    expect(() => applyJsonPatch({}, patch)).toThrow(
      new StatusError(400, 'BadRequest', `error decoding patch: json: cannot unmarshal ${problem}`),
    );
  });

  it('answers 413 to more than 10000 operations', () => {
    const operation = { op: 'test', path: '/b', value: null };

    expect(() =>
      applyJsonPatch(
        {},
        Array.from({ length: 10_000 }, () => operation),
      ),
    ).not.toThrow();
    expect(() =>
      applyJsonPatch(
        {},
        Array.from({ length: 10_001 }, () => operation),
      ),
    ).toThrow(
      new StatusError(
        413,
        'RequestEntityTooLarge',
        'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
      ),
    );
  });

  it.each([
    { op: 'add', path: '/__proto__/polluted', value: 1 },
    { op: 'add', path: '/constructor/prototype/polluted', value: 1 },
    { op: 'copy', from: '/constructor/name', path: '/b' },
    { op: 'move', from: '/toString', path: '/b' },
    { op: 'remove', path: '/toString' },
  ])('does not reach into prototypes with %j', (operation) => {
    expect(() => apply({}, operation)).toThrow(REJECTED);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('copies values: a later operation changes one place only', () => {
    const value = freezeJson({ n: 1 });

    const result = apply(
      { list: [] },
      { op: 'add', path: '/a', value },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'replace', path: '/b/n', value: 2 },
    );

    expect(result).toEqual({ list: [], a: { n: 1 }, b: { n: 2 } });
    expect(value).toEqual({ n: 1 });
  });

  it('fails with a StatusError or not at all, whatever it is given', () => {
    const operation = fc.record(
      {
        op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), fc.jsonValue()),
        path: fc.oneof(fc.constantFrom('', '/', '/a', '/a/0', '/a/-', '/a/b', '/a/~1', 'a'), fc.jsonValue()),
        from: fc.constantFrom('', '/', '/a', '/a/0', '/b'),
        value: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.oneof(fc.array(operation), fc.jsonValue()), (document, patch) => {
        try {
          applyJsonPatch({ a: document }, patch);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});

describe('applyOperations', () => {
  it.each([
    [{ op: 'add', path: '/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    [{ op: 'remove', path: '/x/y' }, 'remove operation does not apply: doc is missing path: "/x/y": missing value'],
    [
      { op: 'remove', path: '/x' },
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'remove', path: '/list/7' },
      "error in remove for path: '/list/7': Unable to access invalid index: 7: invalid index referenced",
    ],
    [
      { op: 'replace', path: '/x/y', value: 1 },
      'replace operation does not apply: doc is missing path: /x/y: missing value',
    ],
    [
      { op: 'replace', path: '/list/7', value: 1 },
      'replace operation does not apply: doc is missing key: /list/7: missing value',
    ],
    [
      { op: 'move', from: '/x', path: '/y' },
      "error in move for path: 'x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'copy', from: '/x/y', path: '/z' },
      'copy operation does not apply: doc is missing from path: /x/y: missing value',
    ],
    [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
    [{ op: 'test', path: '/x/y', value: 2 }, 'test operation does not apply: is missing path: /x/y: missing value'],
    [{ op: 'frob', path: '/a' }, 'Unexpected kind: frob'],
    [{}, 'Unexpected kind: unknown'],
  ])('tells why %j does not apply', (operation, message) => {
    expect(() => applyOperations({ a: 1, list: [] }, [operation])).toThrow(new JsonPatchError(message));
  });
});

describe('a patch that would make more than it is', () => {
  it.each([
    { from: '', path: '/spec/volumes/1' },
    { from: '/spec', path: '/spec/volumes/0/spec' },
  ])('may not move $from into $path, which is in it', ({ from, path }) => {
    expect(() => apply({ spec: { volumes: [{}] } }, { op: 'move', from, path })).toThrow(REJECTED);
  });

  it('may copy three mebibytes in all', () => {
    const document = { text: 'x'.repeat(1024 * 1024) };
    const copies = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ op: 'copy', from: '/text', path: `/copy${index}` }));

    expect(apply(document, ...copies(2))).toMatchObject({ copy1: document.text });
    expect(() => apply(document, ...copies(3))).toThrow(REJECTED);
  });
});
