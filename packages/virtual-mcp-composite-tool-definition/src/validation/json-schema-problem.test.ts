import { describe, expect, it } from '@jest/globals';
import { jsonSchemaProblem } from './json-schema-problem.js';

describe('jsonSchemaProblem', () => {
  it.each([
    [{}],
    [{ type: ['string', 'null'], enum: ['a', null], const: 1, default: {}, format: 'email', anything: 'else' }],
    [
      {
        properties: { a: true },
        patternProperties: { '^x': {} },
        additionalProperties: false,
        dependencies: { a: ['b'] },
      },
    ],
    [{ items: [{ type: 'string' }], additionalItems: { minLength: 0 }, uniqueItems: true }],
    [{ minimum: 0, exclusiveMinimum: true, exclusiveMaximum: 5, multipleOf: 0.5 }],
    [{ allOf: [{ required: ['a', 'b'] }], not: { pattern: '^[a-z0-9\\-]+\\_$' }, if: {}, then: {}, else: {} }],
  ])('takes %j', (schema) => {
    expect(jsonSchemaProblem(schema)).toBeUndefined();
  });

  it.each<[unknown, string]>([
    ['object', 'it must be a schema: an object, or a boolean'],
    [
      { type: 'text' },
      'type must be one of array, boolean, integer, null, number, object, string, or a list of them, each once',
    ],
    [{ required: ['a', 'a'] }, 'required must be a list of strings, each once'],
    [{ enum: ['a', 'a'] }, 'enum must be a list of values, each once'],
    [{ pattern: '(' }, 'pattern must be a regular expression'],
    [{ pattern: '(?=a)' }, 'pattern must be a regular expression'],
    [{ patternProperties: { '(': {} } }, 'patternProperties: the key ( must be a regular expression'],
    [{ minLength: -1 }, 'minLength must be an integer, at least 0'],
    [{ multipleOf: 0 }, 'multipleOf must be a number greater than 0'],
    [{ exclusiveMinimum: true }, 'exclusiveMinimum cannot be used without minimum'],
    [{ exclusiveMaximum: '5' }, 'exclusiveMaximum must be a boolean or a number'],
    [{ properties: [] }, 'properties must be an object'],
    [{ dependencies: 5 }, 'dependencies must be an object'],
    [{ oneOf: {} }, 'oneOf must be a list of schemas'],
    [{ items: { uniqueItems: 'yes' } }, 'items.uniqueItems must be a boolean'],
    [{ properties: { a: { anyOf: [{}, { title: 1 }] } } }, 'properties.a.anyOf[1].title must be a string'],
  ])('says what is wrong with %j', (schema, problem) => {
    expect(jsonSchemaProblem(schema)).toBe(problem);
  });
});
