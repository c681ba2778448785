import { isNotFound, type Client, type KubernetesObject, type NamespacedName, type ResourceType } from '@trueup/kube';

/** The object as the API server has it now; undefined when there is none. */
export async function findObject<T extends KubernetesObject>(
  client: Client,
  resource: ResourceType,
  name: NamespacedName,
  options: { readonly signal?: AbortSignal } = {},
): Promise<T | undefined> {
  try {
    return await client.get<T>(resource, name, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
