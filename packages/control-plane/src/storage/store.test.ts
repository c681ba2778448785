import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '../object.js';
import { Store } from './store.js';
import { keyOf, type StoredEvent } from './table.js';

function aConfigMap(name: string, data: Record<string, string> = {}, namespace = 'a'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function names(objects: readonly { metadata: { name?: string } }[] | undefined): (string | undefined)[] | undefined {
  return objects?.map(({ metadata }) => metadata.name);
}

describe('Store', () => {
  it('gives every write of any kind the next resourceVersion', () => {
    const store = new Store({ firstVersion: 1000 });

    const first = store.table('configmaps').add(aConfigMap('a'));
    const second = store.table('secrets').add(aConfigMap('b'));
    const changed = store.table('configmaps').replace(aConfigMap('a', { k: '1' }));

    expect([first, second, changed].map(({ metadata }) => metadata.resourceVersion)).toEqual(['1001', '1002', '1003']);
  });

  it('freezes what it keeps, down to the leaves', () => {
    const stored = new Store().table('configmaps').add(aConfigMap('a', { k: '1' }));

    expect(() => Object.assign(stored['data'] ?? {}, { k: '2' })).toThrow(TypeError);
    expect(() => Object.assign(stored.metadata, { name: 'b' })).toThrow(TypeError);
  });

  it('lists by namespace and name, as etcd orders keys', () => {
    const table = new Store().table('configmaps');
    for (const name of ['z', 'b.a', 'b', 'b-c']) table.add(aConfigMap(name));
    table.add(aConfigMap('a', {}, 'a-b'));

    expect(names(table.list('a'))).toEqual(['b', 'b-c', 'b.a', 'z']);
    expect(table.list().map(({ metadata }) => metadata.namespace)).toEqual(['a-b', 'a', 'a', 'a', 'a']);
  });

  it('keeps that order whatever is added and removed, of however many', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat({ max: 3000 })), fc.nat({ max: 2000 }), (numbers, count) => {
        const table = new Store().table('configmaps');
        const held = new Set<string>();
        for (const number of numbers.take(count)) {
          const [namespace, name] = [`n${String(number % 3)}`, `c${String(number)}`];
          // What is drawn again goes.
          if (!held.delete(`${namespace}/${name}`)) {
            held.add(`${namespace}/${name}`);
            table.add(aConfigMap(name, {}, namespace));
          } else table.remove(namespace, name);
        }

        const sorted = [...held].sort();
        expect(table.list().map(({ metadata: { namespace, name } }) => `${namespace}/${name}`)).toEqual(sorted);
        expect(names(table.list('n1'))).toEqual(sorted.flatMap((key) => /^n1\/(.*)/.exec(key)?.[1] ?? []));
        expect(table.size).toBe(sorted.length);
      }),
      { numRuns: 5 },
    );
  });

  it('tells the deletion with the last state and a resourceVersion of its own', () => {
    const store = new Store();
    const table = store.table('configmaps');
    const stored = table.add(aConfigMap('a', { k: '1' }));
    const events: StoredEvent[] = [];
    table.watch({ committed: (event) => events.push(event), ended: () => undefined });

    table.remove('a', 'a');

    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'DELETED', old: stored, object: { data: { k: '1' } } });
    expect(Number(events[0]?.object.metadata.resourceVersion)).toBeGreaterThan(Number(stored.metadata.resourceVersion));
  });

  it('shows what was stored at an older resourceVersion', () => {
    const store = new Store();
    const table = store.table('configmaps');
    table.add(aConfigMap('changed', { k: '1' }));
    table.add(aConfigMap('removed'));
    const version = store.version;
    table.replace(aConfigMap('changed', { k: '2' }));
    table.remove('a', 'removed');
    table.add(aConfigMap('added'));

    const past = [...(table.snapshot(version)?.after() ?? [])];

    expect(names(past)).toEqual(['changed', 'removed']);
    expect(past[0]).toMatchObject({ data: { k: '1' } });
    expect(names(table.list())).toEqual(['added', 'changed']);
  });

  it('shows any rest of what was stored at an older resourceVersion, and counts it', () => {
    const key = fc.record({ namespace: fc.constantFrom('a', 'b'), name: fc.constantFrom('k', 'l', 'm', 'n') });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 8 }), fc.array(key, { maxLength: 8 }), key, (first, then, after) => {
        const store = new Store();
        const table = store.table('configmaps');
        const toggle = ({ namespace, name }: { namespace: string; name: string }): void => {
          if (!table.remove(namespace, name)) table.add(aConfigMap(name, {}, namespace));
        };
        first.forEach(toggle);
        const { version } = store;
        const before = table.list('a');
        then.forEach(toggle);

        const past = table.snapshot(version, 'a');
        const rest = before.filter(
          ({ metadata }) => keyOf('a', metadata.name ?? '') > keyOf(after.namespace, after.name),
        );

        expect([...(past?.after() ?? [])]).toEqual(before);
        expect([...(past?.after(keyOf(after.namespace, after.name)) ?? [])]).toEqual(rest);
        expect(past?.countAfter(keyOf(after.namespace, after.name))).toBe(rest.length);
      }),
    );
  });

  it('does not pretend to know what its window has forgotten', () => {
    const store = new Store({ windowSize: 2 });
    const table = store.table('configmaps');
    const version = store.version;
    for (let index = 0; index < 10; index++) table.add(aConfigMap(`c${String(index)}`));

    expect(table.eventsSince(version)).toBeUndefined();
    expect(table.snapshot(version)).toBeUndefined();
    expect(table.eventsSince(store.version - 1)).toHaveLength(1);
  });

  it('counts what happened before a table was there as forgotten', () => {
    const store = new Store({ firstVersion: 1000 });
    store.table('configmaps').add(aConfigMap('a'));

    expect(store.table('widgets.example.com').eventsSince(1)).toBeUndefined();
    expect(store.table('widgets.example.com').eventsSince(store.version)).toEqual([]);
  });

  it('forgets history when compacted, but no object', () => {
    const store = new Store();
    const table = store.table('configmaps');
    const version = store.version;
    table.add(aConfigMap('a'));

    store.compact();

    expect(table.eventsSince(version)).toBeUndefined();
    expect(names(table.list())).toEqual(['a']);
  });

  it('tells watchers of a table that is dropped that no more will come', () => {
    const store = new Store();
    let ended = 0;
    store.table('widgets.example.com').watch({ committed: () => undefined, ended: () => ended++ });

    store.drop('widgets.example.com');
    store.table('widgets.example.com').add(aConfigMap('a'));

    expect(ended).toBe(1);
  });
});
