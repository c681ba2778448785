import { OwnedByOtherError, type Deployment } from '@trueup/core';
import type { VirtualMCPServer } from '../resource.js';

/**
 * Makes sure that the Deployment of this name is that of the server, or nobody's yet.
 * @throws {@link OwnedByOtherError} when somebody else has made it; the server looks again later.
 */
export function requireOwnDeployment({ metadata, kind }: VirtualMCPServer, live: Deployment | undefined): void {
  const isOwn = (live?.metadata.ownerReferences ?? []).some(({ uid }) => uid === metadata.uid);
  if (live === undefined || isOwn) return;
  throw new OwnedByOtherError(`Deployment ${live.metadata.name} exists and is not owned by this ${kind}`);
}
