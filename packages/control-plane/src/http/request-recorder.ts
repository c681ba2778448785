/** One request that has been answered, or a watch that has begun. */
export interface RequestRecord {
  /** As RBAC calls it: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly userAgent: string;
  readonly user: string;
  /** HTTP status; 0 when a fault cut the connection instead of an answer. */
  readonly status: number;
  /** Whether it stored or removed anything: false for reads, failures, dry runs and writes that changed nothing. */
  readonly changed: boolean;
}

/** Tells tests who asked the server for what over HTTP. Keeps nothing; whoever listens may. */
export class RequestRecorder {
  readonly #listeners = new Set<(record: RequestRecord) => void>();

  /** Calls the listener for each request for a resource, until the returned function is called. */
  subscribe(listener: (record: RequestRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether anybody listens. */
  get isFollowed(): boolean {
    return this.#listeners.size > 0;
  }

  record(record: RequestRecord): void {
    for (const listener of [...this.#listeners]) listener(record);
  }
}
