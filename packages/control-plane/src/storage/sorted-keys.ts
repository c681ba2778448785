/** A list longer than this is cut in two. */
const LONGEST = 512;

/** Texts in order. To add or remove one moves a few hundred others at most, however many there are. */
export class SortedKeys {
  /** In order, each in order, none empty. */
  readonly #chunks: string[][] = [];

  /** Adds a key that is not there yet. */
  add(key: string): void {
    // A key beyond the last one goes to the end of the last chunk.
    const place = Math.min(this.#chunkOf(key), this.#chunks.length - 1);
    const chunk = this.#chunks[place];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(position(chunk, key), 0, key);
    if (chunk.length > LONGEST) this.#chunks.splice(place + 1, 0, chunk.splice(LONGEST >>> 1));
  }

  /** Removes a key that is there. */
  delete(key: string): void {
    const place = this.#chunkOf(key);
    const chunk = this.#chunks[place];
    chunk?.splice(position(chunk, key), 1);
    if (chunk?.length === 0) this.#chunks.splice(place, 1);
  }

  /** All keys, in order. */
  all(): string[] {
    return this.#chunks.flat();
  }

  /** The keys from one text up to another, which is left out. */
  between(start: string, end: string): string[] {
    return [...this.#chunksBetween(start, end)].flat();
  }

  /** {@link SortedKeys.between}, one after the other: for whoever may stop early. */
  *from(start: string, end: string): Generator<string> {
    for (const chunk of this.#chunksBetween(start, end)) yield* chunk;
  }

  /** How many keys there are from one text up to another. */
  count(start: string, end: string): number {
    let count = 0;
    for (const chunk of this.#chunksBetween(start, end)) count += chunk.length;
    return count;
  }

  *#chunksBetween(start: string, end: string): Generator<readonly string[]> {
    for (let place = this.#chunkOf(start); place < this.#chunks.length; place++) {
      const chunk = this.#chunks[place] ?? [];
      const [first, last] = [position(chunk, start), position(chunk, end)];
      yield chunk.slice(first, last);
      if (last < chunk.length) return;
    }
  }

  /** The first chunk that does not end before the key; how many there are if all do. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.at(-1) ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where the key is, or would be. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
