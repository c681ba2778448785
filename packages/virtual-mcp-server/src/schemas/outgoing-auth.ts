import { externalAuthConfigRefSchema } from '@trueup/mcp-workload';
import { z } from 'zod';

const backendAuth = z.object({
  type: z
    .enum(['discovered', 'externalAuthConfigRef'])
    .describe("Takes the backend's own credentials, or those of the MCPExternalAuthConfig named here."),
  externalAuthConfigRef: externalAuthConfigRefSchema
    .optional()
    .describe('MCPExternalAuthConfig to use; needed by type `externalAuthConfigRef`.'),
});

/** How the server authenticates to its backends. */
export const outgoingAuthSchema = z.object({
  source: z
    .enum(['discovered', 'inline'])
    .default('discovered')
    .describe('Whether backends and their credentials are found in the group at run time, or written out beforehand.'),
  default: backendAuth.optional().describe('For backends without credentials of their own.'),
  backends: z
    .record(z.string(), backendAuth)
    .optional()
    .describe('By name of the backend; takes the place of what the backend brings.'),
});
