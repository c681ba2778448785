import { describe, expect, it } from '@jest/globals';
import { prune } from './prune.js';
import type { Schema } from './schema.js';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        x: { type: 'string' },
        list: { type: 'array', items: { type: 'object', properties: { k: { type: 'string' } } } },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { strict: { type: 'object', properties: { k: { type: 'string' } } } },
        },
        embedded: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    },
  },
};

describe('prune', () => {
  it('removes what the schema does not name, and says where it was', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'a' },
      spec: { x: '1', nope: 1, list: [{ k: 'a' }, { k: 'b', nope: 2 }] },
      top: 1,
    };

    expect(prune(schema, object, { isRoot: true })).toEqual(['spec.list[1].nope', 'spec.nope', 'top']);
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'a' },
      spec: { x: '1', list: [{ k: 'a' }, { k: 'b' }] },
    });
  });

  it('keeps unknown fields where the schema preserves them, but not inside what it names below', () => {
    const object = { spec: { free: { any: { thing: [1] }, strict: { k: '1', nope: 2 } } } };

    expect(prune(schema, object, { isRoot: true })).toEqual(['spec.free.strict.nope']);
    expect(object.spec.free).toEqual({ any: { thing: [1] }, strict: { k: '1' } });
  });

  it('brings the metadata of embedded resources into the form of ObjectMeta', () => {
    const embedded = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'n', nope: 1, labels: {}, finalizers: null },
      data: {},
    };

    expect(prune(schema, { spec: { embedded } }, { isRoot: true })).toEqual(['spec.embedded.metadata.nope']);
    expect(embedded).toEqual({ apiVersion: 'v1', kind: 'K', metadata: { name: 'n' }, data: {} });
  });

  it('keeps a request to reset managedFields', () => {
    const object = { metadata: { managedFields: [], annotations: { a: null } } };

    prune(schema, object, { isRoot: true });

    expect(object).toEqual({ metadata: { managedFields: [], annotations: { a: '' } } });
  });
});
