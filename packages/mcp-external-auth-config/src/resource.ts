import { ageColumn, column, conditionColumn, defineKind, rule, sharedConfigStatus, type ObjectOf } from '@trueup/core';
import { embeddedAuthServerSchema } from '@trueup/mcp-auth-server';
import { z } from 'zod';
import {
  awsSts,
  bearerToken,
  headerInjection,
  obo,
  tokenExchange,
  upstreamInject,
  xaa,
} from './outgoing-auth-schemas.js';

const TYPES = [
  'tokenExchange',
  'headerInjection',
  'bearerToken',
  'unauthenticated',
  'embeddedAuthServer',
  'awsSts',
  'upstreamInject',
  'obo',
  'xaa',
] as const;

const fields = z.object({
  type: z.enum(TYPES).describe('How requests are authenticated; the member of the same name holds the settings.'),
  tokenExchange: tokenExchange
    .optional()
    .describe("Exchanges the caller's token for one that the backend accepts (RFC 8693)."),
  headerInjection: headerInjection.optional().describe('Adds one header with a fixed value.'),
  bearerToken: bearerToken.optional().describe('Sends a fixed bearer token to a remote server.'),
  embeddedAuthServer: embeddedAuthServerSchema
    .optional()
    .describe('Runs an OAuth 2.0 authorization server in the proxy.'),
  awsSts: awsSts.optional().describe("Trades the caller's token for AWS credentials and signs requests with them."),
  upstreamInject: upstreamInject.optional().describe('Sends the access token of an upstream provider to the backend.'),
  obo: obo.optional().describe('Acts on behalf of the caller in Microsoft Entra; needs a build with a handler for it.'),
  xaa: xaa
    .optional()
    .describe('Reaches an application of another domain by an identity assertion (cross-application access).'),
});

/** The types that have settings of their own, each in the member of its name. */
const MEMBERS = TYPES.filter((type) => type !== 'unauthenticated');

const RULES = [
  ...MEMBERS.map((member) => ({
    rule: `self.type == '${member}' ? has(self.${member}) : !has(self.${member})`,
    message: `${member} configuration must be set if and only if type is '${member}'`,
  })),
  {
    rule: `self.type == 'unauthenticated' ? (${MEMBERS.map((member) => `!has(self.${member})`).join(' && ')}) : true`,
    message: "no configuration must be set when type is 'unauthenticated'",
  },
];

/** How workloads authenticate to what they call, or let callers authenticate to them. */
export const MCPExternalAuthConfig = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPExternalAuthConfig',
  shortNames: ['extauth', 'mcpextauth'],
  categories: ['toolhive'],
  description: 'Authentication towards external services, shared by the workloads that refer to it.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: rule(fields, ...RULES),
  status: sharedConfigStatus(),
  columns: [
    column('Type', '.spec.type'),
    conditionColumn('Valid'),
    column('References', '.status.referenceCount', { type: 'integer' }),
    ageColumn(),
  ],
});
export type MCPExternalAuthConfig = ObjectOf<typeof MCPExternalAuthConfig>;
