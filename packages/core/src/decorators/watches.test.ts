import { describe, expect, it } from '@jest/globals';
import type { IndexFunction, KubernetesObject, Store } from '@trueup/kube';
import { joinedBy } from './watches.js';

interface Grouped extends KubernetesObject {
  readonly spec: { readonly group?: string };
}

const grouped = (name: string, namespace: string, spec?: Grouped['spec']): Grouped =>
  ({ apiVersion: 'v1', kind: 'Grouped', metadata: { name, namespace }, ...(spec && { spec }) }) as Grouped;

/** A cache that knows nothing but its indexes, and counts them. */
function cacheOf(objects: readonly Grouped[]) {
  const indexes = new Map<string, IndexFunction<KubernetesObject>>();
  const store: Pick<Store<KubernetesObject>, 'addIndex' | 'byIndex'> = {
    addIndex: (name, keys) => void indexes.set(name, keys),
    byIndex: (name, key) => objects.filter((object) => indexes.get(name)?.(object).includes(key)),
  };
  const of = (): never => {
    throw new Error('not asked for');
  };
  return { caches: { reconciled: store as Store<KubernetesObject>, of }, indexes };
}

describe('a watch joined by what objects have in common', () => {
  const served = ({ spec }: Grouped) => spec.group;
  const { map } = joinedBy(({ spec }: Grouped) => spec.group, served);
  const { caches, indexes } = cacheOf([
    grouped('one', 'a', { group: 'g' }),
    grouped('two', 'a', { group: 'g' }),
    grouped('other', 'a', { group: 'h' }),
    grouped('elsewhere', 'b', { group: 'g' }),
    grouped('bare', 'a'),
    grouped('empty', 'a', { group: '' }),
  ]);

  it.each([
    { object: grouped('x', 'a', { group: 'g' }), found: ['one', 'two'] },
    { object: grouped('x', 'b', { group: 'g' }), found: ['elsewhere'] },
    { object: grouped('x', 'a', { group: 'none' }), found: [] },
    { object: grouped('x', 'a', { group: '' }), found: [] },
    { object: grouped('x', 'a'), found: [] },
  ])('concerns $found', ({ object, found }) => {
    expect(map(object, caches).map(({ name }) => name)).toEqual(found);
  });

  it('shares one index among all watches by the same thing', () => {
    joinedBy(({ metadata }: KubernetesObject) => metadata.name, served).map(grouped('g', 'a'), caches);
    expect(indexes.size).toBe(1);
  });
});
