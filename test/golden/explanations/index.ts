import type { Explanation } from '../explanation.js';
import { ALL_KINDS } from './all-kinds.js';
import { CONFIGS } from './configs.js';
import { GROUPS } from './groups.js';
import { MCP_REMOTE_PROXY } from './mcp-remote-proxy.js';
import { MCP_SERVER } from './mcp-server.js';
import { VIRTUAL_MCP_SERVER } from './virtual-mcp-server.js';
import { WORKLOADS } from './workloads.js';

/** Every difference between our objects and the recorded ones that is there on purpose. */
export const EXPLANATIONS: readonly Explanation[] = [
  ...ALL_KINDS,
  ...CONFIGS,
  ...WORKLOADS,
  ...MCP_SERVER,
  ...MCP_REMOTE_PROXY,
  ...GROUPS,
  ...VIRTUAL_MCP_SERVER,
];
