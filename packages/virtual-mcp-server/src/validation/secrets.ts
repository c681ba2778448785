import type { Context } from '@trueup/core';
import { formatName } from '@trueup/kube';
import { missingContents, type MissingContent } from '@trueup/mcp-workload';
import type { SecretDemand } from '../workload/pod-parts.js';

/**
 * Says which of the demanded Secret keys is missing first; undefined when all are there. They are watched from here on. What
 * they hold is not looked at.
 */
export async function missingSecret(
  demands: readonly SecretDemand[],
  namespace: string,
  ctx: Context,
): Promise<string | undefined> {
  // Everything is looked up at once; what is not known yet ends the check here.
  ctx.contents(demands.flatMap(({ contents }) => contents));
  for (const { what, contents } of demands) {
    const [missing] = await missingContents(contents, namespace, ctx);
    if (missing !== undefined) return problem(what, missing, namespace);
  }
  return undefined;
}

function problem(what: string, { kind, name, key = '', missing }: MissingContent, namespace: string): string {
  const place = formatName({ name, namespace });
  return missing === 'object'
    ? `failed to get ${what} secret ${place}: ${kind} "${name}" not found`
    : `${what} secret ${place} is missing key "${key}"`;
}
