import { z } from 'zod';
import { int64, listMap } from './schema-annotations.js';

/**
 * The list of conditions of a status, one per type.
 * {@link https://github.com/kubernetes/apimachinery/blob/v0.34.0/pkg/apis/meta/v1/types.go | metav1.Condition} has the same bounds.
 */
export function conditions() {
  const condition = z.object({
    type: z
      .string()
      .max(316)
      .regex(
        /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
      )
      .describe('What is judged.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('The verdict.'),
    observedGeneration: int64().min(0).optional().describe('The generation of the spec that was judged.'),
    lastTransitionTime: z.iso.datetime({ offset: true }).describe('When the status last changed.'),
    reason: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .describe('Why, in one word for programs.'),
    message: z.string().max(32768).describe('Why, in words for people.'),
  });
  return listMap(z.array(condition), ['type']).describe('What is known about this object, one entry a type.');
}
