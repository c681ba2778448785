import { z } from 'zod';
import { isDefinedKind, type KindOf } from './kind.js';

/** Whether the status of a kind has this field. Kinds that were not defined in zod are taken to have it. */
export function declaresStatusField(kind: KindOf, field: string): boolean {
  if (!isDefinedKind(kind)) return true;
  const { status } = kind.definition;
  return status instanceof z.ZodObject && field in status.shape;
}
