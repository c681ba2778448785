import { configRef, findCondition } from '@trueup/core';
import {
  proxyReferences,
  referenceSummaries,
  externalAuthSummary,
  type ProxiedKind,
  type ReferenceSummaries,
} from '@trueup/mcp-workload';
import { MCPWebhookConfig, webhookReferenceWording } from '@trueup/mcp-webhook-config';
import { proxyUrl, serverLabels } from './names.js';
import { MCPServer } from './resource.js';

/* What a server refers to. */

const references = proxyReferences({ from: MCPServer, proxyUrl, unsupportedAuth: ['bearerToken', 'awsSts'] });
export const {
  groupRef,
  toolConfigRef,
  telemetryConfigRef,
  externalAuthRef,
  authServerRef,
  oidcConfigRef,
  authzConfigRef,
} = references;

/** The webhooks that the proxy of a server asks about every request. */
export const webhookConfigRef = configRef({
  from: MCPServer,
  to: MCPWebhookConfig,
  name: ({ spec }) => spec.webhookConfigRef?.name,
  condition: 'WebhookConfigValidated',
  hash: 'webhookConfigHash',
  wording: webhookReferenceWording,
});

/** A server as all kinds with a proxy are. */
export const PROXIED: ProxiedKind<MCPServer> = {
  kind: MCPServer,
  controller: 'mcpserver-controller',
  references,
  proxyUrl,
  labels: serverLabels,
};

/** What the status message says of a reference that cannot be used, in the words users know. */
export const SUMMARIES: ReferenceSummaries<MCPServer> = {
  ...referenceSummaries(PROXIED),

  [toolConfigRef.condition]: ({ cause, name }, { metadata }) =>
    cause === 'notFound' ? `MCPToolConfig ${name} not found in namespace ${metadata.namespace}` : undefined,

  [externalAuthRef.condition]: (resolved, server) =>
    resolved.cause === 'notFound'
      ? `MCPExternalAuthConfig ${resolved.name} not found in namespace ${server.metadata.namespace}`
      : externalAuthSummary(resolved, server),

  [webhookConfigRef.condition]: ({ cause, name, config }) => {
    if (cause === 'notFound') return `MCPWebhookConfig.toolhive.stacklok.dev "${name}" not found`;
    const problem = findCondition(config?.status?.conditions, 'Valid')?.message ?? '';
    return cause === 'invalid' ? `invalid MCPWebhookConfig ${name}: ${problem}` : undefined;
  },
};
