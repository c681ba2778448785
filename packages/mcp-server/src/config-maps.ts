import type { ConfigMap, Context } from '@trueup/core';
import { readConfigMap } from '@trueup/mcp-workload';
import type { MCPServer } from './resource.js';

/** Finds one of the ConfigMaps that a spec names; undefined when it does not exist. */
export type FindConfigMap = (name: string) => ConfigMap | undefined;

/**
 * Reads the ConfigMaps that a spec takes texts from. From here on they are watched.
 * @throws when one cannot be read for another reason than that it does not exist.
 */
export async function namedConfigMaps(
  { permissionProfile, authzConfig }: MCPServer['spec'],
  namespace: string,
  ctx: Context,
): Promise<FindConfigMap> {
  const named = [
    ...(permissionProfile?.type === 'configmap'
      ? [{ name: permissionProfile.name, key: permissionProfile.key ?? '' }]
      : []),
    ...(authzConfig?.type === 'configMap' && authzConfig.configMap ? [authzConfig.configMap] : []),
  ];
  const found = new Map<string, ConfigMap | undefined>();
  for (const ref of named) found.set(ref.name, await readConfigMap(ref, namespace, ctx));
  return (name) => found.get(name);
}
