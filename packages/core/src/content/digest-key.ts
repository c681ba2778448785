import { randomBytes } from 'node:crypto';
import { isAlreadyExists, type Client, type KubernetesObject } from '@trueup/kube';
import { Secret } from '../builtin-kinds.js';

/** The Secret that holds the key, in the namespace the operator runs in. */
export const DIGEST_KEY_SECRET = 'trueup-digest-key';
const KEY = 'key';

type KeySecret = KubernetesObject & { readonly data?: Readonly<Record<string, string>> };

/**
 * The key of content digests of the operators in a namespace: in a Secret there, made when it is missing. It must stay the
 * same, or every pod that takes its environment from a Secret is rolled once.
 */
export async function digestKeyFrom(client: Client, namespace: string, signal: AbortSignal): Promise<string> {
  const stored = await read(client, namespace, signal);
  if (stored !== undefined) return stored;
  try {
    const made: KeySecret & { readonly type: string } = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: DIGEST_KEY_SECRET, namespace },
      type: 'Opaque',
      data: { [KEY]: randomBytes(32).toString('base64') },
    };
    const created = await client.create(Secret.resource, made, { signal });
    return created.data?.[KEY] ?? '';
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return (await read(client, namespace, signal)) ?? '';
  }
}

async function read(client: Client, namespace: string, signal: AbortSignal): Promise<string | undefined> {
  const where = { namespace, name: DIGEST_KEY_SECRET };
  const secret = await client.find<KeySecret>(Secret.resource, where, { signal });
  return secret?.data?.[KEY];
}
