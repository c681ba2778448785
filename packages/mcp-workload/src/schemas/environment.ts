import { listMap } from '@trueup/core';
import { z } from 'zod';

/** Environment variables with plain values. */
export const environmentSchema = listMap(
  z.array(
    z.object({
      name: z.string().describe('Name of the variable.'),
      value: z.string().describe('Its value; may be empty.'),
    }),
  ),
  ['name'],
);
