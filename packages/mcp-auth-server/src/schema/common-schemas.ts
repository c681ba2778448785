import { z } from 'zod';

/** One key of a Secret in the namespace of the object that names it. */
export const secretKeyRef = z.object({
  name: z.string().describe('Name of the Secret.'),
  key: z.string().describe('Key within the Secret.'),
});
export type SecretKeyRef = z.output<typeof secretKeyRef>;

/** A span of time as Go writes it: `1h30m`, `500ms`. */
export const goDuration = z.string().regex(/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/);

/** The name by which an upstream provider is known within one authorization server. */
export const providerName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
