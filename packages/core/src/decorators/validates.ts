import type { KubernetesObject } from '@trueup/kube';
import type { KindOf } from '../kind/kind.js';
import type { ValidationAnswer } from '../webhooks/admission-answer.js';
import type { AdmissionRequest } from '../webhooks/admission-request.js';
import type { ValidatesOptions } from '../webhooks/webhook-options.js';
import { recordWebhook } from './record-webhook.js';

type Validator<T extends KubernetesObject> = (
  object: T,
  request: AdmissionRequest<T>,
) => ValidationAnswer | Promise<ValidationAnswer>;

/**
 * Declares that a method judges writes of a kind before they are stored, as a validating admission webhook. Of any kind, not
 * only the one that the class reconciles; in a class that is among the `reconcilers` or `webhooks` of a module.
 *
 * It gets the object as it would be stored, or for a DELETE as it is, frozen. It returns the problems of fields (the
 * client gets 422, with each field), a `deny(…)` (403), or nothing. A {@link SpecError} counts as a problem; any other
 * exception is a failure of the webhook, and `failurePolicy` decides.
 *
 * Say in the kind's schema what can be said there: that is checked even while the operator is away.
 *
 * @example
 * ```ts
 * @Validates(Website)
 * addressStays({ spec }: Website, { old }: AdmissionRequest<Website>) {
 *   if (old !== undefined && old.spec.host !== spec.host) return [fieldError.forbidden('spec.host', 'it cannot change')];
 * }
 * ```
 */
export function Validates<T extends KubernetesObject>(kind: KindOf<T>, options: ValidatesOptions = {}) {
  return <M extends Validator<T>>(prototype: object, method: string, _: TypedPropertyDescriptor<M>): void =>
    recordWebhook('Validates', prototype, { type: 'validating', kind, method, options });
}
