import {
  formatName,
  isAlreadyExists,
  isNotFound,
  type Client,
  type KubernetesObject,
  type Manifest,
  type ResourceType,
} from '@trueup/kube';

const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
const DEFAULT_NAMESPACE = 'default';

export interface AppliedManifests {
  /** Namespaces that the manifests have objects in, sorted. */
  readonly namespaces: readonly string[];
  /** For each manifest that the server refused: file, object and the server's own message. */
  readonly refusals: readonly string[];
}

/**
 * Creates the objects of manifests, or brings those that exist to what the manifests say. A manifest that is refused
 * does not keep the others out. Namespaces come first, whatever the order of the files.
 */
export async function applyManifests(
  client: Client,
  manifests: readonly Manifest[],
  options: { readonly createNamespaces: boolean; readonly signal: AbortSignal },
): Promise<AppliedManifests> {
  const namespaces = new Set<string>();
  const refusals: string[] = [];
  const isNamespace = ({ object }: Manifest) => object.kind === 'Namespace' && object.apiVersion === 'v1';
  const ordered = [...manifests.filter(isNamespace), ...manifests.filter((manifest) => !isNamespace(manifest))];
  for (const { source, object } of ordered) {
    try {
      const resource = await client.discover(kindOf(object));
      const placed = inNamespace(object, resource);
      const { namespace } = placed.metadata;
      if (namespace !== undefined) {
        if (options.createNamespaces && !namespaces.has(namespace))
          await ensureNamespace(client, namespace, options.signal);
        namespaces.add(namespace);
      }
      await createOrPatch(client, resource, placed, options.signal);
    } catch (error) {
      options.signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      refusals.push(`${source}: ${object.kind} ${formatName(object.metadata)}: ${message}`);
    }
  }
  return { namespaces: [...namespaces].sort(), refusals };
}

async function createOrPatch(
  client: Client,
  resource: ResourceType,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.create(resource, object, { fieldValidation: 'Strict', signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await client.mergePatch(resource, object.metadata, object, { fieldValidation: 'Strict', signal });
  }
}

async function ensureNamespace(client: Client, name: string, signal: AbortSignal): Promise<void> {
  try {
    await client.get(NAMESPACE, { name }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { signal });
  }
}

function inNamespace(object: KubernetesObject, { namespaced }: ResourceType): KubernetesObject {
  if (!namespaced || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace: DEFAULT_NAMESPACE } };
}

function kindOf({ apiVersion, kind }: KubernetesObject): { group: string; version: string; kind: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}
