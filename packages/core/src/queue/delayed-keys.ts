/** Keys that become due at some time, soonest first; a binary heap with one entry a key. */
export class DelayedKeys {
  readonly #heap: { key: string; dueAtMs: number }[] = [];
  readonly #dueAt = new Map<string, number>();

  get size(): number {
    return this.#dueAt.size;
  }

  /** Adds the key, or brings it forward; a later time than the one it has is ignored. */
  add(key: string, dueAtMs: number): void {
    const known = this.#dueAt.get(key);
    if (known !== undefined && known <= dueAtMs) return;
    this.#dueAt.set(key, dueAtMs);
    this.#heap.push({ key, dueAtMs });
    this.#siftUp(this.#heap.length - 1);
  }

  delete(key: string): void {
    this.#dueAt.delete(key);
  }

  keys(): Iterable<string> {
    return this.#dueAt.keys();
  }

  /** When the next key is due; undefined when there is none. */
  get nextDueAtMs(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.dueAtMs;
  }

  /** Takes the next key that is due by now. */
  takeDue(nowMs: number): string | undefined {
    this.#dropStale();
    const top = this.#heap[0];
    if (top === undefined || top.dueAtMs > nowMs) return undefined;
    this.#pop();
    this.#dueAt.delete(top.key);
    return top.key;
  }

  /** Entries superseded by an earlier time or deleted stay in the heap until they reach its top. */
  #dropStale(): void {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#dueAt.get(top.key) === top.dueAtMs) return;
      this.#pop();
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown(0);
  }

  #siftUp(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#dueAtIndex(parent) <= this.#dueAtIndex(index)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #siftDown(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#dueAtIndex(left + 1) < this.#dueAtIndex(left) ? left + 1 : left;
      if (this.#dueAtIndex(smaller) >= this.#dueAtIndex(index)) return;
      this.#swap(index, smaller);
      index = smaller;
    }
  }

  #dueAtIndex(index: number): number {
    return this.#heap[index]?.dueAtMs ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
