import { Secret } from '@trueup/core';
import { isNotFound, type Client } from '@trueup/kube';
import type { HeaderForwardAsStored } from './header-forward.js';

/** A header whose value is not where it should be. */
export interface MissingHeaderSecret {
  readonly header: string;
  readonly secret: string;
  readonly key: string;
  /** The whole Secret, or only the key in it. */
  readonly missing: 'secret' | 'key';
}

/**
 * Looks for the values of headers in the cluster, one after the other, and names those that are not there, in the order of the
 * list. The values themselves are not looked at.
 *
 * @throws any error of a read but that the Secret is not found.
 */
export async function missingHeaderSecrets(
  headers: HeaderForwardAsStored | undefined,
  { client, namespace, signal }: { readonly client: Client; readonly namespace: string; readonly signal: AbortSignal },
): Promise<readonly MissingHeaderSecret[]> {
  const found = new Map<string, Secret | undefined>();
  const missing: MissingHeaderSecret[] = [];
  for (const { headerName: header = '', valueSecretRef } of headers?.addHeadersFromSecret ?? []) {
    if (valueSecretRef === undefined) continue;
    const { name: secret = '', key = '' } = valueSecretRef;
    if (!found.has(secret)) found.set(secret, await readSecret(secret));
    if (found.get(secret) === undefined) missing.push({ header, secret, key, missing: 'secret' });
    else if (found.get(secret)?.data?.[key] === undefined) missing.push({ header, secret, key, missing: 'key' });
  }
  return missing;

  async function readSecret(name: string): Promise<Secret | undefined> {
    if (name === '') return undefined;
    try {
      return await client.get<Secret>(Secret.resource, { namespace, name }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
