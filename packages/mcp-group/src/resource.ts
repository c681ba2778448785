import {
  ageColumn,
  column,
  conditionColumn,
  conditions,
  defineKind,
  int32,
  int64,
  listSet,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';

const names = () => listSet(z.array(z.string())).optional();
const count = () => int32().optional();

/** A name under which workloads come together; each says itself that it belongs to it. */
export const MCPGroup = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPGroup',
  shortNames: ['mcpg', 'mcpgroup'],
  categories: ['toolhive'],
  description: 'A group of MCP servers, which a VirtualMCPServer offers as one. Its members name it in their spec.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: z.object({ description: z.string().optional().describe('What the group is for.') }),
  status: z.object({
    phase: z.enum(['Ready', 'Pending', 'Failed']).default('Pending').describe('Where this group stands, in a word.'),
    observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
    servers: names().describe('The MCPServers in the group, by name.'),
    serverCount: count().describe('How many MCPServers there are.'),
    remoteProxies: names().describe('The MCPRemoteProxies in the group, by name.'),
    remoteProxyCount: count().describe('How many MCPRemoteProxies there are.'),
    entries: names().describe('The MCPServerEntries in the group, by name.'),
    entryCount: count().describe('How many MCPServerEntries there are.'),
    conditions: conditions().optional(),
  }),
  columns: [
    column('Servers', '.status.serverCount', { type: 'integer' }),
    column('Proxies', '.status.remoteProxyCount', { type: 'integer' }),
    column('Entries', '.status.entryCount', { type: 'integer' }),
    column('Phase', '.status.phase'),
    conditionColumn('MCPServersChecked', 'Checked'),
    ageColumn(),
  ],
});
export type MCPGroup = ObjectOf<typeof MCPGroup>;
