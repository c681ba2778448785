import type { Explanation } from '../explanation.js';

export const MCP_REMOTE_PROXY: readonly Explanation[] = [];
