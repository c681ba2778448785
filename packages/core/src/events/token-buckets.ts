export interface TokenBucketOptions {
  /** How much may happen at once. */
  readonly capacity: number;
  /** How long one token takes to come back, in milliseconds. */
  readonly refillMs: number;
  /** More keys are not remembered; the one used longest ago is forgotten, and has a full bucket then. */
  readonly maxKeys: number;
}

/** Limits how often something happens, for each key by itself. */
export class TokenBuckets {
  /** Least recently used first. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>();

  constructor(private readonly options: TokenBucketOptions) {}

  /** Takes a token of this key; false when there is none left. */
  take(key: string, nowMs: number): boolean {
    const { capacity, refillMs, maxKeys } = this.options;
    const { tokens: left, atMs } = this.#buckets.get(key) ?? { tokens: capacity, atMs: nowMs };
    const tokens = Math.min(capacity, left + (nowMs - atMs) / refillMs);
    const isThere = tokens >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: isThere ? tokens - 1 : tokens, atMs: nowMs });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > maxKeys && oldest !== undefined) this.#buckets.delete(oldest);
    return isThere;
  }
}
