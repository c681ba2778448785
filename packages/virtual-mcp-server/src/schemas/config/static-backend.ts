import { z } from 'zod';

/** A backend that is written out instead of being found in the group. */
export const staticBackend = z.object({
  name: z.string().describe('Name of the backend.'),
  url: z
    .string()
    .regex(/^https?:\/\//)
    .describe('Where it is reached.'),
  transport: z.enum(['sse', 'streamable-http']).describe('What it speaks.'),
  type: z.enum(['entry', '']).optional().describe('`entry` for a server outside of the cluster.'),
  caBundlePath: z.string().optional().describe('File with the certificates to trust; for type `entry` only.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Notes for people; not interpreted.'),
});
