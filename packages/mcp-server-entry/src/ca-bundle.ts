import { verdict, type Context, type Verdict } from '@trueup/core';
import { missingContents } from '@trueup/mcp-workload';
import type { MCPServerEntry } from './resource.js';

/** The condition `CABundleRefValidated`: the certificate authorities to trust are there. */
export async function caBundleRefValidated({ metadata, spec }: MCPServerEntry, ctx: Context): Promise<Verdict> {
  const source = spec.caBundleRef?.configMapRef;
  if (source === undefined) return verdict.true('CABundleRefNotConfigured', 'No CA bundle reference configured');
  const { name = '', key = '' } = source;
  const [problem] = await missingContents([{ kind: 'ConfigMap', name, key }], metadata.namespace ?? '', ctx);
  switch (problem?.missing) {
    case 'object':
      return verdict.false('CABundleRefNotFound', 'Referenced CA bundle ConfigMap not found');
    case 'key':
      return verdict.false('CABundleRefInvalid', `Key '${key}' not found in ConfigMap '${name}'`);
    default:
      return verdict.true('CABundleRefValid', 'Referenced CA bundle ConfigMap exists');
  }
}
