import {
  ageColumn,
  column,
  conditionColumn,
  defineKind,
  int32,
  listMap,
  rawObject,
  required,
  rule,
  type ObjectOf,
} from '@trueup/core';
import {
  environmentSchema,
  oneAuthzSource,
  proxySpecFields,
  proxyStatusFields,
  rateLimitingSchema,
  webhookConfigRefSchema,
} from '@trueup/mcp-workload';
import { z } from 'zod';

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
    mcpPort: int32().min(1).max(65535).optional().describe('Port the MCP server listens on; 8080 when absent.'),
    args: z.array(z.string()).optional().describe('Arguments of the MCP server.'),
    env: environmentSchema.optional().describe('Environment of the MCP server.'),
    secrets: listMap(z.array(secret), ['name'])
      .optional()
      .describe('Keys of Secrets in the environment of the MCP server, one key a Secret.'),
    volumes: listMap(z.array(volume), ['name']).optional().describe('Directories of the node to mount.'),
    podTemplateSpec: rawObject()
      .optional()
      .describe('Pod template laid over that of the MCP server, whose container is called `mcp`.'),
    permissionProfile: permissionProfile.optional().describe('What the MCP server is permitted to reach.'),
    serviceAccount: z
      .string()
      .optional()
      .describe('Existing service account of the MCP server; one is made when absent.'),
    backendReplicas: int32().min(0).optional().describe('How many MCP servers run; left to others when absent.'),
    rateLimiting: rateLimitingSchema.optional().describe('How many calls are let through.'),
    webhookConfigRef: webhookConfigRefSchema.optional().describe('MCPWebhookConfig whose webhooks see the requests.'),
    ...proxySpecFields,
  }),
  oneAuthzSource,
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

const status = z.object({
  phase: z
    .enum(['Pending', 'Ready', 'Failed', 'Terminating', 'Stopped'])
    .optional()
    .describe('Where this server stands, in a word.'),
  readyReplicas: int32().optional().describe('How many proxies are ready.'),
  ...proxyStatusFields,
  webhookConfigHash: z.string().optional().describe('Hash of the MCPWebhookConfig in use.'),
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
