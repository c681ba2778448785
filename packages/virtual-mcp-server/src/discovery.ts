import { joinedBy, type NamespacedName, type WatchCaches } from '@trueup/core';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer } from '@trueup/mcp-server';
import { MCPServerEntry } from '@trueup/mcp-server-entry';
import type { EmbeddingServer } from './embedding-server.js';
import type { VirtualMCPServer } from './resource.js';

/* Whom a change concerns of something that a server does not name itself. */

type Member = MCPServer | MCPRemoteProxy | MCPServerEntry;

const groupOf = ({ spec }: Member) => spec.groupRef?.name;
const servedGroup = ({ spec }: VirtualMCPServer) => spec.groupRef?.name;
const embeddingServer = ({ spec }: VirtualMCPServer) => spec.embeddingServerRef?.name;

/** A member of a group concerns the servers of the group; one that moves, those of both. */
const serversOfGroup = joinedBy<Member, VirtualMCPServer>(groupOf, servedGroup);

/** What a server makes of a workload: not how it fares, and while hundreds come up, that is most of what is told of them. */
export const serversOfWorkload = {
  ...serversOfGroup,
  tells: ({ metadata: { annotations }, spec, status }: MCPServer | MCPRemoteProxy) => ({
    annotations,
    spec,
    url: status?.url,
  }),
};

/** An entry is what its checks say. */
export const serversOfEntry = {
  ...serversOfGroup,
  tells: ({ metadata: { annotations }, spec, status }: MCPServerEntry) => ({ annotations, spec, status }),
};

/** An EmbeddingServer concerns the servers that name it. */
export const serversEmbeddedBy = joinedBy<EmbeddingServer, VirtualMCPServer>(
  ({ metadata }) => metadata.name,
  embeddingServer,
);

/** The credentials of members concern the servers of their groups. */
export function serversReachedWith(
  { metadata: { name, namespace } }: MCPExternalAuthConfig,
  caches: WatchCaches,
): readonly NamespacedName[] {
  const members: readonly Member[] = [
    ...caches.of(MCPServer).list(namespace),
    ...caches.of(MCPRemoteProxy).list(namespace),
    ...caches.of(MCPServerEntry).list(namespace),
  ];
  const users = members.filter(({ spec }) => spec?.externalAuthConfigRef?.name === name);
  const oneOfEachGroup = new Map(users.map((member) => [groupOf(member), member]));
  return [...oneOfEachGroup.values()].flatMap((member) => serversOfGroup.map(member, caches));
}
