import type { Explanation } from '../explanation.js';

export const CONFIGS: readonly Explanation[] = [
  {
    where: /^MCP\w+Config\/.*\.status\.(referenceCount|referencingWorkloads)(\[|$)/,
    because: 'config-pattern 8.2: configs show who uses them',
  },
];
