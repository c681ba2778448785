import { verdict, type Verdict } from '@trueup/core';
import type { MCPServer } from './resource.js';

/*
 * References that this operator cannot follow yet. A server that has one would run without what it stands for, without
 * authentication even, so nothing is deployed and the condition of the reference says why.
 */

const UNSERVED = {
  toolConfigRef: { kind: 'MCPToolConfig', reason: 'ToolConfigNotFound' },
  telemetryConfigRef: { kind: 'MCPTelemetryConfig', reason: 'TelemetryConfigRefNotFound' },
  webhookConfigRef: { kind: 'MCPWebhookConfig', reason: 'WebhookConfigNotFound' },
  authServerRef: { kind: 'MCPExternalAuthConfig', reason: 'AuthServerRefInvalidConfig' },
  oidcConfigRef: { kind: 'MCPOIDCConfig', reason: 'OIDCConfigRefNotFound' },
  authzConfigRef: { kind: 'MCPAuthzConfig', reason: 'AuthzConfigRefNotFound' },
} as const;

/** The verdict on such a reference: absent when there is none. */
export function unservedReference({ spec }: MCPServer, field: keyof typeof UNSERVED): Verdict {
  const name = spec[field]?.name;
  if (!name) return verdict.absent;
  const { kind, reason } = UNSERVED[field];
  return verdict.false(
    reason,
    `spec.${field} names ${kind} '${name}', and this operator does not support that reference yet; nothing is deployed`,
  );
}
