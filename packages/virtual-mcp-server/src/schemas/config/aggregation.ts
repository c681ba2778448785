import { toolConfigRefSchema } from '@trueup/mcp-workload';
import { toolAnnotationsSchema } from '@trueup/virtual-mcp-composite-tool-definition';
import { z } from 'zod';

const toolOverride = z.object({
  name: z.string().optional().describe('Name that clients see.'),
  description: z.string().optional().describe('Description that clients see.'),
  annotations: toolAnnotationsSchema.optional().describe('Hints that clients see.'),
});

const workloadTools = z.object({
  workload: z.string().describe('Name of the backend.'),
  toolConfigRef: toolConfigRefSchema
    .optional()
    .describe('MCPToolConfig that filters and renames its tools; what is said here comes first.'),
  filter: z
    .array(z.string())
    .optional()
    .describe('Tools to advertise, by the names they have after renaming; all when absent.'),
  overrides: z.record(z.string(), toolOverride).optional().describe('What to change, by the name the backend uses.'),
  excludeAll: z.boolean().optional().describe('Advertises none of its tools; composite tools can still use them.'),
});

/** How the tools of all backends become one list. */
export const aggregation = z.object({
  conflictResolution: z
    .enum(['prefix', 'priority', 'manual'])
    .default('prefix')
    .describe(
      'What is done about tools of the same name: all get a prefix, the first backend wins, or each is renamed.',
    ),
  conflictResolutionConfig: z
    .object({
      prefixFormat: z.string().default('{workload}_').describe('The prefix; `{workload}` is the name of the backend.'),
      priorityOrder: z.array(z.string()).optional().describe('Backends, the one that wins first.'),
    })
    .optional()
    .describe('Settings of that.'),
  tools: z.array(workloadTools).optional().describe('What is advertised of which backend.'),
  excludeAllTools: z.boolean().optional().describe('Advertises composite tools only.'),
  defaultToolVisibility: z
    .enum(['allow', 'deny'])
    .optional()
    .describe('Whether backends that `tools` does not list are advertised; they are when absent.'),
});
