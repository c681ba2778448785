import { describe, expect, it } from '@jest/globals';
import { compileRules } from '../cel/rules.js';
import type { Schema } from './schema.js';
import { validateCustomObject, type CustomObjectOptions } from './validate-custom-object.js';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        x: { type: 'integer' },
        y: { type: 'string', minLength: 2 },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        },
        embedded: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
      'x-kubernetes-validations': [{ rule: '!has(self.x) || self.x < 5', message: 'x is too big' }],
    },
    status: { type: 'object', properties: { ready: { type: 'integer' } } },
  },
};

function errorsOf(object: object, options?: CustomObjectOptions): string[] {
  const { errors } = validateCustomObject(schema, compileRules(schema), object, options);
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

const UNCHECKED =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

describe('validateCustomObject', () => {
  it('runs the rules when the schema is satisfied', () => {
    expect(errorsOf({ spec: { x: 7 } })).toEqual(['spec: Invalid value: "object": x is too big']);
  });

  it('runs them beside errors that they cannot stumble over', () => {
    expect(errorsOf({ spec: { x: 7, y: '' } })).toEqual([
      'spec.y: Invalid value: "": spec.y in body should be at least 2 chars long',
      'spec: Invalid value: "object": x is too big',
    ]);
  });

  it('says that it did not run them beside a wrong type', () => {
    expect(errorsOf({ spec: { x: '7' } })).toEqual([
      'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"',
      UNCHECKED,
    ]);
  });

  it('finds duplicates in sets and maps', () => {
    expect(errorsOf({ spec: { set: ['a', 'a', 'a'], list: [{ name: 'b' }, { name: 'b' }] } })).toEqual([
      'spec.set[1]: Duplicate value: "a"',
      'spec.list[1]: Duplicate value: {"name":"b"}',
    ]);
  });

  it('forgives duplicates that the stored object has too', () => {
    const old = { spec: { set: ['a', 'a'] } };

    expect(errorsOf({ spec: { set: ['a', 'a', 'b', 'b'] } }, { old })).toEqual([]);
  });

  it('checks embedded resources', () => {
    expect(errorsOf({ spec: { embedded: { kind: 'K', metadata: { name: 'a/b' } } } })).toEqual([
      'spec.embedded.apiVersion: Required value',
      `spec.embedded.metadata.name: Invalid value: "a/b": may not contain '/'`,
      UNCHECKED,
    ]);
  });

  it('checks only the status of a status update, but all rules', () => {
    expect(errorsOf({ spec: { x: 7, y: 1 }, status: { ready: 1 } }, { status: true, old: { spec: {} } })).toEqual([
      'spec: Invalid value: "object": x is too big',
    ]);
    expect(errorsOf({ spec: { x: 1 }, status: { ready: '1' } }, { status: true, old: {} })).toEqual([
      'status.ready: Invalid value: "string": ready in body must be of type integer: "string"',
      UNCHECKED,
    ]);
  });

  it('makes warnings of rules about what an update left as it was', () => {
    const old = { spec: { x: 7 } };

    expect(validateCustomObject(schema, compileRules(schema), { ...old, status: { ready: 1 } }, { old })).toEqual({
      errors: [],
      warnings: ['spec: Invalid value: "object": x is too big'],
    });
  });
});
