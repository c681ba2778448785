import { byBytes } from '@trueup/mcp-workload';
import type { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import type { MCPServer } from '@trueup/mcp-server';
import type { MCPServerEntry } from '@trueup/mcp-server-entry';

/** A workload that a server stands for. */
export type GroupMember =
  | { readonly kind: 'MCPServer'; readonly workload: MCPServer }
  | { readonly kind: 'MCPRemoteProxy'; readonly workload: MCPRemoteProxy }
  | { readonly kind: 'MCPServerEntry'; readonly workload: MCPServerEntry };

/** The workloads there are in a namespace. */
export interface Workloads {
  readonly servers: readonly MCPServer[];
  readonly proxies: readonly MCPRemoteProxy[];
  readonly entries: readonly MCPServerEntry[];
}

/** The members of a group, each with a name of its own. */
export interface GroupMembers {
  /** In the order of kinds as above, and of names. */
  readonly members: readonly GroupMember[];
  /** Members that have the name of one of an earlier kind, and are not served. */
  readonly shadowed: readonly { readonly member: GroupMember; readonly by: GroupMember['kind'] }[];
}

export function groupMembers(group: string, { servers, proxies, entries }: Workloads): GroupMembers {
  const all: readonly GroupMember[] = [
    ...ofGroup(group, servers).map((workload) => ({ kind: 'MCPServer' as const, workload })),
    ...ofGroup(group, proxies).map((workload) => ({ kind: 'MCPRemoteProxy' as const, workload })),
    ...ofGroup(group, entries).map((workload) => ({ kind: 'MCPServerEntry' as const, workload })),
  ];
  const byName = new Map<string, GroupMember>();
  const shadowed: { member: GroupMember; by: GroupMember['kind'] }[] = [];
  for (const member of all) {
    const earlier = byName.get(nameOf(member));
    if (earlier === undefined) byName.set(nameOf(member), member);
    else shadowed.push({ member, by: earlier.kind });
  }
  return { members: [...byName.values()], shadowed };
}

export const nameOf = ({ workload }: GroupMember): string => workload.metadata.name;

/** The config by which requests to a member are authenticated; undefined when it names none. */
export function externalAuthConfigOf({ workload }: GroupMember): string | undefined {
  return workload.spec.externalAuthConfigRef?.name || undefined;
}

/** The workloads of a group by name. There may be many more in the namespace. */
function ofGroup<T extends GroupMember['workload']>(group: string, workloads: readonly T[]): T[] {
  return workloads
    .filter(({ spec }) => spec?.groupRef?.name === group)
    .sort((a, b) => byBytes(a.metadata.name, b.metadata.name));
}
