import type { Explanation } from '../explanation.js';

export const MCP_SERVER: readonly Explanation[] = [];
