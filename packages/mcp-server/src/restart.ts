import { Pod, type Context, type Deployment } from '@trueup/core';
import { isNotFound } from '@trueup/kube';
import { LAST_PROCESSED_RESTART, RESTART_STRATEGY, RESTARTED_AT } from './annotations.js';
import { serverLabels } from './names.js';
import { MCPServer } from './resource.js';

/** A restart that the user asked for by annotation and that has not been carried out. */
export interface RestartRequest {
  /** The annotation's value: what identifies the request. */
  readonly requestedAt: string;
  readonly strategy: 'rolling' | 'immediate';
}

/** The restart that is due; undefined without one, or when the annotation is not a time. */
export function restartRequest({ metadata: { annotations = {} } }: MCPServer): RestartRequest | undefined {
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
 * @param isBackendLost - The proxies must start again to make their backend anew.
 */
export function restartMarks(
  live: Deployment | undefined,
  request: RestartRequest | undefined,
  { isBackendLost, now }: { readonly isBackendLost: boolean; readonly now: Date },
): RestartMarks {
  if (live === undefined) return { deployment: {}, podTemplate: {} };
  const processed = live.metadata.annotations?.[LAST_PROCESSED_RESTART];
  const isRequested = request?.strategy === 'rolling' && request.requestedAt !== processed;
  const restartedAt = isRequested || isBackendLost ? secondsOf(now) : lastRestart(live);
  const mark = isRequested ? request.requestedAt : processed;
  return {
    deployment: mark === undefined ? {} : { [LAST_PROCESSED_RESTART]: mark },
    podTemplate: restartedAt === undefined ? {} : { [RESTARTED_AT]: restartedAt },
  };
}

/** Carries out what a change of the Deployment does not, and notes on the server that its request is done. */
export async function finishRestart(server: MCPServer, ctx: Context): Promise<void> {
  const request = restartRequest(server);
  if (request === undefined) return;
  if (request.strategy === 'immediate') await deletePods(server, ctx);
  const { resourceVersion } = server.metadata;
  const patch = { metadata: { resourceVersion, annotations: { [LAST_PROCESSED_RESTART]: request.requestedAt } } };
  await ctx.client.mergePatch(MCPServer.resource, server.metadata, patch, { signal: ctx.signal });
}

async function deletePods({ metadata: { name } }: MCPServer, ctx: Context): Promise<void> {
  for (const { metadata } of ctx.list(Pod, serverLabels(name))) {
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
