import { StatefulSet, type Context, type Deployment, type KubernetesObject } from '@trueup/core';
import { isNotFound } from '@trueup/kube';
import { lastRestart } from '@trueup/mcp-workload';
import { backendName } from './names.js';
import type { MCPServer } from './resource.js';

/*
 * The backend is a StatefulSet that the proxy runner makes when it starts, and nobody else. The operator does two things
 * about it: it makes the server its owner, and it restarts proxies that have lost it.
 */

/** A proxy that was restarted to make its backend anew gets this long before it is restarted again. */
const BOUNCE_INTERVAL_MS = 2 * 60_000;

/** True for what the proxy runner of this server has made; others may have taken the name. */
export function isMadeFor(object: KubernetesObject, server: string): boolean {
  const { labels = {} } = object.metadata;
  return labels['toolhive'] === 'true' && labels['toolhive-name'] === server;
}

/** True when nobody takes care of the object, so that we may. */
export function isOrphan(object: KubernetesObject): boolean {
  return !(object.metadata.ownerReferences ?? []).some((owner) => owner.controller === true);
}

/** The backend of a server, if it is there. */
export function findBackend({ metadata: { name } }: MCPServer, ctx: Context): StatefulSet | undefined {
  const found = ctx.get(StatefulSet, backendName(name));
  return found !== undefined && isMadeFor(found, name) ? found : undefined;
}

/** The runner makes the backend without an owner; with one, it goes when the server goes. */
export async function adoptBackend(server: MCPServer, ctx: Context, fieldManager: string): Promise<void> {
  const backend = findBackend(server, ctx);
  if (backend === undefined || !isOrphan(backend)) return;
  const { apiVersion, kind, metadata } = server;
  const owner = {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const { resourceVersion, ownerReferences = [] } = backend.metadata;
  const patch = { metadata: { resourceVersion, ownerReferences: [...ownerReferences, owner] } };
  await ctx.client.mergePatch(StatefulSet.resource, backend.metadata, patch, { fieldManager, signal: ctx.signal });
}

/** What to do about a backend: nothing, restart the proxies at once, or see again later. */
export type BackendRepair =
  { readonly kind: 'none' } | { readonly kind: 'restart' } | { readonly kind: 'wait'; readonly afterMs: number };

/**
 * A backend that is gone while proxies run comes back when they start again. Proxies that are not available yet are left
 * alone: they may be about to make it.
 */
export function backendRepair(
  backend: StatefulSet | undefined,
  proxies: Deployment | undefined,
  now: Date,
): BackendRepair {
  if (backend !== undefined || proxies === undefined || proxies.spec?.replicas === 0) return { kind: 'none' };
  if ((proxies.status?.availableReplicas ?? 0) === 0) return { kind: 'none' };
  const sinceMs = now.getTime() - Date.parse(lastRestart(proxies) ?? '');
  if (Number.isNaN(sinceMs) || sinceMs >= BOUNCE_INTERVAL_MS) return { kind: 'restart' };
  return { kind: 'wait', afterMs: BOUNCE_INTERVAL_MS - Math.max(sinceMs, 0) };
}

/** True when the proxies must restart to make their backend anew. */
export async function isBackendLost(
  server: MCPServer,
  proxies: Deployment | undefined,
  ctx: Context,
): Promise<boolean> {
  const name = backendName(server.metadata.name);
  const repair = backendRepair(ctx.get(StatefulSet, name), proxies, ctx.now);
  if (repair.kind === 'wait') ctx.requeueAfter(repair.afterMs);
  // The cache may not know yet what the proxy has just made; restarting it for nothing would be worse than asking.
  return repair.kind === 'restart' && !(await exists({ ...server.metadata, name }, ctx));
}

async function exists(
  { name, namespace }: { name: string; namespace?: string },
  { client, signal }: Context,
): Promise<boolean> {
  try {
    await client.get(StatefulSet.resource, { name, ...(namespace === undefined ? {} : { namespace }) }, { signal });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
