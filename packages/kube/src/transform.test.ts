import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from './object.js';
import { deepFreeze, slim } from './transform.js';

describe('slim', () => {
  const object: KubernetesObject & { readonly spec: object } = deepFreeze({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'a',
      managedFields: [{ manager: 'kubectl' }, { manager: 'trueup', operation: 'Apply' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'kept' },
    },
    spec: { a: 1 },
  });

  it('leaves out what every object carries and nobody reads', () => {
    expect(slim()(object)).toEqual({ ...object, metadata: { name: 'a', annotations: { note: 'kept' } } });
  });

  it('keeps the field entries of managers one asks for, and asks for every object', () => {
    const kept = new Set<string>();
    const transform = slim((manager) => kept.has(manager));
    expect(transform(object).metadata.managedFields).toBeUndefined();

    kept.add('trueup');

    expect(transform(object).metadata.managedFields).toEqual([{ manager: 'trueup', operation: 'Apply' }]);
  });
});

describe('deepFreeze', () => {
  it('freezes everything inside', () => {
    const value = deepFreeze({ list: [{ text: 'a' }], nothing: null });

    expect(() => Object.assign(value.list[0] ?? {}, { text: 'b' })).toThrow(TypeError);
  });
});
