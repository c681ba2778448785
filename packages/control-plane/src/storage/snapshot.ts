import type { SortedKeys } from './sorted-keys.js';
import type { StoredObject } from './table.js';

export interface SnapshotOptions {
  /** The keys and objects of the table, as it is now. */
  readonly keys: SortedKeys;
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** What objects were that have changed since; undefined for those that were not there. */
  readonly changed: ReadonlyMap<string, StoredObject | undefined>;
  /** The first key, and the one after the last. */
  readonly start: string;
  readonly end: string;
}

/**
 * The objects of a table, or of a namespace, as they were at some moment, in order. Reading a page costs what the page
 * holds, however many objects there are.
 *
 * It looks at the table itself: it is to be read before anything else is written.
 */
export class Snapshot {
  readonly #options: SnapshotOptions;
  /** The former states of what has changed since, by their keys, in order. */
  readonly #former: readonly (readonly [string, StoredObject])[];

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#former = [...options.changed]
      .filter((entry): entry is [string, StoredObject] => entry[1] !== undefined)
      .filter(([key]) => key >= options.start && key < options.end)
      .sort(([left], [right]) => (left < right ? -1 : 1));
  }

  /** The objects whose keys come after one; all without. */
  *after(key?: string): Generator<StoredObject> {
    const { keys, objects, changed, end } = this.#options;
    const start = this.#startAfter(key);
    let position = this.#former.findIndex(([former]) => former >= start);
    if (position < 0) position = this.#former.length;
    for (const present of keys.from(start, end)) {
      for (; (this.#former[position]?.[0] ?? end) <= present; position++) {
        const former = this.#former[position]?.[1];
        if (former) yield former;
      }
      const object = changed.has(present) ? undefined : objects.get(present);
      if (object) yield object;
    }
    for (const [, former] of this.#former.slice(position)) yield former;
  }

  /** How many objects come after a key. */
  countAfter(key: string): number {
    const { keys, objects, changed, end } = this.#options;
    const start = this.#startAfter(key);
    const replaced = [...changed.keys()].filter((one) => one >= start && one < end && objects.has(one));
    const former = this.#former.filter(([one]) => one >= start);
    return keys.count(start, end) - replaced.length + former.length;
  }

  #startAfter(key: string | undefined): string {
    const { start } = this.#options;
    return key === undefined || key < start ? start : `${key}\0`;
  }
}
