import { Deployment, Service, type Context } from '@trueup/core';
import { deploymentName, serviceName } from '../names.js';

/** What there was of the workload before a pass applied anything. */
export interface Before {
  readonly deployment: Deployment | undefined;
  readonly service: Service | undefined;
}

export function workloadOf(server: string, ctx: Pick<Context, 'get'>): Before {
  return { deployment: ctx.get(Deployment, deploymentName(server)), service: ctx.get(Service, serviceName(server)) };
}

/** Tells what the pass has made. */
export function tellWorkload(server: string, before: Before, ctx: Pick<Context, 'get' | 'event'>): void {
  const { deployment, service } = workloadOf(server, ctx);
  const was = before.deployment?.metadata.generation;
  if (before.deployment === undefined && deployment !== undefined) {
    tell('DeploymentCreated', 'CreateDeployment', 'Deployment created successfully');
  } else if (was !== deployment?.metadata.generation) {
    tell('DeploymentUpdated', 'UpdateDeployment', 'Deployment updated, rolling out new configuration');
  }
  if (before.service === undefined && service !== undefined) {
    tell('ServiceCreated', 'CreateService', `Service ${serviceName(server)} created successfully`);
  }

  function tell(reason: string, action: string, note: string): void {
    ctx.event({ type: 'Normal', reason, action, note });
  }
}
