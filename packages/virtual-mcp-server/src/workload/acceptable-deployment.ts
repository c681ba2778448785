import { Deployment, OwnedByOtherError, SpecError, type Context } from '@trueup/core';
import { isInvalid } from '@trueup/kube';
import type { VirtualMCPServer } from '../resource.js';
import { invalidPodTemplate } from '../validation/pod-template.js';
import { POD_TEMPLATE_HASH, type DesiredDeployment } from './deployment.js';

/**
 * Makes sure that the Deployment of this name is that of the server, or nobody's yet.
 * @throws {@link OwnedByOtherError} when somebody else has made it; the server looks again later.
 */
export function requireOwnDeployment({ metadata, kind }: VirtualMCPServer, live: Deployment | undefined): void {
  const isOwn = (live?.metadata.ownerReferences ?? []).some(({ uid }) => uid === metadata.uid);
  if (live === undefined || isOwn) return;
  throw new OwnedByOtherError(`Deployment ${live.metadata.name} exists and is not owned by this ${kind}`);
}

/**
 * Asks the API server whether it takes a Deployment with the pod template of the spec in it, before anything is rolled out:
 * it knows more about pods than could be said here. A template that it has taken is not asked about again.
 *
 * @throws {@link SpecError} with its answer when it refuses.
 */
export async function requireAcceptable(
  deployment: DesiredDeployment,
  { server, live, fieldManager }: { server: VirtualMCPServer; live: Deployment | undefined; fieldManager: string },
  { client, signal }: Context,
): Promise<void> {
  const hash = deployment.metadata.annotations?.[POD_TEMPLATE_HASH];
  if (hash === undefined || hash === live?.metadata.annotations?.[POD_TEMPLATE_HASH]) return;
  const { namespace } = server.metadata;
  const body = { ...deployment, metadata: { ...deployment.metadata, ...(namespace && { namespace }) } };
  try {
    await client.apply(Deployment.resource, body, { fieldManager, force: true, dryRun: true, signal });
  } catch (error) {
    if (!isInvalid(error)) throw error;
    const { reason, message } = invalidPodTemplate(error.message);
    throw new SpecError(message, { condition: { type: 'PodTemplateSpecValid', reason } });
  }
}
