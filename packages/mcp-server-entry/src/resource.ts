import { ageColumn, atomic, column, conditions, defineKind, int64, type ObjectOf } from '@trueup/core';
import { externalAuthConfigRefSchema, groupRefSchema, headerForwardSchema } from '@trueup/mcp-workload';
import { z } from 'zod';

const caBundleRef = z.object({
  configMapRef: atomic(
    z.object({
      name: z.string().default('').describe('Name of the ConfigMap, in the same namespace.'),
      key: z.string().describe('Key within the ConfigMap.'),
      optional: z.boolean().optional().describe('Not looked at: the ConfigMap and its key must exist.'),
    }),
  )
    .optional()
    .describe('The ConfigMap that holds the certificates, as PEM.'),
});

const spec = z.object({
  remoteUrl: z
    .string()
    .regex(/^https?:\/\//)
    .describe('URL of the remote MCP server.'),
  transport: z.enum(['sse', 'streamable-http']).describe('What the remote server speaks.'),
  groupRef: groupRefSchema.describe('The MCPGroup this entry belongs to.'),
  allowPrivateEndpoint: z
    .boolean()
    .default(false)
    .describe('Permits a remote server at a private address or under cluster.local.'),
  externalAuthConfigRef: externalAuthConfigRefSchema
    .optional()
    .describe('MCPExternalAuthConfig by which requests to the remote server are authenticated.'),
  caBundleRef: caBundleRef.optional().describe('Certificate authorities to trust when talking to the remote server.'),
  headerForward: headerForwardSchema.optional().describe('Headers put into requests to the remote server.'),
});

const status = z.object({
  phase: z.enum(['Valid', 'Pending', 'Failed']).default('Pending').describe('Where this entry stands, in a word.'),
  observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
  conditions: conditions().optional(),
});

/** A remote MCP server that a VirtualMCPServer finds through its group. Nothing runs for it. */
export const MCPServerEntry = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPServerEntry',
  plural: 'mcpserverentries',
  shortNames: ['mcpentry'],
  categories: ['toolhive'],
  description: 'A remote MCP server, declared for the VirtualMCPServers that serve its group.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec,
  status,
  columns: [
    column('Phase', '.status.phase'),
    column('Transport', '.spec.transport'),
    column('Remote URL', '.spec.remoteUrl'),
    column('Group', '.spec.groupRef.name'),
    ageColumn(),
  ],
});
export type MCPServerEntry = ObjectOf<typeof MCPServerEntry>;
