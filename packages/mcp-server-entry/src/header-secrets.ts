import { verdict, type Context, type Verdict } from '@trueup/core';
import { missingContents, type HeaderForwardAsStored } from '@trueup/mcp-workload';

/** The condition `HeaderSecretRefsValidated`: the secret values of headers are there. Absent when no header has one. */
export async function headerSecretRefsValidated(
  headers: HeaderForwardAsStored | undefined,
  namespace: string,
  ctx: Context,
): Promise<Verdict> {
  const refs = (headers?.addHeadersFromSecret ?? []).flatMap(({ headerName: header = '', valueSecretRef: value }) =>
    value === undefined ? [] : [{ kind: 'Secret' as const, name: value.name ?? '', key: value.key ?? '', header }],
  );
  if (refs.length === 0) return verdict.absent;
  const missing = await missingContents(refs, namespace, ctx);
  if (missing.length === 0) {
    return verdict.true('HeaderSecretsValid', 'All referenced header Secrets exist with required keys');
  }
  const problems = missing.map((ref) =>
    ref.missing === 'object'
      ? `Secret "${ref.name}" referenced for header "${ref.header}" not found`
      : `Secret "${ref.name}" has no key "${ref.key}" referenced for header "${ref.header}"`,
  );
  return verdict.false('HeaderSecretNotFound', problems.join('; '));
}
