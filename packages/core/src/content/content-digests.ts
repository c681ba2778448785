import { createHmac } from 'node:crypto';
import type { KubernetesObject } from '@trueup/kube';

/** A Secret or ConfigMap as it is kept here: what it holds is gone, only digests of what was asked for are left. */
export interface DigestedObject extends KubernetesObject {
  readonly digests: Readonly<Record<string, string>>;
}

interface ContentObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/**
 * Reduces an object to digests of the given keys.
 *
 * The digests go into pod templates, which more people may read than the Secret: they are keyed, so that a short secret
 * cannot be found by trying, and they cover the object's name, so that equal secrets do not show.
 */
export function digestObject(object: KubernetesObject, keys: ReadonlySet<string>, digestKey: string): DigestedObject {
  const { data = {}, binaryData = {} } = object as ContentObject;
  const content: Readonly<Record<string, string>> = { ...data, ...binaryData };
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    digests: Object.fromEntries(
      [...keys].flatMap((key) => {
        const value = Object.hasOwn(content, key) ? content[key] : undefined;
        return value === undefined ? [] : [[key, digest(digestKey, [object.kind, namespace ?? '', name, key, value])]];
      }),
    ),
  };
}

/** One digest for several contents, in their order. */
export function combineDigests(digestKey: string, digests: readonly string[]): string {
  return digest(digestKey, digests);
}

function digest(digestKey: string, parts: readonly string[]): string {
  return createHmac('sha256', digestKey).update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
