import { listMap } from '@trueup/core';
import { z } from 'zod';
import { secretKeyRefSchema } from './secret-key-ref.js';

/** Headers put into every request to a remote server. */
export const headerForwardSchema = z.object({
  addPlaintextHeaders: z
    .record(z.string(), z.string())
    .optional()
    .describe('Headers and their values; not for anything secret.'),
  addHeadersFromSecret: listMap(
    z.array(
      z.object({
        headerName: z.string().min(1).max(255).describe('Name of the header.'),
        valueSecretRef: secretKeyRefSchema.describe('Where its value is kept.'),
      }),
    ),
    ['headerName'],
  )
    .optional()
    .describe('Headers whose values are kept in Secrets.'),
});
export type HeaderForward = z.output<typeof headerForwardSchema>;
