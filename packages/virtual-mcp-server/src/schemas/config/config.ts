import { rateLimitingSchema } from '@trueup/mcp-workload';
import { compositeToolSchema } from '@trueup/virtual-mcp-composite-tool-definition';
import { z } from 'zod';
import { aggregation } from './aggregation.js';
import { audit } from './audit.js';
import { codeMode } from './code-mode.js';
import { configIncomingAuth } from './incoming-auth.js';
import { operational } from './operational.js';
import { optimizer } from './optimizer.js';
import { configOutgoingAuth } from './outgoing-auth.js';
import { configSessionStorage } from './session-storage.js';
import { staticBackend } from './static-backend.js';
import { telemetry } from './telemetry.js';

/**
 * The configuration file of the server, which can also be written by hand for one that runs without an operator. Some of it
 * is replaced by what the spec says elsewhere; fields of later versions are kept.
 */
export const configSchema = z.looseObject({
  name: z.string().optional().describe('Replaced by the name of the resource.'),
  groupRef: z.string().optional().describe('Replaced by `spec.groupRef`.'),
  backends: z.array(staticBackend).optional().describe('Backends that are not found in the group.'),
  incomingAuth: configIncomingAuth.optional().describe('Replaced by `spec.incomingAuth`.'),
  outgoingAuth: configOutgoingAuth.optional().describe('Replaced by `spec.outgoingAuth`.'),
  aggregation: aggregation.optional().describe('How the tools of all backends become one list.'),
  compositeTools: z.array(compositeToolSchema).optional().describe('Workflows offered as tools.'),
  compositeToolRefs: z
    .array(z.object({ name: z.string().describe('Name of the VirtualMCPCompositeToolDefinition.') }))
    .optional()
    .describe('Further workflows, kept in objects of their own.'),
  operational: operational.optional().describe('Timeouts, health checks and logging.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Notes for people; not interpreted.'),
  telemetry: telemetry.optional().describe('Replaced by `spec.telemetryConfigRef`.'),
  audit: audit.optional().describe('Audit log.'),
  optimizer: optimizer.optional().describe('Search over tools; on when present, even empty.'),
  codeMode: codeMode.optional().describe('Scripts that call tools.'),
  sessionStorage: configSessionStorage.optional().describe('Replaced by `spec.sessionStorage`.'),
  rateLimiting: rateLimitingSchema.optional().describe('How many calls are let through; needs Redis.'),
  passthroughHeaders: z
    .array(z.string())
    .optional()
    .describe('Headers of clients that backends get; replaced by `spec.passthroughHeaders` when that is not empty.'),
});
