import type { KubernetesObject } from '@trueup/kube';
import type { KindOf } from '../kind/kind.js';
import type { MutationAnswer } from '../webhooks/admission-answer.js';
import type { AdmissionRequest } from '../webhooks/admission-request.js';
import type { MutatesOptions } from '../webhooks/webhook-options.js';
import { recordWebhook } from './record-webhook.js';

type Mutator<T extends KubernetesObject> = (
  object: T,
  request: AdmissionRequest<T>,
) => MutationAnswer<T> | Promise<MutationAnswer<T>>;

/**
 * Declares that a method changes objects of a kind before they are judged and stored, as a mutating admission webhook: fills in
 * what a schema's defaults cannot say, or adds to objects of others.
 *
 * It gets the object, frozen, and returns the one that should be instead; the JSON patch is made of the difference. It
 * must come to the same when it is asked twice. What it may refuse with is that of `@Validates`.
 *
 * @example
 * ```ts
 * @Mutates(Website)
 * hostFromName(website: Website) {
 *   const { name } = website.metadata;
 *   return { ...website, spec: { ...website.spec, host: website.spec.host ?? `${name}.example.com` } };
 * }
 * ```
 */
export function Mutates<T extends KubernetesObject>(kind: KindOf<T>, options: MutatesOptions = {}) {
  return <M extends Mutator<T>>(prototype: object, method: string, _: TypedPropertyDescriptor<M>): void =>
    recordWebhook('Mutates', prototype, { type: 'mutating', kind, method, options });
}
