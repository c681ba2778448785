import { isDeepStrictEqual } from 'node:util';
import { slim, type KubernetesObject } from '@trueup/kube';

/**
 * Whether the answer to a write of the status shows, beside that, something that the object did not have when it was last
 * read. The watch tells of it too late: the cache has the answer by then, and takes what is older for known.
 */
export function isOvertaken(read: KubernetesObject, answered: KubernetesObject): boolean {
  return !isDeepStrictEqual(withoutStatus(read), withoutStatus(answered));
}

const cached = slim();

function withoutStatus(object: KubernetesObject): object {
  const { status: _, metadata, ...content } = cached(object) as KubernetesObject & { readonly status?: unknown };
  const { resourceVersion: _r, ...identity } = metadata;
  return { ...content, metadata: identity };
}
