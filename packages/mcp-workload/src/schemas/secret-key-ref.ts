import { z } from 'zod';

/** One key of a Secret in the namespace of the workload. */
export const secretKeyRefSchema = z.object({
  name: z.string().describe('Name of the Secret.'),
  key: z.string().describe('Key within the Secret.'),
});
