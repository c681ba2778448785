/** A map that keeps what was asked for lately: at least `size` entries, and fewer than twice as many. */
export class RecentCache<K, V> {
  #recent = new Map<K, V>();
  #former = new Map<K, V>();

  constructor(private readonly size: number) {}

  get(key: K): V | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const former = this.#former.get(key);
    if (former !== undefined) this.set(key, former);
    return former;
  }

  set(key: K, value: V): void {
    if (this.#recent.size === this.size) {
      this.#former = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }
}
