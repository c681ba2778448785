import { isDeepStrictEqual } from 'node:util';
import { slim, type KubernetesObject } from '@trueup/kube';

/**
 * Whether the answer to a write shows, beside that, something that the object did not have when it was last read: another
 * status, or after a write of the status anything else. The watch tells of it too late: the cache has the answer by then, and
 * takes what is older for known.
 */
export function isOvertaken(read: KubernetesObject, answered: KubernetesObject, subresource?: string): boolean {
  return subresource === 'status'
    ? !isDeepStrictEqual(withoutStatus(read), withoutStatus(answered))
    : !isDeepStrictEqual(statusOf(read), statusOf(answered));
}

const cached = slim();

type WithStatus = KubernetesObject & { readonly status?: unknown };

function statusOf({ status }: WithStatus): unknown {
  return status;
}

function withoutStatus(object: KubernetesObject): object {
  const { status: _, metadata, ...content } = cached(object) as WithStatus;
  const { resourceVersion: _r, ...identity } = metadata;
  return { ...content, metadata: identity };
}
