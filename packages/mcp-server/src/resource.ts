import {
  ageColumn,
  column,
  conditionColumn,
  conditions,
  defineKind,
  int32,
  int64,
  listMap,
  rawObject,
  required,
  rule,
  type ObjectOf,
} from '@trueup/core';
import {
  auditSchema,
  authServerRefSchema,
  authzConfigRefSchema,
  authzConfigSchema,
  environmentSchema,
  externalAuthConfigRefSchema,
  groupRefSchema,
  oidcConfigRefSchema,
  rateLimitingSchema,
  resourceOverridesSchema,
  resourcesSchema,
  sessionStorageSchema,
  telemetryConfigRefSchema,
  toolConfigRefSchema,
  webhookConfigRefSchema,
} from '@trueup/mcp-workload';
import { z } from 'zod';

const port = int32().min(1).max(65535);

const secret = z.object({
  name: z.string().describe('Name of the Secret.'),
  key: z.string().describe('Key within the Secret.'),
  targetEnvName: z
    .string()
    .optional()
    .describe('Environment variable that gets the value; named like the key when absent.'),
});

const volume = z.object({
  name: z.string().describe('Name of the volume.'),
  hostPath: z.string().describe('Path on the node.'),
  mountPath: z.string().describe('Path in the container.'),
  readOnly: z.boolean().default(false).describe('Mounts it for reading only.'),
});

const permissionProfile = z.object({
  type: required(z.enum(['builtin', 'configmap']).default('builtin')).describe('Where the profile is.'),
  name: z.string().describe('`none` or `network` for a built-in profile, otherwise the ConfigMap.'),
  key: z.string().optional().describe('Key within the ConfigMap.'),
});

const spec = rule(
  z.object({
    image: z.string().describe('Image of the MCP server.'),
    transport: z
      .enum(['stdio', 'streamable-http', 'sse'])
      .default('stdio')
      .describe('What the MCP server speaks to the proxy.'),
    proxyMode: z
      .enum(['sse', 'streamable-http'])
      .default('streamable-http')
      .describe('What the proxy speaks to clients of a stdio server; other servers are passed through.'),
    proxyPort: port.default(8080).describe('Port of the proxy and of its Service.'),
    mcpPort: port.optional().describe('Port the MCP server listens on; 8080 when absent.'),
    args: z.array(z.string()).optional().describe('Arguments of the MCP server.'),
    env: environmentSchema.optional().describe('Environment of the MCP server.'),
    secrets: listMap(z.array(secret), ['name'])
      .optional()
      .describe('Keys of Secrets in the environment of the MCP server, one key a Secret.'),
    volumes: listMap(z.array(volume), ['name']).optional().describe('Directories of the node to mount.'),
    resources: resourcesSchema
      .optional()
      .describe('Resources of the proxy; those of the MCP server are set in the pod template.'),
    podTemplateSpec: rawObject()
      .optional()
      .describe('Pod template laid over that of the MCP server, whose container is called `mcp`.'),
    permissionProfile: permissionProfile.optional().describe('What the MCP server is permitted to reach.'),
    serviceAccount: z
      .string()
      .optional()
      .describe('Existing service account of the MCP server; one is made when absent.'),
    replicas: int32()
      .min(0)
      .optional()
      .describe('How many proxies run; left to others, like an autoscaler, when absent.'),
    backendReplicas: int32().min(0).optional().describe('How many MCP servers run; left to others when absent.'),
    sessionAffinity: z
      .enum(['ClientIP', 'None'])
      .default('ClientIP')
      .describe('Whether a client stays with one proxy.'),
    sessionStorage: sessionStorageSchema
      .optional()
      .describe('Where sessions are kept, so that replicas can share them.'),
    rateLimiting: rateLimitingSchema.optional().describe('How many calls are let through.'),
    endpointPrefix: z.string().optional().describe('Path put before the endpoints that SSE clients are told.'),
    trustProxyHeaders: z.boolean().default(false).describe('Believes X-Forwarded headers of requests.'),
    resourceOverrides: resourceOverridesSchema.optional().describe('Additions to the objects made for this server.'),
    audit: auditSchema.optional().describe('Audit log of requests.'),
    groupRef: groupRefSchema.optional().describe('The MCPGroup this server belongs to.'),
    authServerRef: authServerRefSchema
      .optional()
      .describe('MCPExternalAuthConfig whose embedded authorization server runs in the proxy.'),
    externalAuthConfigRef: externalAuthConfigRefSchema
      .optional()
      .describe('MCPExternalAuthConfig by which the proxy authenticates to the backend.'),
    oidcConfigRef: oidcConfigRefSchema
      .optional()
      .describe('MCPOIDCConfig by which callers are authenticated; anyone may call when nothing does.'),
    authzConfig: authzConfigSchema.optional().describe('Who may do what.'),
    authzConfigRef: authzConfigRefSchema.optional().describe('MCPAuthzConfig that says who may do what.'),
    toolConfigRef: toolConfigRefSchema.optional().describe('MCPToolConfig that filters and renames tools.'),
    telemetryConfigRef: telemetryConfigRefSchema.optional().describe('MCPTelemetryConfig for traces and metrics.'),
    webhookConfigRef: webhookConfigRefSchema.optional().describe('MCPWebhookConfig whose webhooks see the requests.'),
  }),
  {
    rule: '!(has(self.authzConfig) && has(self.authzConfigRef))',
    message:
      'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
  },
  {
    rule: "!has(self.rateLimiting) || (has(self.sessionStorage) && self.sessionStorage.provider == 'redis')",
    message: "rateLimiting requires sessionStorage with provider 'redis'",
  },
  {
    rule: '!(has(self.rateLimiting) && has(self.rateLimiting.perUser)) || has(self.oidcConfigRef) || has(self.externalAuthConfigRef)',
    message: 'rateLimiting.perUser requires authentication (oidcConfigRef or externalAuthConfigRef)',
  },
  {
    rule: '!has(self.rateLimiting) || !has(self.rateLimiting.tools) || self.rateLimiting.tools.all(t, !has(t.perUser)) || has(self.oidcConfigRef) || has(self.externalAuthConfigRef)',
    message: 'per-tool perUser rate limiting requires authentication (oidcConfigRef or externalAuthConfigRef)',
  },
);

const hash = z.string().optional();

const status = z.object({
  phase: z
    .enum(['Pending', 'Ready', 'Failed', 'Terminating', 'Stopped'])
    .optional()
    .describe('Where this server stands, in a word.'),
  message: z.string().optional().describe('The same in words.'),
  url: z.string().optional().describe('Where clients in the cluster reach this server.'),
  readyReplicas: int32().optional().describe('How many proxies are ready.'),
  observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
  conditions: conditions().optional(),
  authServerConfigHash: hash.describe('Hash of the MCPExternalAuthConfig behind authServerRef.'),
  authzConfigHash: hash.describe('Hash of the MCPAuthzConfig in use.'),
  externalAuthConfigHash: hash.describe('Hash of the MCPExternalAuthConfig behind externalAuthConfigRef.'),
  oidcConfigHash: hash.describe('Hash of the MCPOIDCConfig in use.'),
  telemetryConfigHash: hash.describe('Hash of the MCPTelemetryConfig in use.'),
  toolConfigHash: hash.describe('Hash of the MCPToolConfig in use.'),
  webhookConfigHash: hash.describe('Hash of the MCPWebhookConfig in use.'),
});

/** An MCP server in a container of its own, behind a proxy. */
export const MCPServer = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPServer',
  shortNames: ['mcpserver', 'mcpservers'],
  categories: ['toolhive'],
  description: 'An MCP server that runs in the cluster, behind a proxy that authenticates, authorizes and observes.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec,
  status,
  columns: [
    column('Status', '.status.phase'),
    conditionColumn('Ready'),
    column('Replicas', '.status.readyReplicas', { type: 'integer' }),
    column('URL', '.status.url'),
    ageColumn(),
  ],
});
export type MCPServer = ObjectOf<typeof MCPServer>;
