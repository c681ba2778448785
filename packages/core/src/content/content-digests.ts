import { createHmac } from 'node:crypto';
import type { KubernetesObject } from '@trueup/kube';

/** A Secret or ConfigMap as it is kept here: what it holds is gone, only digests of what was asked for are left. */
export interface DigestedObject extends KubernetesObject {
  /** By key. */
  readonly digests: Readonly<Record<string, string>>;
  /** Of everything it holds. */
  readonly digest?: string;
}

/** What of an object is asked for: a key, or undefined for everything it holds. */
export type Part = string | undefined;

interface ContentObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/**
 * Reduces an object to digests of the given parts.
 *
 * The digests go into pod templates, which more people may read than the Secret: they are keyed, so that a short secret
 * cannot be found by trying, and they cover the object's name, so that equal secrets do not show.
 */
export function digestObject(object: KubernetesObject, parts: ReadonlySet<Part>, digestKey: string): DigestedObject {
  const { data = {}, binaryData = {} } = object as ContentObject;
  const content = new Map(Object.entries({ ...data, ...binaryData }));
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const place = [object.kind, namespace ?? '', name];
  const keys = [...parts].filter((part) => part !== undefined);
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
      keys.flatMap((key) => {
        const value = content.get(key);
        return value === undefined ? [] : [[key, digest(digestKey, [...place, key, value])]];
      }),
    ),
    ...(parts.has(undefined) ? { digest: digest(digestKey, [...place, ...[...content].sort(byKey).flat()]) } : {}),
  };
}

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]) => (a < b ? -1 : a > b ? 1 : 0);

/** The digest of a part; undefined when the object does not hold it. */
export function digestOf({ digest: ofAll, digests }: DigestedObject, part: Part): string | undefined {
  if (part === undefined) return ofAll;
  return Object.hasOwn(digests, part) ? digests[part] : undefined;
}

/** One digest for several contents, in their order. */
export function combineDigests(digestKey: string, digests: readonly string[]): string {
  return digest(digestKey, digests);
}

function digest(digestKey: string, parts: readonly string[]): string {
  return createHmac('sha256', digestKey).update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
