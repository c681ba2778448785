import { groupRef } from '@trueup/mcp-group';
import { VirtualMCPServer } from '../resource.js';

/** The group whose members are the backends. */
export const servedGroupRef = groupRef(VirtualMCPServer, {
  gate: 'usable',
  validReason: 'GroupRefValid',
  messages: {
    valid: (group) => `MCPGroup ${group} is valid and ready`,
    notFound: (group) => `Referenced MCPGroup ${group} not found`,
    notReady: (group, phase) => `Referenced MCPGroup ${group} is not ready (phase: ${phase})`,
  },
});
