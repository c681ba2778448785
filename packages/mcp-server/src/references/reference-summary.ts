import { findCondition, type Problem, type ResolvedReference } from '@trueup/core';
import { formatName } from '@trueup/kube';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { MCPServer } from '../resource.js';
import { upstreamCount } from './auth-server-problem.js';
import { BUILD_CONFIGURATION } from '../stages.js';
import { authServerRef } from './auth-server-ref.js';
import { authzConfigRef } from './authz-config-ref.js';
import { externalAuthRef } from './external-auth-ref.js';
import { oidcConfigRef } from './oidc-config-ref.js';
import { toolConfigRef } from './tool-config-ref.js';
import { webhookConfigRef } from './webhook-config-ref.js';

type Unusable = Extract<ResolvedReference, { readonly state: 'unusable' }>;

/** What the summary of a server says about a reference that cannot be used, in the words users know. */
export function referenceSummary(
  { ref, resolved }: NonNullable<Problem['reference']>,
  server: MCPServer,
): string | undefined {
  if (resolved.state !== 'unusable') return undefined;
  return SUMMARIES[ref.condition]?.(resolved, server) ?? resolved.verdict?.message;
}

/** Undefined where the summary says no more than the condition. */
type Summary = (resolved: Unusable, server: MCPServer) => string | undefined;

const SUMMARIES: Readonly<Record<string, Summary>> = {
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

  [authServerRef.condition]: externalAuthSummary,
  [oidcConfigRef.condition]: withoutLead,
  [authzConfigRef.condition]: (resolved, { metadata }) =>
    resolved.cause === 'invalid'
      ? `MCPAuthzConfig ${formatName({ ...metadata, name: resolved.name })} is not valid (condition "Valid" is not True)`
      : withoutLead(resolved),
};

function externalAuthSummary({ cause, name, verdict, config }: Unusable, { metadata }: MCPServer): string | undefined {
  if (verdict === undefined) return undefined;
  const { reason, message } = verdict;
  if (cause === 'invalid')
    return `MCPExternalAuthConfig ${formatName({ ...metadata, name })}: invalid (${reason}): ${message}`;
  if (cause !== 'notAccepted') return undefined;
  switch (reason) {
    case 'MultiUpstreamNotSupported':
      // Both references are to this kind.
      return `MCPServer ${formatName(metadata)}: embedded auth server has ${upstreamCount(config as MCPExternalAuthConfig)} upstream providers, but only 1 is supported; use VirtualMCPServer`;
    case 'InvalidConfig':
    case 'AuthServerRefInvalidConfig':
      return `${BUILD_CONFIGURATION}${message}`;
    default:
      return undefined;
  }
}

/** The condition says twice that a config is not there, the summary once. */
function withoutLead({ cause, verdict }: Unusable): string | undefined {
  return cause === 'notFound' ? verdict?.message.replace(/^.*? not found: /, '') : undefined;
}
