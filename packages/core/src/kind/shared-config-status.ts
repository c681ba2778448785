import { z } from 'zod';
import { conditions } from './conditions-schema.js';
import { int32, int64, listMap } from './schema-annotations.js';

/**
 * The status of a shared configuration: what the pattern itself writes, and further fields of the kind.
 *
 * @param extra - Fields of the kind's own, by name; those of the pattern cannot be replaced.
 */
export function sharedConfigStatus<Extra extends z.core.$ZodShape = Record<never, never>>(extra?: Extra) {
  return z.object({ ...extra, ...patternFields() });
}

function patternFields() {
  const workload = z.object({
    kind: z.string().min(1).describe('Kind of the workload.'),
    name: z.string().min(1).describe('Name of the workload, in the namespace of this object.'),
  });
  return {
    conditions: conditions().optional(),
    observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
    configHash: z
      .string()
      .optional()
      .describe('Changes when the last valid spec means something else than the one before.'),
    referencingWorkloads: listMap(z.array(workload), ['kind', 'name'])
      .optional()
      .describe('The workloads that use this configuration, the first 100 by kind and name.'),
    referenceCount: int32().optional().describe('How many workloads use this configuration.'),
  };
}
