import { verdict, type Verdict } from '@trueup/core';
import type { ProxiedWorkload } from '../proxied-workload.js';

/** The condition `AuthzPrimaryUpstreamProviderIgnored`: a field that only another kind looks at. */
export function primaryProviderIgnored({ kind, spec }: Pick<ProxiedWorkload, 'kind' | 'spec'>): Verdict {
  const provider = spec.authzConfig?.inline?.primaryUpstreamProvider;
  if (!provider) return verdict.absent;
  return verdict.true(
    'PrimaryUpstreamProviderIgnored',
    `spec.authzConfig.inline.primaryUpstreamProvider=${JSON.stringify(provider)} has no effect on ${kind}; ` +
      'the field only takes effect on VirtualMCPServer with an embedded auth server',
  );
}
