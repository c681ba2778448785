import {
  ageColumn,
  column,
  conditionColumn,
  conditions,
  defineKind,
  int32,
  int64,
  rawObject,
  rule,
  type ObjectOf,
} from '@trueup/core';
import {
  auditSchema,
  authServerRefSchema,
  authzConfigRefSchema,
  authzConfigSchema,
  externalAuthConfigRefSchema,
  groupRefSchema,
  headerForwardSchema,
  oidcConfigRefSchema,
  resourceOverridesSchema,
  resourcesSchema,
  sessionStorageSchema,
  telemetryConfigRefSchema,
  toolConfigRefSchema,
} from '@trueup/mcp-workload';
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
    proxyPort: int32().min(1).max(65535).default(8080).describe('Port of the proxy and of its Service.'),
    headerForward: headerForwardSchema.optional().describe('Headers put into requests to the remote server.'),
    resources: resourcesSchema.optional().describe('Resources of the proxy.'),
    podTemplateSpec: rawObject()
      .optional()
      .describe('Pod template laid over that of the proxy, whose container is called `toolhive`.'),
    serviceAccount: z.string().optional().describe('Existing service account of the proxy; one is made when absent.'),
    replicas: int32()
      .min(0)
      .optional()
      .describe('How many proxies run; left to others, like an autoscaler, when absent.'),
    sessionAffinity: z
      .enum(['ClientIP', 'None'])
      .default('ClientIP')
      .describe('Whether a client stays with one proxy.'),
    sessionStorage: sessionStorageSchema
      .optional()
      .describe('Where sessions are kept, so that replicas can share them.'),
    endpointPrefix: z.string().optional().describe('Path put before the endpoints that SSE clients are told.'),
    trustProxyHeaders: z.boolean().default(false).describe('Believes X-Forwarded headers of requests.'),
    resourceOverrides: resourceOverridesSchema.optional().describe('Additions to the objects made for this proxy.'),
    audit: auditSchema.optional().describe('Audit log of requests.'),
    groupRef: groupRefSchema.optional().describe('The MCPGroup this proxy belongs to.'),
    authServerRef: authServerRefSchema
      .optional()
      .describe('MCPExternalAuthConfig whose embedded authorization server runs in the proxy.'),
    externalAuthConfigRef: externalAuthConfigRefSchema
      .optional()
      .describe('MCPExternalAuthConfig by which the proxy authenticates to the remote server.'),
    oidcConfigRef: oidcConfigRefSchema
      .optional()
      .describe('MCPOIDCConfig by which callers are authenticated; anyone may call when nothing does.'),
    authzConfig: authzConfigSchema.optional().describe('Who may do what.'),
    authzConfigRef: authzConfigRefSchema.optional().describe('MCPAuthzConfig that says who may do what.'),
    toolConfigRef: toolConfigRefSchema.optional().describe('MCPToolConfig that filters and renames tools.'),
    telemetryConfigRef: telemetryConfigRefSchema.optional().describe('MCPTelemetryConfig for traces and metrics.'),
  }),
  {
    rule: '!(has(self.authzConfig) && has(self.authzConfigRef))',
    message:
      'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
  },
);

const hash = z.string().optional();

const status = z.object({
  phase: z
    .enum(['Pending', 'Ready', 'Failed', 'Terminating'])
    .optional()
    .describe('Where this proxy stands, in a word.'),
  message: z.string().optional().describe('The same in words.'),
  url: z.string().optional().describe('Where clients in the cluster reach this proxy.'),
  externalUrl: z.string().optional().describe('Where clients outside the cluster reach this proxy; not written yet.'),
  observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
  conditions: conditions().optional(),
  authServerConfigHash: hash.describe('Hash of the MCPExternalAuthConfig behind authServerRef.'),
  authzConfigHash: hash.describe('Hash of the MCPAuthzConfig in use.'),
  externalAuthConfigHash: hash.describe('Hash of the MCPExternalAuthConfig behind externalAuthConfigRef.'),
  oidcConfigHash: hash.describe('Hash of the MCPOIDCConfig in use.'),
  telemetryConfigHash: hash.describe('Hash of the MCPTelemetryConfig in use.'),
  toolConfigHash: hash.describe('Hash of the MCPToolConfig in use.'),
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
