import { isOursAlone, type Explanation } from '../explanation.js';

/** Groups, their members' reference to them, server entries, and definitions of composite tools. */
export const GROUPS: readonly Explanation[] = [
  {
    where: /^MCPGroup\/[^.]+\.metadata\.finalizers$/,
    when: ({ ours }) => ours === undefined,
    because: 'mcp-group 10: no finalizer, since members watch their group',
  },
  {
    where: /^MCPGroup\/[^.]+\.status\.conditions\.Ready$/,
    when: isOursAlone,
    because: 'mcp-group 5: a Ready condition for generic tooling',
  },
  {
    where: /^MCP(Server|RemoteProxy)\/[^.]+\.status\.conditions\.GroupRefValidated(\.|$)/,
    recording: /^group-lifecycle$/,
    because: 'mcp-group 7, mcp-server B-6: members watch their group, and follow when it goes or comes again',
  },
  {
    where: /^MCPServerEntry\/obo\.status\./,
    recording: /^serverentry$/,
    because: 'mcp-server-entry E-1: the verdict of the MCPExternalAuthConfig is mirrored',
  },
  {
    where: /^MCPServerEntry\/ca-nokey\.status\./,
    recording: /^serverentry$/,
    because: 'mcp-server-entry E-2: the key of a CA bundle is looked at',
  },
  {
    where: /^MCPServerEntry\/[^.]+\.status\.conditions\.Ready$/,
    when: isOursAlone,
    because: 'kubectl wait --for=condition=Ready works for every kind',
  },
  {
    where: /^VirtualMCPCompositeToolDefinition\/[^.]+\.status(\.|$)/,
    because: 'composite-tool-definition 2: definitions have a controller',
  },
  {
    where: /^MCPServerEntry\/(e-dec|e-dot)\.status\.(phase|conditions\.(RemoteURLValidated|Valid)\.\w+)$/,
    recording: /^remote-url-rules$/,
    because: 'mcp-remote-proxy 10, BETTER: numbers are no host names, and a trailing dot does not help',
  },
];
