import { z } from 'zod';

const quantities = z.object({
  cpu: z.string().optional().describe('Processor, like 500m.'),
  memory: z.string().optional().describe('Memory, like 128Mi.'),
});

/** Processor and memory of a container. */
export const resourcesSchema = z.object({
  limits: quantities.optional().describe('The most it may use.'),
  requests: quantities.optional().describe('What is set aside for it.'),
});
