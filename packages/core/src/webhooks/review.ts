import type { KubernetesObject } from '@trueup/kube';
import { z } from 'zod';
import { isObject } from '../formats/json-object.js';

/** What was posted is no review that can be answered. The message goes to whoever posted it, with status 400. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
}

/** An object in a review; what it holds is the business of who reads it. */
export const reviewedObject = z.custom<KubernetesObject>((value) => isObject(value) && isObject(value['metadata']));

/**
 * Reads what was posted.
 *
 * @param name - What it should be, with its article: `an AdmissionReview of admission.k8s.io/v1`.
 * @throws {@link ReviewError} naming the field that is wrong, never what it holds.
 */
export function readReview<Schema extends z.ZodType>(schema: Schema, body: unknown, name: string): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw new ReviewError(`expected ${name}: ${first?.path.join('.') || 'body'}: ${first?.message}`);
}
