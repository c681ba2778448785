import { findCondition, type EnvVar } from '@trueup/core';
import type { MCPServerEntry } from '@trueup/mcp-server-entry';
import { byBytes, goJson, headerForwardProblem } from '@trueup/mcp-workload';
import { nameOf, type GroupMember } from './group-member.js';
import { normalized } from './secret-variables.js';

/** The headers that entries put into requests, as they get into the server's pods. */
export interface HeaderForwarding {
  /** Sorted by name. */
  readonly env: readonly EnvVar[];
  /** Members whose headers would get into requests to others, or not into their own: they are not to be called. */
  readonly refused: ReadonlySet<string>;
  readonly problems: readonly string[];
}

/**
 * The variables in which the server finds the headers of its members. It looks for them by a name in which `a-b` and `a.b`
 * are the same, so that neither may have headers when there are both.
 */
export function headerForwarding(members: readonly GroupMember[]): HeaderForwarding {
  const byVariable = new Map<string, GroupMember[]>();
  for (const member of members) {
    const variable = normalized(nameOf(member));
    byVariable.set(variable, [...(byVariable.get(variable) ?? []), member]);
  }
  const env: EnvVar[] = [];
  const refused = new Set<string>();
  const problems: string[] = [];
  for (const namesakes of byVariable.values()) {
    const forwarding = namesakes.filter(forwardsHeaders);
    const [first] = forwarding;
    if (first === undefined) continue;
    if (namesakes.length === 1 && headerForwardProblem(first.workload.spec.headerForward) === undefined) {
      env.push(...variablesOf(first.workload));
      continue;
    }
    for (const member of forwarding) refused.add(nameOf(member));
    if (namesakes.length > 1) problems.push(clash(namesakes));
  }
  return { env: env.sort((a, b) => byBytes(a.name, b.name)), refused, problems };
}

type Entry = Extract<GroupMember, { kind: 'MCPServerEntry' }>;

function forwardsHeaders(member: GroupMember): member is Entry {
  if (member.kind !== 'MCPServerEntry') return false;
  const { addPlaintextHeaders = {}, addHeadersFromSecret = [] } = member.workload.spec.headerForward ?? {};
  return Object.keys(addPlaintextHeaders).length > 0 || addHeadersFromSecret.length > 0;
}

/** None for an entry whose Secrets are known not to be there: no pod would start with them, and the entry is not called. */
function variablesOf({ metadata, spec, status }: MCPServerEntry): readonly EnvVar[] {
  if (findCondition(status?.conditions, 'HeaderSecretRefsValidated')?.status === 'False') return [];
  const { addPlaintextHeaders = {}, addHeadersFromSecret = [] } = spec.headerForward ?? {};
  const entry = normalized(metadata.name);
  const secrets = addHeadersFromSecret.map(({ headerName, valueSecretRef: { name, key } }) => ({
    headerName,
    identifier: `HEADER_FORWARD_${normalized(headerName)}_${entry}`,
    secretKeyRef: { name, key },
  }));
  const manifest = {
    ...whereAny('addPlaintextHeaders', Object.entries(addPlaintextHeaders)),
    ...whereAny(
      'addHeadersFromSecret',
      secrets.map(({ headerName, identifier }) => [headerName, identifier] as const),
    ),
  };
  return [
    { name: `TOOLHIVE_HEADER_FORWARD_${entry}`, value: goJson(manifest) },
    ...secrets.map(({ identifier, secretKeyRef }) => ({
      name: `TOOLHIVE_SECRET_${identifier}`,
      valueFrom: { secretKeyRef },
    })),
  ];
}

function whereAny(member: string, entries: readonly (readonly [string, string])[]): Readonly<Record<string, unknown>> {
  if (entries.length === 0) return {};
  return { [member]: Object.fromEntries([...entries].sort(([a], [b]) => byBytes(a, b))) };
}

function clash(members: readonly GroupMember[]): string {
  const names = members.map((member) => JSON.stringify(nameOf(member))).join(' and ');
  return `backends ${names} share the environment variables of forwarded headers, so that those with headers are not served; rename one of them`;
}
