import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { freezeJson } from '../json.js';
import type { Schema } from '../schema/schema.js';
import { StatusError } from '../status-error.js';
import { applyStrategicMergePatch } from './strategic-merge-patch.js';

const string: Schema = { type: 'string' };
const env: Schema = {
  type: 'array',
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': 'name',
  items: { type: 'object', properties: { name: string, value: string } },
};
const schema: Schema = {
  type: 'object',
  properties: {
    metadata: {
      type: 'object',
      properties: {
        labels: { type: 'object', additionalProperties: string },
        finalizers: { type: 'array', items: string, 'x-kubernetes-patch-strategy': 'merge' },
      },
    },
    spec: {
      type: 'object',
      properties: {
        x: string,
        args: { type: 'array', items: string },
        keyless: { type: 'array', items: { type: 'object' }, 'x-kubernetes-patch-strategy': 'merge' },
        strategy: {
          type: 'object',
          'x-kubernetes-patch-strategy': 'retainKeys',
          properties: { type: string, rollingUpdate: { type: 'object', properties: { maxSurge: string } } },
        },
        whole: { type: 'object', 'x-kubernetes-patch-strategy': 'replace', properties: { a: string, b: string } },
        containers: {
          type: 'array',
          'x-kubernetes-patch-strategy': 'merge',
          'x-kubernetes-patch-merge-key': 'name',
          items: {
            type: 'object',
            properties: { name: string, image: string, env, args: { type: 'array', items: string } },
          },
        },
        volumes: {
          type: 'array',
          'x-kubernetes-patch-strategy': 'merge,retainKeys',
          'x-kubernetes-patch-merge-key': 'name',
          items: {
            type: 'object',
            properties: { name: string, emptyDir: { type: 'object' }, secret: { type: 'object' } },
          },
        },
      },
    },
  },
};

const patchSpec = (spec: unknown, patch: unknown): unknown =>
  applyStrategicMergePatch(freezeJson({ spec }), freezeJson({ spec: patch }), schema);

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

describe('applyStrategicMergePatch', () => {
  it.each([
    [
      'merges objects and removes by null',
      { x: '1', strategy: { type: 'a' } },
      { x: null, strategy: { rollingUpdate: { maxSurge: '1' } } },
      { strategy: { type: 'a', rollingUpdate: { maxSurge: '1' } } },
    ],
    ['replaces a list without a strategy', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    ['replaces an object whose strategy says so', { whole: { a: '1' } }, { whole: { b: '2' } }, { whole: { b: '2' } }],
    ['replaces a value by one of another type', { x: { a: 1 } }, { x: ['b'] }, { x: ['b'] }],
    [
      'drops nulls from what is new',
      {},
      { strategy: { type: null, rollingUpdate: { maxSurge: null } } },
      { strategy: { rollingUpdate: {} } },
    ],
    [
      'merges list items by key, new ones in front, at every depth',
      {
        containers: [
          {
            name: 'a',
            image: 'a:1',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
            ],
          },
          { name: 'b' },
        ],
      },
      {
        containers: [
          {
            name: 'a',
            image: 'a:2',
            env: [
              { name: 'Y', value: '3' },
              { name: 'Z', value: '4' },
            ],
          },
          { name: 'c' },
        ],
      },
      {
        containers: [
          {
            name: 'a',
            image: 'a:2',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '3' },
              { name: 'Z', value: '4' },
            ],
          },
          { name: 'c' },
          { name: 'b' },
        ],
      },
    ],
    [
      'deletes a list item',
      { containers: named('a', 'b') },
      { containers: [{ $patch: 'delete', name: 'a' }] },
      { containers: named('b') },
    ],
    [
      'deletes a list item that is not there',
      { containers: named('a') },
      { containers: [{ $patch: 'delete', name: 'z' }] },
      { containers: named('a') },
    ],
    [
      'replaces a list',
      { containers: named('a', 'b') },
      { containers: [{ $patch: 'replace' }, { name: 'z' }] },
      { containers: named('z') },
    ],
    ['empties a list', { containers: named('a', 'b') }, { containers: [{ $patch: 'replace' }] }, { containers: [] }],
    [
      'replaces an object by directive',
      { strategy: { type: 'a' } },
      { strategy: { $patch: 'replace', rollingUpdate: {} } },
      { strategy: { rollingUpdate: {} } },
    ],
    [
      'empties an object by directive',
      { strategy: { type: 'a' } },
      { strategy: { $patch: 'delete' } },
      { strategy: {} },
    ],
    [
      'leaves no directive behind where there is nothing to direct',
      {},
      { strategy: { $patch: 'delete' }, containers: [{ $patch: 'delete', name: 'a' }, { name: 'b' }] },
      { containers: named('b') },
    ],
    [
      'retains keys',
      { strategy: { type: 'a', rollingUpdate: {} } },
      { strategy: { $retainKeys: ['type'], type: 'b' } },
      { strategy: { type: 'b' } },
    ],
    [
      'retains keys in list items',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      { volumes: [{ name: 'v', $retainKeys: ['name', 'secret'], secret: {} }] },
      { volumes: [{ name: 'v', secret: {} }] },
    ],
    [
      'orders a list',
      { containers: named('a', 'b', 'c') },
      { '$setElementOrder/containers': named('c', 'a', 'b') },
      { containers: named('c', 'a', 'b') },
    ],
    [
      'orders a new list',
      {},
      { '$setElementOrder/containers': named('b', 'a'), containers: named('b', 'a') },
      { containers: named('b', 'a') },
    ],
    [
      'puts an added item where a deleted one made room',
      { containers: named('a', 'b') },
      { '$setElementOrder/containers': named('new'), containers: [{ $patch: 'delete', name: 'b' }, { name: 'new' }] },
      { containers: named('a', 'new') },
    ],
    [
      'keeps what only the server has before what it stood before',
      { containers: named('a', 'server', 'b') },
      { '$setElementOrder/containers': named('a', 'new', 'b'), containers: named('new') },
      { containers: named('a', 'new', 'server', 'b') },
    ],
  ])('%s', (_, spec, patch, result) => {
    expect(patchSpec(spec, patch)).toEqual({ spec: result });
  });

  it('merges scalars as a set, deletes from it and orders it', () => {
    const patched = applyStrategicMergePatch(
      { metadata: { finalizers: ['a', 'b'], labels: { k: '1', l: '2' } } },
      {
        metadata: {
          '$deleteFromPrimitiveList/finalizers': ['a'],
          finalizers: ['c'],
          '$setElementOrder/finalizers': ['c', 'b'],
          labels: { $patch: 'replace', only: '1' },
        },
      },
      schema,
    );

    expect(patched).toEqual({ metadata: { finalizers: ['c', 'b'], labels: { only: '1' } } });
  });

  it('does not repeat scalars', () => {
    const finalizers = (list: string[]) => ({ metadata: { finalizers: list } });

    expect(applyStrategicMergePatch(finalizers(['a', 'b']), finalizers(['b', 'c']), schema)).toEqual(
      finalizers(['a', 'b', 'c']),
    );
  });

  it.each([
    [[], 400, 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [{ spec: { strategy: { $retainKeys: 'type' } } }, 400, 'invalid patch format of retainKeys'],
    [{ spec: { strategy: { $retainKeys: [], type: 'b' } } }, 400, 'invalid patch format of retainKeys'],
    [{ spec: { strategy: { $patch: 'merge' } } }, 500, 'unknown patch type: merge in map: map[$patch:merge]'],
    [{ spec: { containers: [{ image: 'a' }] } }, 500, 'map: map[image:a] does not contain declared merge key: name'],
    [
      { spec: { containers: [{ $patch: 'delete' }] } },
      500,
      'map: map[$patch:delete] does not contain declared merge key: name',
    ],
    [
      { spec: { containers: [{ $patch: 'merge', name: 'a' }] } },
      500,
      'merging lists cannot yet be specified in the patch',
    ],
    [{ spec: { containers: ['a'] } }, 500, 'list element types are not identical: [[map[name:a]] [a]]'],
    [{ spec: { containers: [['a']] } }, 422, 'the server rejected our request due to an error in our request'],
    [{ spec: { keyless: [{}] } }, 500, 'cannot merge lists without merge key for struct'],
    [
      { spec: { containers: named('b', 'a'), '$setElementOrder/containers': named('a', 'b') } },
      500,
      "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
    ],
  ])('refuses %j with %d', (patch, code, message) => {
    const document = { spec: { strategy: { type: 'a' }, containers: named('a'), keyless: [{ a: 1 }] } };

    expect(() => applyStrategicMergePatch(document, patch, schema)).toThrow(expect.objectContaining({ code, message }));
  });

  it('fails with a StatusError or not at all, and changes neither argument', () => {
    const directives = fc.constantFrom(
      '$patch',
      '$retainKeys',
      '$setElementOrder/containers',
      '$deleteFromPrimitiveList/args',
    );
    const keys = fc.oneof(
      fc.constantFrom('containers', 'args', 'strategy', 'volumes', 'name', 'x', '__proto__'),
      directives,
    );
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 'a', 'b', 'delete', 'replace', 1),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, value, (spec, patch) => {
        try {
          patchSpec(spec, patch);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});
