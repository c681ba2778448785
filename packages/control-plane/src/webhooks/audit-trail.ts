import type { AdmissionRequest } from '../resources/admission.js';
import { subjectName } from '../resources/admission-request.js';
import type { AuditLog } from './audit-log.js';
import type { PolicyBinding } from './policy-binding.js';

const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';

/** A validation that failed where its policy is bound with `Audit`. */
export interface AuditedFailure {
  readonly message: string;
  readonly policy: string;
  readonly binding: PolicyBinding;
  /** Of the validation in its policy. */
  readonly expressionIndex: number;
}

/** Gathers the audit annotations of one request. */
export class AuditTrail {
  readonly #values = new Map<string, string[]>();
  readonly #failures: AuditedFailure[] = [];

  /** Several bindings may have something to say under one key; what is said twice is kept once. */
  annotate(key: string, value: string): void {
    const values = this.#values.get(key) ?? [];
    if (!values.includes(value)) this.#values.set(key, [...values, value]);
  }

  noteFailure(failure: AuditedFailure): void {
    this.#failures.push(failure);
  }

  recordIn(log: AuditLog, request: AdmissionRequest): void {
    const failures = this.#failures.map(({ message, policy, binding, expressionIndex }) => ({
      message,
      policy,
      binding: binding.name,
      expressionIndex,
      validationActions: binding.actions,
    }));
    const annotations = Object.fromEntries([...this.#values].map(([key, values]) => [key, values.join(', ')]));
    if (failures.length > 0) annotations[FAILURES] = JSON.stringify(failures);
    if (Object.keys(annotations).length === 0) return;
    const { user, operation, resource, subresource, namespace } = request;
    log.record({
      user: user.username,
      operation,
      group: resource.group,
      resource: resource.plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      name: subjectName(request),
      annotations,
    });
  }
}
