import type { EnvVar } from '@trueup/core';
import type { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { byBytes } from '@trueup/mcp-workload';
import type { StoredServer } from '../stored-server.js';
import { entryCaBundle, entryCaBundleProblem, type EntryCaBundle } from './entry-ca-bundle.js';
import { groupMembers, nameOf, type GroupMember, type GroupMembers, type Workloads } from './group-member.js';
import { headerForwarding } from './header-forward.js';
import { resolveOutgoingAuth, type OutgoingAuthOutcomes } from './outgoing-auth.js';
import { staticBackend } from './static-backend.js';
import type { OutgoingAuth, StaticBackend } from './strategy.js';

/** What the backends of a server follow from. */
export interface BackendSources {
  readonly server: StoredServer;
  /** Of the server's namespace. */
  readonly workloads: Workloads;
  /** The config of this name, in the server's namespace; asked once for each name. */
  externalAuthConfig(name: string): MCPExternalAuthConfig | undefined;
  readonly obo: OboHandler;
}

/** The members of a server's group, as the backends they are to it. */
export interface GroupBackends {
  /** Whether they are written out, or found by the server itself. */
  readonly source: 'inline' | 'discovered';
  /** `outgoingAuth` of the configuration: how backends are called. */
  readonly outgoing: OutgoingAuth;
  /** `backends` of the configuration, sorted by name; none where the server looks into the group itself. */
  readonly staticBackends: readonly StaticBackend[];
  /** Why there is nothing to write out yet: no member can be called. It is no mistake, only too early. */
  readonly waiting: string | undefined;
  readonly outcomes: OutgoingAuthOutcomes;
  /** Configs that have no verdict as they are now; until they have, nothing should be rolled out. */
  readonly beingJudged: readonly string[];
  /** Members that cannot be served beside others, in sentences. */
  readonly problems: readonly string[];
  /** Secrets by which backends are called, sorted by name. */
  readonly env: readonly EnvVar[];
  /** Headers that entries put into requests, sorted by name. */
  readonly headerForwardEnv: readonly EnvVar[];
  /** Certificate authorities that entries are trusted by, sorted by name of the entry. */
  readonly caBundles: readonly EntryCaBundle[];
}

/**
 * Finds out what the members of a server's group are as backends. What is wrong with one does not touch the others.
 * Takes time in proportion to the number of members.
 */
export function groupBackends(sources: BackendSources): GroupBackends {
  const { server } = sources;
  const group = server.spec.groupRef?.name ?? '';
  const { members, shadowed } = groupMembers(group, sources.workloads);
  const headers = headerForwarding(members);
  const { failed, ...auth } = resolveOutgoingAuth({ ...sources, members });
  const isInline = auth.outgoing.source === 'inline';
  const unreadable = new Map(isInline ? members.flatMap(unreadableCaBundle) : []);
  const isOut = (name: string) => failed.has(name) || headers.refused.has(name) || unreadable.has(name);
  const callable = members.filter((member) => !isOut(nameOf(member)));
  const staticBackends = isInline ? byName(callable.flatMap((member) => staticBackend(member, group) ?? [])) : [];
  return {
    ...auth,
    source: isInline ? 'inline' : 'discovered',
    staticBackends,
    waiting: isInline && staticBackends.length === 0 ? nothingToServe(group) : undefined,
    problems: [...shadowed.map(shadowedProblem), ...headers.problems, ...unreadable.values()],
    headerForwardEnv: headers.env,
    caBundles: members.flatMap((member) =>
      member.kind === 'MCPServerEntry' ? (entryCaBundle(member.workload) ?? []) : [],
    ),
  };
}

const nothingToServe = (group: string): string =>
  `static mode requires at least one backend with valid transport ([sse streamable-http]), but none were discovered in group ${group}`;

function unreadableCaBundle(member: GroupMember): readonly (readonly [string, string])[] {
  const problem = member.kind === 'MCPServerEntry' ? entryCaBundleProblem(member.workload) : undefined;
  return problem === undefined ? [] : [[nameOf(member), problem]];
}

function shadowedProblem({ member, by }: GroupMembers['shadowed'][number]): string {
  return `${by} and ${member.kind} have the name ${JSON.stringify(nameOf(member))}: only the ${by} is served; rename one of them`;
}

function byName(backends: readonly StaticBackend[]): readonly StaticBackend[] {
  return [...backends].sort((a, b) => byBytes(a.name, b.name));
}
