import type { StoredEvent } from './table.js';

/** The last events of a table: as many as a watch may resume from, and no more. */
export class EventWindow {
  readonly #size: number;
  #events: StoredEvent[] = [];
  #oldestVersion: number;

  constructor(size: number, version: number) {
    this.#size = size;
    this.#oldestVersion = version;
  }

  /** Nothing that happened after this resourceVersion is forgotten. */
  get oldestVersion(): number {
    return this.#oldestVersion;
  }

  push(event: StoredEvent): void {
    this.#events.push(event);
    // Cut in large pieces: moving the whole window at each event would make a write cost what the window is long.
    if (this.#events.length < this.#size * 2) return;
    const forgotten = this.#events.length - this.#size;
    this.#oldestVersion = this.#events[forgotten - 1]?.version ?? this.#oldestVersion;
    this.#events = this.#events.slice(forgotten);
  }

  /** The events after a resourceVersion, oldest first; `undefined` when some of them are forgotten. */
  since(version: number): StoredEvent[] | undefined {
    if (version < this.#oldestVersion) return undefined;
    let index = this.#events.length;
    while (index > 0 && (this.#events[index - 1]?.version ?? 0) > version) index--;
    return this.#events.slice(index);
  }

  clear(version: number): void {
    this.#events = [];
    this.#oldestVersion = version;
  }
}
