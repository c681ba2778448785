import { Deployment, Service, type Context } from '@trueup/core';
import { deploymentName, serviceName } from '../names.js';
import type { VirtualMCPServer } from '../resource.js';

/** What there was of the workload before a pass applied anything. */
export interface Before {
  readonly deployment: Deployment | undefined;
  readonly service: Service | undefined;
}

/** To be asked for once before anything is applied. */
export function workloadBefore({ metadata: { name } }: VirtualMCPServer, ctx: Context): Before {
  return ctx.once('workload before', () => workloadOf(name, ctx));
}

function workloadOf(server: string, ctx: Pick<Context, 'get'>): Before {
  return { deployment: ctx.get(Deployment, deploymentName(server)), service: ctx.get(Service, serviceName(server)) };
}

/** Tells what the pass has made, and what it could not make. */
export function tellWorkload(server: VirtualMCPServer, ctx: Context): void {
  const { name } = server.metadata;
  const before = workloadBefore(server, ctx);
  const { deployment, service } = workloadOf(name, ctx);
  if (before.deployment === undefined && deployment !== undefined) {
    tell('DeploymentCreated', 'CreateDeployment', 'Deployment created successfully');
  } else if (before.deployment?.metadata.generation !== deployment?.metadata.generation) {
    tell('DeploymentUpdated', 'UpdateDeployment', 'Deployment updated, rolling out new configuration');
  }
  if (before.service === undefined && service !== undefined) {
    tell('ServiceCreated', 'CreateService', `Service ${serviceName(name)} created successfully`);
  }
  tellFailure(server, ctx);

  function tell(reason: string, action: string, note: string): void {
    ctx.event({ type: 'Normal', reason, action, note });
  }
}

/** Not again while the status says it. */
function tellFailure({ status }: VirtualMCPServer, ctx: Context): void {
  for (const { child, message } of ctx.problems) {
    if (child === undefined || status?.message === message) continue;
    const { kind, existed } = child;
    if (kind !== Deployment.resource.kind && (kind !== Service.resource.kind || existed)) continue;
    const [reason, action] = existed ? ['UpdateFailed', 'Update'] : ['CreationFailed', 'Create'];
    ctx.event({
      type: 'Warning',
      reason: `${kind}${reason}`,
      action: `${action}${kind}`,
      note: `Failed to ${action.toLowerCase()} ${kind}: ${message}`,
    });
  }
}
