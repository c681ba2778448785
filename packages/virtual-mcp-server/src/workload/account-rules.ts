import type { PolicyRule } from '@trueup/core';

const GROUP = 'toolhive.stacklok.dev';
const READ = ['get', 'list', 'watch'];

/** What a server reads that finds its backends in the cluster while it runs. */
const DISCOVERY: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: READ },
  {
    apiGroups: [GROUP],
    resources: [
      'mcpgroups',
      'mcpservers',
      'mcpremoteproxies',
      'mcpserverentries',
      'mcpexternalauthconfigs',
      'mcptoolconfigs',
    ],
    verbs: READ,
  },
];

const OWN: readonly PolicyRule[] = [
  { apiGroups: [GROUP], resources: ['virtualmcpservers'], verbs: ['get'] },
  { apiGroups: [GROUP], resources: ['virtualmcpservers/status'], verbs: ['update', 'patch'] },
];

/** What the operator must be allowed itself to be able to grant it. */
export const GRANTED: readonly PolicyRule[] = [...DISCOVERY, ...OWN];

/** What a server may do: find backends, if it looks for them itself, and report on them in its own status alone. */
export function accountRules(name: string, source: 'discovered' | 'inline'): readonly PolicyRule[] {
  const own = OWN.map((rule) => ({ ...rule, resourceNames: [name] }));
  return source === 'discovered' ? [...DISCOVERY, ...own] : own;
}
