import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import type { KubeObject } from '../object.js';
import { DirectoryLock } from './directory-lock.js';
import type { StoreContents, Store } from './store.js';

/**
 * How far the sequence of resourceVersions jumps when a store is opened again: beyond all that anybody may have seen of
 * writes that did not reach the disk, so that no version ever stands for two states.
 */
const VERSION_GAP = 100_000;

const OBJECT = 'object';
const VERSION = 'version';
const SECRET = 'secret';
type Key = [typeof OBJECT, table: string, key: string] | [typeof VERSION] | [typeof SECRET, name: string];

/**
 * A directory that keeps the objects of a store beyond the life of the process, in an LMDB database.
 *
 * Commits are written behind the store's back, in batches and in their order. What {@link DataDirectory.durable} has
 * resolved for is on the disk: it survives a kill at any moment, and a power cut.
 */
export class DataDirectory {
  readonly #lock: DirectoryLock;
  readonly #database: RootDatabase<string, Key>;
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(path: string) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.#lock = DirectoryLock.acquire(path);
    // Text, and not LMDB's own encoding: that cannot hold every key that JSON can.
    try {
      this.#database = open({ path, encoding: 'string' });
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /**
   * Opens a directory, or makes it, readable for its owner only: Secrets are in it.
   *
   * @throws DataInUseError (`ERR_DATA_IN_USE`) while another server has it open.
   */
  static open(path: string): DataDirectory {
    return new DataDirectory(path);
  }

  /** What was stored, for a store to begin with; undefined for a new directory. */
  contents(): StoreContents | undefined {
    const version = this.#database.get([VERSION]);
    if (version === undefined) return undefined;
    return { version: Number(version) + VERSION_GAP, objects: this.#objects() };
  }

  /** Writes each commit of a store from now on. */
  follow(store: Store): void {
    this.#await(this.#database.put([VERSION], String(store.version)));
    store.onCommit((table, { type, key, object, version }) => {
      const stored: Key = [OBJECT, table, key];
      this.#await(this.#database.put([VERSION], String(version)));
      this.#await(
        type === 'DELETED' ? this.#database.remove(stored) : this.#database.put(stored, JSON.stringify(object)),
      );
    });
  }

  /** Resolves when all that has been committed until now is on the disk; rejects when it cannot be written. */
  async durable(): Promise<void> {
    await this.#lastWrite;
    await this.#database.flushed;
  }

  /** A text that is made once in the life of the data, such as a key. */
  secret(name: string, make: () => string): string {
    const known = this.#database.get([SECRET, name]);
    if (known !== undefined) return known;
    const made = make();
    this.#await(this.#database.put([SECRET, name], made));
    return made;
  }

  async close(): Promise<void> {
    try {
      await this.durable();
    } finally {
      await this.#database.close();
      this.#lock.release();
    }
  }

  /** A write that fails fails all that wait for it or for a later one: memory is ahead of the disk from then on. */
  #await(write: Promise<boolean>): void {
    this.#lastWrite = Promise.all([this.#lastWrite, write]);
    this.#lastWrite.catch(() => undefined);
  }

  *#objects(): Generator<{ table: string; object: KubeObject }> {
    for (const { key, value } of this.#database.getRange({ start: [OBJECT, '', ''], end: [`${OBJECT}0`, '', ''] })) {
      const [, table = ''] = key;
      yield { table, object: JSON.parse(value) as KubeObject };
    }
  }
}
