import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ObjectStore } from './object-store.js';
import { aConfigMap, type ConfigMap } from './test-support/scripted-server.js';
import type { Change } from './store.js';

let store: ObjectStore<ConfigMap>;
let errors: string[];

beforeEach(() => {
  errors = [];
  store = aStore();
});

function aStore(): ObjectStore<ConfigMap> {
  return new ObjectStore<ConfigMap>({
    prepare: (object) => object,
    includes: ({ metadata }) => metadata.labels?.['hidden'] === undefined,
    onError: (error, where) => errors.push(`${where}: ${String(error)}`),
  });
}

/** Takes in a whole list without a pause. */
function replaceAll(of: ObjectStore<ConfigMap>, objects: readonly ConfigMap[], version: string): void {
  Array.from(of.replaceAll(objects, version));
}

/** What a listener hears, in a form that reads well: `updated a 1->2 by me`. */
function heard(of: ObjectStore<ConfigMap> = store): string[] {
  const changes: string[] = [];
  of.subscribe((change) => changes.push(inWords(change)));
  return changes;
}

/** The same, without what the store held before. */
function heardFromNow(): string[] {
  const changes = heard();
  changes.length = 0;
  return changes;
}

function inWords({ type, object, old, origin, isInitialList }: Change<ConfigMap>): string {
  const versions = [old, object].flatMap((state) => (state === undefined ? [] : [state.metadata.resourceVersion]));
  const suffix = `${origin === undefined ? '' : ` by ${origin}`}${isInitialList ? ' initially' : ''}`;
  return `${type} ${object.metadata.name} ${versions.join('->')}${suffix}`;
}

describe('reading', () => {
  it('finds objects by name, by namespace and all', () => {
    const elsewhere = { ...aConfigMap('a', 2), metadata: { ...aConfigMap('a', 2).metadata, namespace: 'other' } };
    replaceAll(store, [aConfigMap('a', 1), elsewhere], '5');

    expect(store.get({ namespace: 'other', name: 'a' })).toBe(elsewhere);
    expect(store.list('default').map(({ metadata }) => metadata.resourceVersion)).toEqual(['1']);
    expect(store.list('nowhere')).toEqual([]);
    expect(store.list()).toHaveLength(2);
    expect(store.size).toBe(2);
  });

  it('gives back what was put in, in whatever order it came', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), isDelete: fc.boolean() })), (events) => {
        const subject = aStore();
        replaceAll(subject, [], '1');
        const mirror = new Map<string, ConfigMap>();
        subject.subscribe((change) => {
          if (change.type === 'deleted') mirror.delete(change.object.metadata.name);
          else mirror.set(change.object.metadata.name, change.object);
        });
        const model = new Map<string, ConfigMap>();
        events.forEach(({ name, isDelete }, index) => {
          const object = aConfigMap(name, index + 2, { uid: `uid-${index % 2}` });
          if (isDelete) {
            subject.applyDeleted(object);
            model.delete(name);
          } else {
            subject.applyWatched(object);
            model.set(name, object);
          }
        });
        const byName = (objects: Iterable<ConfigMap>): ConfigMap[] =>
          [...objects].sort((x, y) => x.metadata.name.localeCompare(y.metadata.name));
        expect(byName(subject.list())).toEqual(byName(model.values()));
        expect(byName(mirror.values())).toEqual(byName(model.values()));
      }),
    );
  });
});

describe('a list that is taken in bit by bit', () => {
  it('shows writes of ours that come in between, whichever side of them it has come to', () => {
    replaceAll(store, [aConfigMap('a', 1), aConfigMap('b', 2)], '5');
    const steps = store.replaceAll([aConfigMap('a', 1), aConfigMap('b', 7)], '9');
    steps.next();

    store.recordWrite(aConfigMap('a', 10), 'me');
    store.recordWrite(aConfigMap('b', 7), 'me');
    expect(versions('a', 'b')).toEqual(['10', '7']);

    Array.from(steps);
    expect(versions('a', 'b')).toEqual(['10', '7']);
  });

  it('holds nothing in the end of what was written before it and is not in it', () => {
    replaceAll(store, [aConfigMap('a', 1), aConfigMap('gone', 2), aConfigMap('gone too', 3)], '5');
    const steps = store.replaceAll([aConfigMap('a', 1)], '9');
    steps.next();
    store.recordWrite(aConfigMap('b', 7), 'me');
    steps.next();
    store.recordWrite(aConfigMap('c', 8), 'me');
    Array.from(steps);

    expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  it('is not done with deletes of ours that it has not come to', () => {
    replaceAll(store, [aConfigMap('a', 1), aConfigMap('b', 2)], '5');
    const steps = store.replaceAll([aConfigMap('a', 1), aConfigMap('b', 2)], '5');
    steps.next();
    store.recordDelete(aConfigMap('b', 2), 'me');
    Array.from(steps);
    store.applyWatched(aConfigMap('b', 2));

    expect(versions('a', 'b')).toEqual(['1', undefined]);
  });

  const versions = (...names: readonly string[]): (string | undefined)[] =>
    names.map((name) => store.get({ namespace: 'default', name })?.metadata.resourceVersion);
});

describe('indexes', () => {
  const byApp = ({ data }: ConfigMap): string[] => (data?.['app'] === undefined ? [] : [data['app']]);

  it('follow the objects as they come, change and go', () => {
    store.addIndex('app', byApp);
    replaceAll(store, [aConfigMap('a', 1, { data: { app: 'web' } }), aConfigMap('b', 2)], '5');
    expect(store.byIndex('app', 'web').map(({ metadata }) => metadata.name)).toEqual(['a']);

    store.applyWatched(aConfigMap('a', 6, { data: { app: 'db' } }));
    expect(store.byIndex('app', 'web')).toEqual([]);
    expect(store.byIndex('app', 'db')).toHaveLength(1);

    store.applyDeleted(aConfigMap('a', 7));
    expect(store.byIndex('app', 'db')).toEqual([]);
  });

  it('may be added when there are objects, and again', () => {
    replaceAll(store, [aConfigMap('a', 1, { data: { app: 'web' } })], '5');

    store.addIndex('app', byApp);
    store.addIndex('app', byApp);

    expect(store.byIndex('app', 'web')).toHaveLength(1);
    expect(() => store.addIndex('app', () => [])).toThrow('Index "app" exists with another function');
    expect(() => store.byIndex('owner', 'x')).toThrow('No index "owner" was added');
  });

  it('leave out an object whose keys cannot be found, and nothing else', () => {
    store.addIndex('app', (object) => {
      if (object.metadata.name === 'bad') throw new Error('no app');
      return ['web'];
    });

    replaceAll(store, [aConfigMap('bad', 1), aConfigMap('good', 2)], '5');

    expect(store.byIndex('app', 'web').map(({ metadata }) => metadata.name)).toEqual(['good']);
    expect(store.size).toBe(2);
    expect(errors).toEqual(['index: Error: no app']);
  });
});

describe('lists', () => {
  it('are taken over as a whole: new, changed and missing objects are told apart', () => {
    const changes = heard();
    replaceAll(store, [aConfigMap('kept', 1), aConfigMap('changed', 2), aConfigMap('gone', 3)], '5');
    expect(changes.splice(0)).toEqual([
      'added kept 1 initially',
      'added changed 2 initially',
      'added gone 3 initially',
    ]);

    replaceAll(store, [aConfigMap('kept', 1), aConfigMap('changed', 7), aConfigMap('new', 8)], '9');

    expect(changes).toEqual(['updated changed 2->7', 'added new 8', 'deleted gone 3']);
  });

  it('report an object that was deleted and made again as both', () => {
    replaceAll(store, [aConfigMap('a', 1, { uid: 'first' })], '5');
    const changes = heard();

    replaceAll(store, [aConfigMap('a', 7, { uid: 'second' })], '9');

    expect(changes.slice(1)).toEqual(['deleted a 1', 'added a 7']);
  });

  it('older than a write of ours do not undo it', () => {
    replaceAll(store, [aConfigMap('a', 1)], '5');
    store.recordWrite(aConfigMap('a', 8), 'me');
    store.recordWrite(aConfigMap('b', 9), 'me');

    replaceAll(store, [aConfigMap('a', 6)], '7');

    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('8');
    expect(store.get({ namespace: 'default', name: 'b' })).toBeDefined();
  });
});

describe('our own writes', () => {
  beforeEach(() => replaceAll(store, [aConfigMap('a', 1)], '5'));

  it('are seen at once, and their echo by nobody', () => {
    const changes = heardFromNow();

    store.recordWrite(aConfigMap('a', 6), 'me');
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('6');
    store.applyWatched(aConfigMap('a', 6));

    expect(changes).toEqual(['updated a 1->6 by me']);
  });

  it('do not replace a newer state the watch has brought', () => {
    store.applyWatched(aConfigMap('a', 9));

    store.recordWrite(aConfigMap('a', 6), 'me');

    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('9');
  });

  it('do not bring back what the watch has removed since', () => {
    store.applyWatched(aConfigMap('b', 6));
    store.applyDeleted(aConfigMap('b', 7));

    store.recordWrite(aConfigMap('b', 6), 'me');

    expect(store.get({ namespace: 'default', name: 'b' })).toBeUndefined();
  });

  it('of objects this cache is not about are not recorded', () => {
    store.recordWrite(aConfigMap('c', 6, { labels: { hidden: '' } }), 'me');

    expect(store.get({ namespace: 'default', name: 'c' })).toBeUndefined();
  });

  it('are left to the watch where versions cannot be compared', () => {
    const opaque = { ...aConfigMap('a', 1), metadata: { ...aConfigMap('a', 1).metadata, resourceVersion: 'x-7' } };

    store.recordWrite(opaque, 'me');
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('1');

    store.applyWatched(opaque);
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('x-7');
  });
});

describe('our own deletes', () => {
  const name = { namespace: 'default', name: 'a' };

  beforeEach(() => replaceAll(store, [aConfigMap('a', 1)], '5'));

  it('are seen at once, and neither late events nor the echo bring the object back', () => {
    const changes = heardFromNow();

    store.recordDelete(aConfigMap('a', 1), 'me');
    store.applyWatched(aConfigMap('a', 6));
    expect(store.get(name)).toBeUndefined();
    store.applyDeleted(aConfigMap('a', 7));

    expect(changes).toEqual(['deleted a 1 by me']);
  });

  it('are not undone by the late answer to an earlier write', () => {
    store.recordDelete(aConfigMap('a', 1), 'me');

    store.recordWrite(aConfigMap('a', 6), 'me');

    expect(store.get(name)).toBeUndefined();
  });

  it('do not hide a successor of the same name', () => {
    store.recordDelete(aConfigMap('a', 1), 'me');

    store.applyWatched(aConfigMap('a', 8, { uid: 'successor' }));
    store.applyDeleted(aConfigMap('a', 7));

    expect(store.get(name)?.metadata.uid).toBe('successor');
  });

  it('leave a successor alone that the watch brought first', () => {
    store.applyWatched(aConfigMap('a', 8, { uid: 'successor' }));

    store.recordDelete(aConfigMap('a', 1), 'me');

    expect(store.get(name)?.metadata.uid).toBe('successor');
  });

  it('are not undone by a list that is older than they are', () => {
    store.recordDelete(aConfigMap('a', 1), 'me');

    replaceAll(store, [aConfigMap('a', 1)], '5');

    expect(store.get(name)).toBeUndefined();
  });

  it('are no longer waited for when a list has come without the object', () => {
    store.recordDelete(aConfigMap('a', 1), 'me');

    replaceAll(store, [], '9');
    store.applyWatched(aConfigMap('a', 10));

    expect(store.get(name)).toBeDefined();
  });

  it('are no longer waited for two bookmarks later', () => {
    store.recordDelete(aConfigMap('a', 1), 'me');

    store.passBookmark('10');
    store.passBookmark('20');
    store.applyWatched(aConfigMap('a', 21));

    expect(store.get(name)).toBeDefined();
  });
});

describe('listeners', () => {
  it('that throw harm neither the cache nor each other', () => {
    store.subscribe(() => {
      throw new Error('broken');
    });
    const changes = heard();

    replaceAll(store, [aConfigMap('a', 1), aConfigMap('b', 2)], '5');
    store.applyWatched(aConfigMap('a', 6));

    expect(store.size).toBe(2);
    expect(changes).toEqual(['added a 1 initially', 'added b 2 initially', 'updated a 1->6']);
    expect(errors).toEqual(Array(3).fill('listener: Error: broken'));
  });

  it('hear changes in order, even when one of them causes the next', () => {
    replaceAll(store, [aConfigMap('a', 1)], '5');
    store.subscribe((change) => {
      if (change.object.metadata.resourceVersion === '6') store.recordWrite(aConfigMap('a', 7), 'me');
    });
    const changes = heardFromNow();

    store.applyWatched(aConfigMap('a', 6));

    expect(changes).toEqual(['updated a 1->6', 'updated a 6->7 by me']);
  });

  it('that join while a change is told hear of it once', () => {
    replaceAll(store, [], '5');
    const late: string[] = [];
    const stop = store.subscribe(() => {
      stop();
      store.subscribe((change) => late.push(inWords(change)));
    });

    store.applyWatched(aConfigMap('a', 6));

    expect(late).toEqual(['added a 6 initially']);
  });

  it('that have left hear nothing more', () => {
    const changes: string[] = [];
    const stop = store.subscribe((change) => changes.push(inWords(change)));

    stop();
    replaceAll(store, [aConfigMap('a', 1)], '5');

    expect(changes).toEqual([]);
  });
});

it('a delete seen by a filtered watch does not undo a newer write that brought the object back', () => {
  replaceAll(store, [aConfigMap('a', 1)], '5');
  store.recordWrite(aConfigMap('a', 8), 'me');

  store.applyDeleted(aConfigMap('a', 7));

  expect(store.get({ namespace: 'default', name: 'a' })).toBeDefined();
});
