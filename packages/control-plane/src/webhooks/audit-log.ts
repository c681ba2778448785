/** What policies had to say about a request, as annotations of its audit event would. */
export interface AuditRecord {
  readonly user: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
  /**
   * By key: `<policy>/<key>` for the `auditAnnotations` of policies, and
   * `validation.policy.admission.k8s.io/validation_failure` for what failed where a policy is bound with `Audit`.
   */
  readonly annotations: Readonly<Record<string, string>>;
}

const MOST_RECORDS = 10_000;

/** The audit annotations of requests that had any, in their order; of more than 10,000 the oldest go. */
export class AuditLog {
  #records: AuditRecord[] = [];

  records(): AuditRecord[] {
    return this.#records.slice(-MOST_RECORDS);
  }

  /** Forgets everything, so that a test sees only what it brings about. */
  clear(): void {
    this.#records = [];
  }

  /** @internal */
  record(record: AuditRecord): void {
    this.#records.push(record);
    // Cut in one large piece: moving all at each record would make it cost what is kept.
    if (this.#records.length >= 2 * MOST_RECORDS) this.#records = this.records();
  }
}
