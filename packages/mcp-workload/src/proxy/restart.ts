import { Pod, type Context, type Deployment, type KubernetesObject } from '@trueup/core';
import { isNotFound } from '@trueup/kube';
import type { ProxiedKind, ProxiedWorkload } from '../proxied-workload.js';

/* Every kind goes by these annotations, although they are named after one. */

/** On a workload: when its proxies are to be restarted (RFC 3339). On their pod template: when that was last done. */
export const RESTARTED_AT = 'mcpserver.toolhive.stacklok.dev/restarted-at';
/** On a workload: `rolling`, the default, or `immediate`. */
export const RESTART_STRATEGY = 'mcpserver.toolhive.stacklok.dev/restart-strategy';
/** On a workload and on its Deployment: the request that was carried out last. */
export const LAST_PROCESSED_RESTART = 'mcpserver.toolhive.stacklok.dev/last-processed-restart';

/** A restart that the user asked for by annotation and that has not been carried out. */
export interface RestartRequest {
  /** The annotation's value: what identifies the request. */
  readonly requestedAt: string;
  readonly strategy: 'rolling' | 'immediate';
}

/** The restart that is due; undefined without one, or when the annotation is not a time. */
export function restartRequest({ metadata: { annotations = {} } }: KubernetesObject): RestartRequest | undefined {
  const requestedAt = annotations[RESTARTED_AT] ?? '';
  const requested = timeOf(requestedAt);
  const processed = timeOf(annotations[LAST_PROCESSED_RESTART] ?? '');
  if (requested === undefined || (processed !== undefined && requested <= processed)) return undefined;
  return { requestedAt, strategy: annotations[RESTART_STRATEGY] === 'immediate' ? 'immediate' : 'rolling' };
}

/** Annotations that make the pods of a Deployment restart, or remember that they were made to. */
export interface RestartMarks {
  readonly deployment: Readonly<Record<string, string>>;
  readonly podTemplate: Readonly<Record<string, string>>;
}

/**
 * The marks a Deployment should carry. They stay as they are unless a restart is due, and a request leaves its name, so
 * that carrying it out a second time, after a crash, changes nothing.
 *
 * @param isDue - They must restart although nobody asked.
 */
export function restartMarks(
  live: Deployment | undefined,
  request: RestartRequest | undefined,
  { isDue = false, now }: { readonly isDue?: boolean; readonly now: Date },
): RestartMarks {
  if (live === undefined) return { deployment: {}, podTemplate: {} };
  const processed = live.metadata.annotations?.[LAST_PROCESSED_RESTART];
  const isRequested = request?.strategy === 'rolling' && request.requestedAt !== processed;
  const restartedAt = isRequested || isDue ? secondsOf(now) : lastRestart(live);
  const mark = isRequested ? request.requestedAt : processed;
  return {
    deployment: mark === undefined ? {} : { [LAST_PROCESSED_RESTART]: mark },
    podTemplate: restartedAt === undefined ? {} : { [RESTARTED_AT]: restartedAt },
  };
}

/** Carries out what a change of the Deployment does not, and notes on the workload that its request is done. */
export async function finishRestart<W extends ProxiedWorkload>(
  workload: W,
  ctx: Context,
  { kind, labels }: Pick<ProxiedKind<W>, 'kind' | 'labels'>,
): Promise<void> {
  const request = restartRequest(workload);
  if (request === undefined) return;
  if (request.strategy === 'immediate') await deletePods(labels(workload.metadata.name), ctx);
  const { resourceVersion } = workload.metadata;
  const patch = { metadata: { resourceVersion, annotations: { [LAST_PROCESSED_RESTART]: request.requestedAt } } };
  await ctx.client.mergePatch(kind.resource, workload.metadata, patch, { signal: ctx.signal });
}

async function deletePods(labels: Readonly<Record<string, string>>, ctx: Context): Promise<void> {
  for (const { metadata } of ctx.list(Pod, labels)) {
    try {
      await ctx.client.delete(Pod.resource, metadata, { signal: ctx.signal });
    } catch (error) {
      if (!isNotFound(error)) throw new Error(`failed to perform restart: ${String(error)}`, { cause: error });
    }
  }
}

/** When the operator last restarted the pods of a Deployment. */
export function lastRestart(deployment: Deployment): string | undefined {
  return deployment.spec?.template.metadata?.annotations?.[RESTARTED_AT];
}

function secondsOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

function timeOf(text: string): number | undefined {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const time = Date.parse(text);
  return isTime && !Number.isNaN(time) ? time : undefined;
}
