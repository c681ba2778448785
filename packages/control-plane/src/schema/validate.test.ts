import { describe, expect, it } from '@jest/globals';
import type { Schema } from './schema.js';
import { validateValue } from './validate.js';

/** Errors of `spec.x`, as `field | detail`. */
function errorsOf(schema: Schema, x: unknown): string[] {
  const root: Schema = { type: 'object', properties: { spec: { type: 'object', properties: { x: schema } } } };
  return validateValue(root, { spec: { x } }, '').map(({ field, detail }) => `${field} | ${detail}`);
}

describe('validateValue', () => {
  it.each<[string, Schema, unknown, string[]]>([
    ['a string for an integer', { type: 'integer' }, 'a', ['must be of type integer: "string"']],
    ['a fraction for an integer', { type: 'integer' }, 1.5, ['must be of type integer: "number"']],
    ['an integer beyond 64 bits', { type: 'integer' }, 2 ** 63, ['must be of type integer: "number"']],
    ['null', { type: 'string' }, null, ['must be of type string: "null"']],
    ['an object for a list', { type: 'array', items: { type: 'string' } }, {}, ['must be of type array: "object"']],
    [
      'a boolean for int-or-string',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['must be of type integer,string: "boolean"'],
    ],
    ['a boolean for a date', { type: 'string', format: 'date' }, true, ['must be of type date: ""']],
  ])('names the type it found: %s', (_, schema, value, problems) => {
    expect(errorsOf(schema, value)).toEqual(
      problems.map((problem) => `spec.x | Invalid value: ${problem.replace(/.*: /, '')}: spec.x in body ${problem}`),
    );
  });

  it.each<[string, Schema, unknown]>([
    ['null where it is allowed', { type: 'string', nullable: true }, null],
    ['a whole number for a number', { type: 'number' }, 1],
    ['both kinds of int-or-string', { 'x-kubernetes-int-or-string': true }, '50%'],
    ['formats the server does not know', { type: 'string', format: 'postcode' }, 'anything'],
    ['int32 of any size', { type: 'integer', format: 'int32' }, 3_000_000_000],
    ['characters, not bytes, as length', { type: 'string', maxLength: 2 }, '😀😀'],
    ['a bound with a fraction, which counts as whole for whole numbers', { type: 'integer', minimum: 1.5 }, 1],
    ['multiples that floating point cannot tell', { type: 'number', multipleOf: 0.1 }, 0.7],
  ])('accepts %s', (_, schema, value) => {
    expect(errorsOf(schema, value)).toEqual([]);
  });

  it.each<[string, Schema, unknown, string[]]>([
    [
      'enum',
      { type: 'string', enum: ['A', 'B'] },
      'C',
      ['spec.x | Unsupported value: "C": supported values: "A", "B"'],
    ],
    [
      'pattern',
      { type: 'string', pattern: '^a+$' },
      'b',
      [`spec.x | Invalid value: "b": spec.x in body should match '^a+$'`],
    ],
    [
      'minLength',
      { type: 'string', minLength: 3 },
      'ab',
      ['spec.x | Invalid value: "ab": spec.x in body should be at least 3 chars long'],
    ],
    ['maxLength', { type: 'string', maxLength: 2 }, 'abc', ['spec.x | Too long: may not be more than 2 bytes']],
    [
      'minimum',
      { type: 'integer', minimum: 1 },
      0,
      ['spec.x | Invalid value: 0: spec.x in body should be greater than or equal to 1'],
    ],
    [
      'exclusive maximum',
      { type: 'number', maximum: 1, exclusiveMaximum: true },
      1,
      ['spec.x | Invalid value: 1: spec.x in body should be less than 1'],
    ],
    [
      'large bounds of fractions',
      { type: 'number', minimum: 1e6 },
      1.5,
      ['spec.x | Invalid value: 1.5: spec.x in body should be greater than or equal to 1e+06'],
    ],
    [
      'maxItems',
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['a', 'b'],
      ['spec.x | Too many: 2: must have at most 1 items'],
    ],
    [
      'minProperties',
      { type: 'object', minProperties: 1 },
      {},
      ['spec.x | Invalid value: 0: spec.x in body should have at least 1 properties'],
    ],
    ['required', { type: 'object', required: ['a'] }, {}, ['spec.x.a | Required value']],
    [
      'map keys',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { 'a.b/c': 'x' },
      ['spec.x.a.b/c | Invalid value: "string": spec.x.a.b/c in body must be of type integer: "string"'],
    ],
    [
      'quotes',
      { type: 'string', enum: ['a'] },
      '<"\n\u0001é',
      ['spec.x | Unsupported value: "<\\"\\n\\x01é": supported values: "a"'],
    ],
  ])('words an error of %s as the API server does', (_, schema, value, errors) => {
    expect(errorsOf(schema, value)).toEqual(errors);
  });

  it('puts errors of combinations on no field, with those of the branch that came furthest', () => {
    const schema: Schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'integer' } },
      oneOf: [{ required: ['a'] }, { required: ['b'], properties: { c: { minimum: 3 } } }],
    };

    expect(errorsOf(schema, { c: 1 })).toEqual([
      '<nil> | Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
      'spec.x.c | Invalid value: 1: spec.x.c in body should be greater than or equal to 3',
      'spec.x.b | Required value',
    ]);
    expect(errorsOf(schema, { a: '', b: '', c: 3 })).toEqual([
      '<nil> | Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ]);
  });

  it('names fields of a value on its own from there on', () => {
    const [error] = validateValue(
      { type: 'object', required: ['a'], properties: { b: { type: 'integer' } } },
      { a: 1, b: '' },
      'status',
      { status: true },
    );

    expect(error).toEqual({
      type: 'FieldValueTypeInvalid',
      field: 'status.b',
      detail: 'Invalid value: "string": b in body must be of type integer: "string"',
    });
  });

  describe('with ratcheting', () => {
    const schema: Schema = {
      type: 'object',
      properties: {
        a: { type: 'string', maxLength: 2 },
        b: { type: 'string' },
        list: { type: 'array', items: { type: 'string', maxLength: 2 } },
        map: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'string', maxLength: 2 } } },
        },
      },
    };
    const old = {
      a: 'long',
      b: '1',
      list: ['long', 'ok'],
      map: [
        { k: '1', v: 'long' },
        { k: '2', v: 'ok' },
      ],
    };

    function fieldsOf(changes: object): string[] {
      return validateValue(schema, { ...old, ...changes }, '', { old, ratchet: true }).map(({ field }) => field);
    }

    it('forgives what the update left as it was', () => {
      expect(fieldsOf({ b: '2' })).toEqual([]);
    });

    it('does not forgive what changed', () => {
      expect(fieldsOf({ a: 'longer' })).toEqual(['a']);
    });

    it('checks a changed list whole, since its items have no old ones', () => {
      expect(fieldsOf({ list: ['long', 'ok', 'more'] })).toEqual(['list[0]', 'list[2]']);
    });

    it('finds the old items of a list of type map by their keys', () => {
      expect(
        fieldsOf({
          map: [
            { k: '3', v: 'longer' },
            { k: '1', v: 'long' },
          ],
        }),
      ).toEqual(['map[0].v']);
    });
  });
});
