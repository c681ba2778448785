import { z } from 'zod';

/** What the running server reports about one of its backends. */
export const discoveredBackendSchema = z.object({
  name: z.string().describe('Name of the backend, which is that of the workload.'),
  url: z.string().optional().describe('Where it is reached.'),
  status: z
    .string()
    .optional()
    .describe('`ready`, `degraded`, `unavailable`, `unknown`, or `unauthenticated` when only users can sign in to it.'),
  authConfigRef: z.string().optional().describe('MCPExternalAuthConfig that was found for it.'),
  authType: z.string().optional().describe('How requests to it are authenticated, like `token_exchange`.'),
  lastHealthCheck: z.iso.datetime().optional().describe('When it was last asked how it is.'),
  message: z.string().optional().describe('What is the matter with it, in general words.'),
  circuitBreakerState: z
    .enum(['closed', 'open', 'half-open'])
    .optional()
    .describe('Whether calls get through to it: `open` keeps them away, `half-open` tries one.'),
  circuitLastChanged: z.iso.datetime().optional().describe('When that changed last.'),
  consecutiveFailures: z.int().optional().describe('How many health checks in a row went wrong.'),
  mcpRevision: z.string().optional().describe('Revision of MCP that was agreed on with it, like 2025-11-25.'),
});
