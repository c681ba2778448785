import { ageColumn, column, conditionColumn, defineKind, rawObject, rule, type ObjectOf } from '@trueup/core';
import { headerForwardSchema, oneAuthzSource, proxySpecFields, proxyStatusFields } from '@trueup/mcp-workload';
import { z } from 'zod';

const spec = rule(
  z.object({
    remoteUrl: z
      .string()
      .regex(/^https?:\/\//)
      .describe('URL of the remote MCP server.'),
    allowPrivateEndpoint: z
      .boolean()
      .default(false)
      .describe('Permits a remote server at a private address or under cluster.local.'),
    transport: z
      .enum(['sse', 'streamable-http'])
      .default('streamable-http')
      .describe('What the remote server speaks, and the proxy to its clients.'),
    headerForward: headerForwardSchema.optional().describe('Headers put into requests to the remote server.'),
    podTemplateSpec: rawObject()
      .optional()
      .describe('Pod template laid over that of the proxy, whose container is called `toolhive`.'),
    serviceAccount: z.string().optional().describe('Existing service account of the proxy; one is made when absent.'),
    ...proxySpecFields,
  }),
  oneAuthzSource,
);

const status = z.object({
  phase: z
    .enum(['Pending', 'Ready', 'Failed', 'Terminating'])
    .optional()
    .describe('Where this proxy stands, in a word.'),
  externalUrl: z.string().optional().describe('Where clients outside the cluster reach this proxy; not written yet.'),
  ...proxyStatusFields,
});

/** A remote MCP server, reached through a proxy in the cluster. */
export const MCPRemoteProxy = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPRemoteProxy',
  plural: 'mcpremoteproxies',
  shortNames: ['rp', 'mcprp'],
  categories: ['toolhive'],
  description: 'A proxy in front of a remote MCP server that authenticates, authorizes and observes.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec,
  status,
  columns: [
    column('Phase', '.status.phase'),
    column('Remote URL', '.spec.remoteUrl'),
    column('URL', '.status.url'),
    conditionColumn('Ready'),
    ageColumn(),
  ],
});
export type MCPRemoteProxy = ObjectOf<typeof MCPRemoteProxy>;
