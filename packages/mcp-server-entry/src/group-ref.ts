import { verdict } from '@trueup/core';
import { groupRef } from '@trueup/mcp-group';
import { MCPServerEntry } from './resource.js';

/** The group an entry belongs to. One that names none, as only an old one can, names the group without a name. */
export const entryGroupRef = groupRef(MCPServerEntry, {
  messages: { valid: () => 'Referenced MCPGroup exists and is ready' },
  unreferenced: ({ metadata }) =>
    verdict.false('GroupRefNotFound', `MCPGroup '' not found in namespace '${metadata.namespace ?? ''}'`),
});
