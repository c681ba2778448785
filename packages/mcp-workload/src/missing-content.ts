import { ConfigMap, isObjectName, Secret, type ContentRef, type Context } from '@trueup/core';
import { isNotFound, type KubernetesObject } from '@trueup/kube';

/** Content that is not where an object says it is: the whole Secret or ConfigMap is missing, or only the key in it. */
export type MissingContent<Ref extends ContentRef = ContentRef> = Ref & { readonly missing: 'object' | 'key' };

/**
 * Names the Secret and ConfigMap keys that do not exist, in the order they are given. From here on they are watched, so that the
 * object is reconciled when one appears or goes.
 *
 * @param namespace - That of the object being reconciled.
 * @throws as {@link Context.contents} does, and when an object cannot be read for another reason than that it does not exist.
 */
export async function missingContents<Ref extends ContentRef>(
  refs: readonly Ref[],
  namespace: string,
  ctx: Context,
): Promise<readonly MissingContent<Ref>[]> {
  const { missing } = ctx.contents(refs);
  const found: MissingContent<Ref>[] = [];
  for (const ref of refs) {
    if (!missing.includes(ref)) continue;
    const hasObject = ref.key !== undefined && (await exists(ref, namespace, ctx));
    found.push({ ...ref, missing: hasObject ? 'key' : 'object' });
  }
  return found;
}

/** The watch tells keys alone; what is not there is asked for once more, for a message that helps. */
async function exists({ kind, name }: ContentRef, namespace: string, { client, signal }: Context): Promise<boolean> {
  if (!isObjectName(name)) return false;
  const { resource } = kind === 'Secret' ? Secret : ConfigMap;
  try {
    await client.get<KubernetesObject>(resource, { namespace, name }, { signal });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
