import { int32 } from '@trueup/core';
import { z } from 'zod';

/** Where a server that runs without an operator keeps its sessions. */
export const configSessionStorage = z.object({
  provider: z.enum(['memory', 'redis']).describe('Memory is not shared between replicas.'),
  address: z.string().optional().describe('Address of Redis, host:port.'),
  db: int32().min(0).default(0).describe('Number of the Redis database.'),
  keyPrefix: z.string().optional().describe('Begins every key.'),
});
