import { describe, expect, it } from '@jest/globals';

import type { Schema } from '../schema/schema.js';
import { fieldType } from './field-type.js';
import { checkType, itemElement, TypeMismatchError } from './typed-value.js';

const schema: Schema = {
  type: 'object',
  properties: {
    x: { type: 'string' },
    n: { type: 'integer' },
    on: { type: 'boolean' },
    date: { type: 'string', format: 'date-time' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    plain: { type: 'array', items: { type: 'string' } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' }, x: { type: 'string' } },
      },
    },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, x: { type: 'string' } } },
    },
    free: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
    },
    either: { 'x-kubernetes-int-or-string': true },
    embedded: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
  },
};
const type = fieldType(schema, false);

const problemsOf = (value: unknown, allowDuplicates = false): readonly string[] => {
  try {
    checkType(type, value, allowDuplicates);
    return [];
  } catch (error) {
    if (error instanceof TypeMismatchError) return error.problems;
    throw error;
  }
};

describe('checkType', () => {
  it.each([
    ['a scalar of each type', { x: 'a', n: 1.5, on: true, date: 'any', either: 1 }],
    [
      'null anywhere but in a list',
      { x: null, labels: null, plain: null, set: null, list: null, free: { known: null } },
    ],
    ['anything in a region that keeps unknown fields', { free: { known: { a: 'x', b: [1, { c: null }] }, y: {} } }],
    ['an integer or a string', { either: '80' }],
    [
      'apiVersion, kind and metadata of an embedded object',
      { embedded: { kind: 'X', metadata: { labels: { a: 'b' } } } },
    ],
    ['duplicates in an atomic list', { plain: ['a', 'a'] }],
  ])('accepts %s', (_, value) => {
    expect(problemsOf(value)).toEqual([]);
  });

  it.each([
    [{ nope: 1 }, '.nope: field not declared in schema'],
    [{ list: [{ name: 'a', nope: 1 }] }, '.list[name="a"].nope: field not declared in schema'],
    [{ embedded: { metadata: { nope: 1 } } }, '.embedded.metadata.nope: field not declared in schema'],
    [{ x: 1 }, '.x: expected string, got &value.valueUnstructured{Value:1}'],
    [
      { x: { b: [1, null], a: 's' } },
      '.x: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"s", "b":[]interface {}{1, interface {}(nil)}}}',
    ],
    [{ n: 'z' }, '.n: expected numeric (int or float), got string'],
    [{ n: {} }, '.n: expected numeric (int or float), got map[string]interface {}'],
    [{ on: 'yes' }, '.on: expected boolean, got &{yes}'],
    [{ date: [1] }, '.date: expected any scalar, got &{[1]}'],
    [{ labels: [1] }, '.labels: expected map, got &{[1]}'],
    [{ plain: { a: [] } }, '.plain: expected list, got &{map[a:[]]}'],
    [{ plain: ['a', 2] }, '.plain[1]: expected string, got &value.valueUnstructured{Value:2}'],
    [{ set: ['a', 'b', 'a'] }, '.set: duplicate entries for key [="a"]'],
    [{ set: [['a']] }, '.set: element 0: not supported: associative list with lists as elements'],
    [{ set: ['a', null] }, ".set: element 1: associative list without keys has an element that's an explicit null"],
    [{ set: [{}] }, ".set: element 0: associative list without keys has an element that's a map type"],
    [{ list: [null] }, '.list: element 0: associative list with keys may not have a null element'],
    [{ list: ['a'] }, '.list: element 0: associative list with keys may not have non-map elements'],
    [
      { list: [{ x: '1' }] },
      '.list: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    [
      { ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] },
      '.ports: duplicate entries for key [port=1,protocol="TCP"]',
    ],
  ])('says of %j: %s', (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  it('lists several problems under one another', () => {
    expect(() => checkType(type, { x: 1, n: 'a' }, false)).toThrow(
      new TypeMismatchError([
        '.x: expected string, got &value.valueUnstructured{Value:1}',
        '.n: expected numeric (int or float), got string',
      ]),
    );
  });

  it('allows duplicates in stored objects', () => {
    expect(problemsOf({ set: ['a', 'a'], list: [{ name: 'a' }, { name: 'a' }] }, true)).toEqual([]);
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('does not take the key %s for a field', (key) => {
    const value: unknown = JSON.parse(`{"${key}": "x"}`);

    expect(problemsOf(value)).toEqual([`.${key}: field not declared in schema`]);
  });
});

describe('itemElement', () => {
  const ports = type.map?.field('ports')?.type.list;

  it('fills a key that has a default, and leaves out one that has none', () => {
    if (ports === undefined) throw new Error('ports is a list');

    expect(itemElement(ports, { protocol: 'UDP', port: 80 })).toBe('k:{"port":80,"protocol":"UDP"}');
    expect(itemElement(ports, { port: 80 })).toBe('k:{"port":80,"protocol":"TCP"}');
    expect(itemElement(ports, { x: '1' })).toBe('k:{"protocol":"TCP"}');
  });
});
