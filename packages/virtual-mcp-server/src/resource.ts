import {
  ageColumn,
  atomic,
  column,
  conditionColumn,
  conditions,
  defineKind,
  int32,
  int64,
  listMap,
  rawObject,
  rule,
  type ObjectOf,
} from '@trueup/core';
import { embeddedAuthServerSchema } from '@trueup/mcp-auth-server';
import { groupRefSchema, sessionStorageSchema, telemetryConfigRefSchema } from '@trueup/mcp-workload';
import { z } from 'zod';
import { configSchema } from './schemas/config/config.js';
import { discoveredBackendSchema } from './schemas/discovered-backend.js';
import { incomingAuthSchema } from './schemas/incoming-auth.js';
import { outgoingAuthSchema } from './schemas/outgoing-auth.js';

const pullSecret = atomic(z.object({ name: z.string().default('').describe('Name of the Secret.') }));

const spec = rule(
  z.object({
    groupRef: groupRefSchema.describe('The MCPGroup whose members are the backends.'),
    incomingAuth: incomingAuthSchema.describe('How clients authenticate, and what they may do.'),
    outgoingAuth: outgoingAuthSchema.optional().describe('How the server authenticates to its backends.'),
    authServerConfig: embeddedAuthServerSchema
      .optional()
      .describe('Runs an OAuth 2.0 authorization server in the server, with any number of upstream providers.'),
    passthroughHeaders: z
      .array(z.string())
      .optional()
      .describe('Headers of clients that every backend gets as they are.'),
    config: configSchema.optional().describe('Everything else there is to configure.'),
    telemetryConfigRef: telemetryConfigRefSchema.optional().describe('MCPTelemetryConfig for traces and metrics.'),
    embeddingServerRef: z
      .object({ name: z.string().describe('Name of the object, in the same namespace.') })
      .optional()
      .describe('EmbeddingServer for the search over tools, which it turns on.'),
    sessionStorage: sessionStorageSchema
      .optional()
      .describe('Where sessions are kept, so that replicas can share them.'),
    replicas: int32().min(0).optional().describe('How many pods run; left to others, like an autoscaler, when absent.'),
    serviceType: z
      .enum(['ClusterIP', 'NodePort', 'LoadBalancer'])
      .default('ClusterIP')
      .describe('Type of the Service.'),
    sessionAffinity: z.enum(['ClientIP', 'None']).default('ClientIP').describe('Whether a client stays with one pod.'),
    serviceAccount: z
      .string()
      .optional()
      .describe('Existing service account to run as; one is made, with its permissions, when absent.'),
    imagePullSecrets: z.array(pullSecret).optional().describe('Pull secrets of the pods.'),
    podTemplateSpec: rawObject()
      .optional()
      .describe('Pod template laid over that of the server, whose container is called `vmcp`.'),
  }),
  {
    rule: "!has(self.config) || !has(self.config.rateLimiting) || (has(self.sessionStorage) && self.sessionStorage.provider == 'redis')",
    message: "config.rateLimiting requires sessionStorage with provider 'redis'",
  },
  {
    rule: "!(has(self.config) && has(self.config.rateLimiting) && has(self.config.rateLimiting.perUser)) || (has(self.incomingAuth) && self.incomingAuth.type == 'oidc')",
    message: 'config.rateLimiting.perUser requires incomingAuth.type oidc',
  },
  {
    rule: "!has(self.config) || !has(self.config.rateLimiting) || !has(self.config.rateLimiting.tools) || self.config.rateLimiting.tools.all(t, !has(t.perUser)) || (has(self.incomingAuth) && self.incomingAuth.type == 'oidc')",
    message: 'per-tool perUser rate limiting requires incomingAuth.type oidc',
  },
  {
    rule: "!(has(self.embeddingServerRef) && has(self.config) && has(self.config.optimizer) && has(self.config.optimizer.embeddingProvider) && self.config.optimizer.embeddingProvider == 'openai')",
    message:
      "embeddingServerRef provisions a managed TEI server and cannot be combined with optimizer.embeddingProvider 'openai'; openai mode uses embeddingService directly",
  },
);

const hash = z.string().optional();

const status = z.object({
  phase: z
    .enum(['Pending', 'Ready', 'Degraded', 'Failed'])
    .default('Pending')
    .describe('Where this server stands, in a word.'),
  message: z.string().optional().describe('The same in words.'),
  url: z.string().optional().describe('Where clients in the cluster reach this server.'),
  backendCount: int32().optional().describe('How many backends calls can go to.'),
  discoveredBackends: listMap(z.array(discoveredBackendSchema), ['name'])
    .optional()
    .describe('The backends as the running server sees them.'),
  observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
  conditions: conditions().optional(),
  authzConfigHash: hash.describe('Hash of the MCPAuthzConfig in use.'),
  oidcConfigHash: hash.describe('Hash of the MCPOIDCConfig in use.'),
  telemetryConfigHash: hash.describe('Hash of the MCPTelemetryConfig in use.'),
});

/** Many MCP servers behind one: what a group's members offer, under one endpoint. */
export const VirtualMCPServer = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'VirtualMCPServer',
  shortNames: ['vmcp', 'virtualmcp'],
  categories: ['toolhive'],
  description:
    'One MCP server that stands for all members of a group: their tools, resources and prompts in one place.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec,
  status,
  columns: [
    column('Phase', '.status.phase', { description: 'The phase of the VirtualMCPServer' }),
    column('URL', '.status.url', { description: 'Virtual MCP server URL' }),
    column('Backends', '.status.backendCount', { type: 'integer', description: 'Discovered backends count' }),
    ageColumn(),
    conditionColumn('Ready'),
  ],
});
export type VirtualMCPServer = ObjectOf<typeof VirtualMCPServer>;
