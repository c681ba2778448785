import { int32, rule } from '@trueup/core';
import { z } from 'zod';
import { secretKeyRefSchema } from './secret-key-ref.js';

/** Where sessions are kept, so that replicas can share them. */
export const sessionStorageSchema = rule(
  z.object({
    provider: z.enum(['memory', 'redis']).describe('Memory is not shared between replicas.'),
    address: z.string().min(1).optional().describe('Address of Redis, host:port.'),
    db: int32().min(0).default(0).describe('Number of the Redis database.'),
    keyPrefix: z.string().optional().describe('Begins every key, so that one Redis can serve several workloads.'),
    passwordRef: secretKeyRefSchema.optional().describe('Where the password of Redis is kept.'),
  }),
  { rule: "self.provider == 'redis' ? has(self.address) : true", message: 'address is required' },
);
