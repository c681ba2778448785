import { OwnedByOtherError, Service, type Context } from '@trueup/core';
import { formatName } from '@trueup/kube';
import { backendServiceNames, proxyServiceName } from './names.js';
import type { MCPServer } from './resource.js';

/**
 * The Service of server `a` is called like that of the backend of a server `a-proxy`. Both cannot be: whoever comes second
 * finds the name taken, stops, and tries again later.
 *
 * @throws {@link OwnedByOtherError} naming the other workload.
 */
export function requireFreeNames({ metadata }: MCPServer, spec: MCPServer['spec'], ctx: Pick<Context, 'get'>): void {
  const { name } = metadata;
  const wanted = [proxyServiceName(name), ...(spec.transport === 'stdio' ? [] : backendServiceNames(name))];
  for (const service of wanted) {
    const owner = ctx.get(Service, service)?.metadata.labels?.['toolhive-name'];
    if (owner !== undefined && owner !== name) {
      throw new OwnedByOtherError(
        `Service ${formatName({ ...metadata, name: service })} belongs to the workload ${owner}; ` +
          `rename MCPServer ${formatName({ ...metadata, name })} or remove the other one`,
      );
    }
  }
}
