import { conditions, int32, int64 } from '@trueup/core';
import { z } from 'zod';
import { auditSchema } from './audit.js';
import { authzConfigSchema } from './authorization.js';
import {
  authServerRefSchema,
  authzConfigRefSchema,
  externalAuthConfigRefSchema,
  groupRefSchema,
  oidcConfigRefSchema,
  telemetryConfigRefSchema,
  toolConfigRefSchema,
} from './references.js';
import { resourceOverridesSchema } from './resource-overrides.js';
import { resourcesSchema } from './resources.js';
import { sessionStorageSchema } from './session-storage.js';

/** The spec fields of every kind that has a proxy of its own. */
export const proxySpecFields = {
  proxyPort: int32().min(1).max(65535).default(8080).describe('Port of the proxy and of its Service.'),
  resources: resourcesSchema.optional().describe('Resources of the proxy container.'),
  replicas: int32()
    .min(0)
    .optional()
    .describe('How many proxies run; left to others, like an autoscaler, when absent.'),
  sessionAffinity: z.enum(['ClientIP', 'None']).default('ClientIP').describe('Whether a client stays with one proxy.'),
  sessionStorage: sessionStorageSchema.optional().describe('Where sessions are kept, so that replicas can share them.'),
  endpointPrefix: z.string().optional().describe('Path put before the endpoints that SSE clients are told.'),
  trustProxyHeaders: z.boolean().default(false).describe('Believes X-Forwarded headers of requests.'),
  resourceOverrides: resourceOverridesSchema.optional().describe('Additions to the objects made for this workload.'),
  audit: auditSchema.optional().describe('Audit log of requests.'),
  groupRef: groupRefSchema.optional().describe('The MCPGroup this workload belongs to.'),
  authServerRef: authServerRefSchema
    .optional()
    .describe('MCPExternalAuthConfig whose embedded authorization server runs in the proxy.'),
  externalAuthConfigRef: externalAuthConfigRefSchema
    .optional()
    .describe('MCPExternalAuthConfig by which the proxy authenticates to the server behind it.'),
  oidcConfigRef: oidcConfigRefSchema
    .optional()
    .describe('MCPOIDCConfig by which callers are authenticated; anyone may call when nothing does.'),
  authzConfig: authzConfigSchema.optional().describe('Who may do what.'),
  authzConfigRef: authzConfigRefSchema.optional().describe('MCPAuthzConfig that says who may do what.'),
  toolConfigRef: toolConfigRefSchema.optional().describe('MCPToolConfig that filters and renames tools.'),
  telemetryConfigRef: telemetryConfigRefSchema.optional().describe('MCPTelemetryConfig for traces and metrics.'),
};
export type ProxySpec = z.output<z.ZodObject<typeof proxySpecFields>>;

/** The rule over these fields. */
export const oneAuthzSource = {
  rule: '!(has(self.authzConfig) && has(self.authzConfigRef))',
  message:
    'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
};

const hash = z.string().optional();

/** The status fields of these kinds, but for the phase, which each has its own words for. */
export const proxyStatusFields = {
  message: z.string().optional().describe('Where this workload stands, in words.'),
  url: z.string().optional().describe('Where clients in the cluster reach this workload.'),
  observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
  conditions: conditions().optional(),
  authServerConfigHash: hash.describe('Hash of the MCPExternalAuthConfig behind authServerRef.'),
  authzConfigHash: hash.describe('Hash of the MCPAuthzConfig in use.'),
  externalAuthConfigHash: hash.describe('Hash of the MCPExternalAuthConfig behind externalAuthConfigRef.'),
  oidcConfigHash: hash.describe('Hash of the MCPOIDCConfig in use.'),
  telemetryConfigHash: hash.describe('Hash of the MCPTelemetryConfig in use.'),
  toolConfigHash: hash.describe('Hash of the MCPToolConfig in use.'),
};
export type ProxyStatus = z.output<z.ZodObject<typeof proxyStatusFields>>;
