import type { KubeObject } from '../object.js';
import { Table, type StoredEvent } from './table.js';

export interface StoreOptions {
  /** The resourceVersion before the first write. Above 1, so that clients may ask for what is "too old". */
  readonly firstVersion?: number;
  /** How many events of a table a watch can resume from. Default 10,000. */
  readonly windowSize?: number;
  /** What an earlier store held. */
  readonly contents?: StoreContents;
}

/** All that outlives a store: history does not. */
export interface StoreContents {
  /** The resourceVersion to go on from. */
  readonly version: number;
  /** With their resourceVersions; `table` is the key of {@link Store.table}. */
  readonly objects: Iterable<{ readonly table: string; readonly object: KubeObject }>;
}

/**
 * All objects of the server, one table a kind, under one sequence of resourceVersions.
 *
 * What is in it is frozen. Reads and commits are synchronous, so a writer that has read an object and awaited nothing
 * since may commit; one that has awaited compares first (see `Table.get`).
 */
export class Store {
  readonly #tables = new Map<string, Table>();
  readonly #listeners = new Set<(table: string, event: StoredEvent) => void>();
  readonly #windowSize: number;
  #version: number;

  constructor(options: StoreOptions = {}) {
    this.#version = options.contents?.version ?? options.firstVersion ?? 1000;
    this.#windowSize = options.windowSize ?? 10_000;
    for (const { table, object } of options.contents?.objects ?? []) this.table(table).restore(object);
  }

  /** The resourceVersion of the last write. */
  get version(): number {
    return this.#version;
  }

  /** The table of that name; made when it is asked for first. */
  table(key: string): Table {
    const existing = this.#tables.get(key);
    if (existing) return existing;
    const table: Table = new Table({
      windowSize: this.#windowSize,
      version: () => this.#version,
      nextVersion: () => ++this.#version,
      committed: (event) => {
        for (const listener of [...this.#listeners]) listener(key, event);
      },
    });
    this.#tables.set(key, table);
    return table;
  }

  /** Forgets a table; whoever watches it is told that it ended. */
  drop(key: string): void {
    this.#tables.get(key)?.end();
    this.#tables.delete(key);
  }

  /** Forgets history: a watch or list from before now is "too old". */
  compact(): void {
    for (const table of this.#tables.values()) table.compact();
  }

  /** Calls the listener after each commit to any table, in order, until the returned function is called. */
  onCommit(listener: (table: string, event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all watches. */
  close(): void {
    for (const table of this.#tables.values()) table.end();
    this.#listeners.clear();
  }
}
