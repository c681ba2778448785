import type { Problem, ResolvedReference } from '@trueup/core';
import { formatName } from '@trueup/kube';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { ProxiedKind, ProxiedWorkload } from '../proxied-workload.js';
import { BUILD_CONFIGURATION } from '../stages.js';
import { upstreamCount } from './embedded-auth-server-problem.js';

type Unusable = Extract<ResolvedReference, { readonly state: 'unusable' }>;

/** What the status message says of a reference that cannot be used; undefined where it says what the condition does. */
export type ReferenceSummary<W extends ProxiedWorkload> = (resolved: Unusable, workload: W) => string | undefined;

/** By the condition of the reference. */
export type ReferenceSummaries<W extends ProxiedWorkload> = Readonly<Record<string, ReferenceSummary<W>>>;

/** What the status message says of the references that all kinds have; a kind may put its own words over these. */
export function referenceSummaries<W extends ProxiedWorkload>({
  references,
}: Pick<ProxiedKind<W>, 'references'>): ReferenceSummaries<W> {
  return {
    [references.externalAuthRef.condition]: externalAuthSummary,
    [references.authServerRef.condition]: externalAuthSummary,
    [references.oidcConfigRef.condition]: withoutLead,
    [references.authzConfigRef.condition]: (resolved, { metadata }) =>
      resolved.cause === 'invalid'
        ? `MCPAuthzConfig ${formatName({ ...metadata, name: resolved.name })} is not valid (condition "Valid" is not True)`
        : withoutLead(resolved),
  };
}

/** What the status message says of a reference, if it is one and cannot be used. */
export function referenceSummary<W extends ProxiedWorkload>(
  { ref, resolved }: NonNullable<Problem['reference']>,
  workload: W,
  summaries: ReferenceSummaries<W>,
): string | undefined {
  if (resolved.state !== 'unusable') return undefined;
  return summaries[ref.condition]?.(resolved, workload) ?? resolved.verdict?.message;
}

/** Of an MCPExternalAuthConfig, through either reference. */
export function externalAuthSummary(
  { cause, name, verdict, config }: Unusable,
  { kind, metadata }: ProxiedWorkload,
): string | undefined {
  if (verdict === undefined) return undefined;
  const { reason, message } = verdict;
  if (cause === 'invalid') {
    return `MCPExternalAuthConfig ${formatName({ ...metadata, name })}: invalid (${reason}): ${message}`;
  }
  // A source may give any reason; these are ours only when we refused.
  if (cause !== 'notAccepted') return undefined;
  switch (reason) {
    case 'MultiUpstreamNotSupported':
      // Both references are to this kind.
      return `${kind} ${formatName(metadata)}: embedded auth server has ${upstreamCount(config as MCPExternalAuthConfig)} upstream providers, but only 1 is supported; use VirtualMCPServer`;
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
