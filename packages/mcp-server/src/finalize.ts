import {
  ConfigMap,
  messageOf,
  Service,
  StatefulSet,
  type Context,
  type KindOf,
  type KubernetesObject,
} from '@trueup/core';
import { isNotFound } from '@trueup/kube';
import { runConfigMapName } from '@trueup/mcp-workload';
import { isMadeFor, isOrphan } from './backend.js';
import { backendName, backendServiceNames } from './names.js';
import type { MCPServer } from './resource.js';

/**
 * Removes what the proxies of a server have made, and what they made it from, so that they do not make it again while they
 * go. Everything else goes by garbage collection.
 *
 * @throws when the API server does not let it; the finalizer then stays, and it is tried again.
 */
export async function removeBackend(
  server: MCPServer,
  { client, signal }: Pick<Context, 'client' | 'signal'>,
): Promise<void> {
  const { name, namespace } = server.metadata;
  const isBackend = (object: KubernetesObject) => isMadeFor(object, name) && (isOrphan(object) || isOwn(object));
  const isOwn = ({ metadata }: KubernetesObject) =>
    (metadata.ownerReferences ?? []).some(({ uid, controller }) => controller === true && uid === server.metadata.uid);

  await remove(StatefulSet, backendName(name), isBackend);
  for (const service of backendServiceNames(name)) await remove(Service, service, isBackend);
  await remove(ConfigMap, runConfigMapName(name), isOwn);

  async function remove({ resource }: KindOf, objectName: string, isOurs: (object: KubernetesObject) => boolean) {
    const where = { name: objectName, ...(namespace === undefined ? {} : { namespace }) };
    const live = await attempt(`check ${resource.kind} ${objectName}`, () => client.get(resource, where, { signal }));
    if (live === undefined || !isOurs(live)) return;
    const { uid } = live.metadata;
    await attempt(`delete ${resource.kind} ${objectName}`, () =>
      client.delete(resource, where, {
        signal,
        propagationPolicy: 'Background',
        ...(uid && { preconditions: { uid } }),
      }),
    );
  }
}

/** @returns undefined for what is not there. */
async function attempt<T>(step: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new Error(`failed to ${step}: ${messageOf(error)}`, { cause: error });
  }
}
