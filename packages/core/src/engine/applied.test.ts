import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@trueup/kube';
import { isApplied } from './applied.js';

const OWNER = { manager: 'widget-controller' };

function aLive(fieldsV1: Record<string, unknown>, content: Record<string, unknown>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Widget',
    ...content,
    metadata: {
      name: 'a',
      namespace: 'ns',
      managedFields: [
        { manager: OWNER.manager, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 },
      ],
      ...(content['metadata'] as object),
    },
  };
}

const desired = (content: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'ns' },
  ...content,
});

const NAMED = { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:image': {} } };

describe('isApplied', () => {
  it.each([
    {
      name: 'same value, owned',
      owned: { 'f:spec': { 'f:x': {} } },
      live: { spec: { x: 1 } },
      want: { spec: { x: 1 } },
      is: true,
    },
    {
      name: 'other value',
      owned: { 'f:spec': { 'f:x': {} } },
      live: { spec: { x: 2 } },
      want: { spec: { x: 1 } },
      is: false,
    },
    {
      name: 'same value, owned by somebody else only',
      owned: { 'f:spec': { 'f:y': {} } },
      live: { spec: { x: 1, y: 1 } },
      want: { spec: { x: 1 } },
      is: false,
    },
    {
      name: 'a field we applied and no longer want',
      owned: { 'f:spec': { 'f:x': {}, 'f:y': {} } },
      live: { spec: { x: 1, y: 1 } },
      want: { spec: { x: 1 } },
      is: false,
    },
    {
      name: 'fields of others and defaults do not count',
      owned: { 'f:spec': { 'f:x': {} } },
      live: { spec: { x: 1, y: 1 }, status: {} },
      want: { spec: { x: 1 } },
      is: true,
    },
    {
      name: 'a field left undefined is not wanted',
      owned: { 'f:spec': { 'f:x': {} } },
      live: { spec: { x: 1 } },
      want: { spec: { x: 1, y: undefined } },
      is: true,
    },
    {
      name: 'an item found by its key',
      owned: { 'f:list': NAMED },
      live: { list: [{ name: 'b' }, { name: 'c', image: 'i', more: 1 }] },
      want: { list: [{ name: 'c', image: 'i' }] },
      is: true,
    },
    {
      name: 'an item with another value',
      owned: { 'f:list': NAMED },
      live: { list: [{ name: 'c', image: 'j' }] },
      want: { list: [{ name: 'c', image: 'i' }] },
      is: false,
    },
    {
      name: 'an item we no longer want',
      owned: { 'f:list': NAMED },
      live: { list: [{ name: 'c', image: 'i' }] },
      want: { list: [] },
      is: false,
    },
    {
      name: 'an item not there yet',
      owned: { 'f:list': NAMED },
      live: { list: [{ name: 'c', image: 'i' }] },
      want: { list: [{ name: 'c', image: 'i' }, { name: 'd' }] },
      is: false,
    },
    {
      name: 'a key field the server defaulted',
      owned: { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
      live: { ports: [{ port: 80, protocol: 'TCP' }] },
      want: { ports: [{ port: 80 }] },
      is: true,
    },
    {
      name: 'a set, whatever its order',
      owned: { 'f:set': { 'v:"a"': {}, 'v:"b"': {} } },
      live: { set: ['c', 'b', 'a'] },
      want: { set: ['a', 'b'] },
      is: true,
    },
    {
      name: 'a set with a value too many',
      owned: { 'f:set': { 'v:"a"': {}, 'v:"b"': {} } },
      live: { set: ['a', 'b'] },
      want: { set: ['a'] },
      is: false,
    },
    {
      name: 'an atomic list in another order',
      owned: { 'f:list': {} },
      live: { list: [1, 2] },
      want: { list: [2, 1] },
      is: false,
    },
    {
      name: 'an empty object where there is content of others',
      owned: { 'f:emptyDir': {} },
      live: { emptyDir: { x: 1 } },
      want: { emptyDir: {} },
      is: true,
    },
    {
      name: 'labels in metadata',
      owned: { 'f:metadata': { 'f:labels': { 'f:l': {} } } },
      live: { metadata: { labels: { l: '1', other: '2' } } },
      want: { metadata: { name: 'a', namespace: 'ns', labels: { l: '1' } } },
      is: true,
    },
  ])('$name: $is', ({ owned, live, want, is }) => {
    expect(isApplied(desired(want), aLive(owned, live), OWNER)).toBe(is);
  });

  it('is false for an object this manager never applied, and for another subresource', () => {
    const live = aLive({ 'f:spec': { 'f:x': {} } }, { spec: { x: 1 } });
    expect(isApplied(desired({ spec: { x: 1 } }), live, { manager: 'other' })).toBe(false);
    expect(isApplied(desired({ spec: { x: 1 } }), live, { ...OWNER, subresource: 'status' })).toBe(false);
  });
});
