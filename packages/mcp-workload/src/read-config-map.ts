import { ConfigMap, isObjectName, type Context } from '@trueup/core';

/**
 * Reads a ConfigMap of somebody else's, and watches it from here on: when the key appears, changes or goes, the object is
 * reconciled again.
 *
 * @param namespace - That of the object being reconciled.
 * @returns undefined when there is no such ConfigMap.
 * @throws as {@link Context.contents} does, and when it cannot be read.
 */
export async function readConfigMap(
  { name, key }: { readonly name: string; readonly key: string },
  namespace: string,
  ctx: Context,
): Promise<ConfigMap | undefined> {
  if (!isObjectName(name)) return undefined;
  ctx.contents([{ kind: 'ConfigMap', name, key, optional: true }]);
  // A cache may not have yet what the watch has just told, and nobody would tell again.
  return ctx.client.find<ConfigMap>(ConfigMap.resource, { namespace, name }, { signal: ctx.signal });
}
