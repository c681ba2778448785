import { Secret, SpecError, type Context } from '@trueup/core';
import { formatName, isNotFound } from '@trueup/kube';
import type { WorkloadAuth } from '@trueup/mcp-external-auth-config';
import { externalAuthRef } from './external-auth-ref.js';

/** Secrets are not watched, so one that is missing is looked for again. */
const SECRET_RECHECK_MS = 30_000;

/**
 * Makes sure that the client secret of a token exchange is there, since a pod without it would not start. Its value is not
 * looked at.
 *
 * @throws {@link SpecError} when the Secret or its key is missing.
 */
export async function requireClientSecret(auth: WorkloadAuth, namespace: string, ctx: Context): Promise<void> {
  if (auth.clientSecret === undefined) return;
  const { name, key } = auth.clientSecret;
  const secret = await findSecret({ name, namespace }, ctx);
  const place = formatName({ name, namespace });
  if (secret === undefined) {
    refuse('SecretNotFound', `failed to get client secret ${place}: Secret "${name}" not found`);
  }
  if (secret.data?.[key] === undefined) refuse('SecretKeyMissing', `client secret ${place} is missing key "${key}"`);

  function refuse(reason: string, problem: string): never {
    ctx.requeueAfter(SECRET_RECHECK_MS);
    throw new SpecError(
      `Failed to build configuration: failed to create RunConfig from MCPServer: failed to process ExternalAuthConfig: ${problem}`,
      { condition: { type: externalAuthRef.condition, reason }, conditionMessage: problem },
    );
  }
}

async function findSecret(where: { name: string; namespace: string }, ctx: Context): Promise<Secret | undefined> {
  try {
    return await ctx.client.get<Secret>(Secret.resource, where, { signal: ctx.signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
