import { z } from 'zod';

/** Whether a proxy writes an audit log. */
export const auditSchema = z.object({ enabled: z.boolean().default(false).describe('Writes an audit log.') });
