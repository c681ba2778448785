import type { ConfigRef, Context, Problem } from '@trueup/core';
import { formatName } from '@trueup/kube';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { MCPRemoteProxy } from '../resource.js';
import { upstreamCount } from './auth-server-problem.js';
import { authServerRef } from './auth-server-ref.js';
import { authzConfigRef } from './authz-config-ref.js';
import { externalAuthRef } from './external-auth-ref.js';
import { oidcConfigRef } from './oidc-config-ref.js';

/** What the summary of a proxy says about a problem: what the condition says that shows it, or more. */
export function problemSummary({ message, reference }: Problem, proxy: MCPRemoteProxy, ctx: Context): string {
  if (reference?.resolved.state !== 'unusable') return message;
  const { name, cause } = reference.resolved;
  switch (reference.ref.condition) {
    case externalAuthRef.condition:
      return externalAuthSummary(externalAuthRef, { message, proxy, ctx, advice: '' });
    case authServerRef.condition:
      return externalAuthSummary(authServerRef, { message, proxy, ctx, advice: '; use VirtualMCPServer' });
    case authzConfigRef.condition:
      return cause === 'invalid'
        ? `MCPAuthzConfig ${formatName({ ...proxy.metadata, name })} is not valid (condition "Valid" is not True)`
        : withoutLead(message);
    case oidcConfigRef.condition:
      return withoutLead(message);
    default:
      return message;
  }
}

/** The condition says twice that a config is not there, the summary once. */
const withoutLead = (message: string) => message.replace(/^.*? not found: (?=failed to get )/, '');

function externalAuthSummary(
  ref: ConfigRef<MCPRemoteProxy, MCPExternalAuthConfig>,
  told: { readonly message: string; readonly proxy: MCPRemoteProxy; readonly ctx: Context; readonly advice: string },
): string {
  const { message, proxy, ctx, advice } = told;
  const resolved = ctx.reference(ref);
  if (resolved.state !== 'unusable' || resolved.verdict === undefined) return message;
  const { reason } = resolved.verdict;
  if (resolved.cause === 'invalid') {
    const place = formatName({ ...proxy.metadata, name: resolved.name });
    return `MCPExternalAuthConfig ${place}: invalid (${reason}): ${message}`;
  }
  // A source may give any reason; these are ours only when we refused.
  if (resolved.cause !== 'notAccepted' || resolved.config === undefined) return message;
  switch (reason) {
    case 'MultiUpstreamNotSupported':
      return `MCPRemoteProxy ${formatName(proxy.metadata)}: embedded auth server has ${upstreamCount(resolved.config)} upstream providers, but only 1 is supported${advice}`;
    case 'InvalidConfig':
    case 'AuthServerRefInvalidConfig':
      return `Failed to build configuration: ${message}`;
    default:
      return message;
  }
}
