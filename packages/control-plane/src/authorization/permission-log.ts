import type { Attributes } from './attributes.js';

/** A permission that a request needed, and whether who made it has it. */
export type PermissionRecord = Attributes & {
  readonly user: string;
  readonly allowed: boolean;
};

const MOST_RECORDS = 100_000;

/**
 * Which permissions were needed, by whom: to prove that a role is enough, and to find what of it is never used.
 *
 * Each is kept once for each user, in the order in which they were first needed; of more than 100,000 the oldest go. What
 * reviews ask about others is not in it, nor what the server's own controllers do.
 */
export class PermissionLog {
  readonly #records = new Map<string, PermissionRecord>();
  readonly #listeners = new Set<(record: PermissionRecord) => void>();

  /** What was needed so far, by everybody or by one user. */
  records(user?: string): PermissionRecord[] {
    const all = [...this.#records.values()];
    return user === undefined ? all : all.filter((record) => record.user === user);
  }

  /** Calls the listener each time a permission is needed, until the returned function is called. */
  subscribe(listener: (record: PermissionRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets everything, so that a test sees only what it brings about. */
  clear(): void {
    this.#records.clear();
  }

  /** @internal */
  record(record: PermissionRecord): void {
    const key = JSON.stringify(record);
    if (!this.#records.has(key)) {
      this.#records.set(key, record);
      if (this.#records.size > MOST_RECORDS) this.#records.delete(this.#records.keys().next().value ?? '');
    }
    for (const listener of [...this.#listeners]) listener(record);
  }
}
