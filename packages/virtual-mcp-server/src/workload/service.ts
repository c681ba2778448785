import type { DesiredObject } from '@trueup/core';
import { PORT, serverLabels, serviceName } from '../names.js';
import type { VirtualMCPServer } from '../resource.js';

/** The Service through which clients reach a server. */
export function service(
  name: string,
  { serviceType, sessionAffinity }: Pick<VirtualMCPServer['spec'], 'serviceType' | 'sessionAffinity'>,
): DesiredObject {
  const labels = serverLabels(name);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName(name), labels },
    spec: {
      type: serviceType,
      selector: labels,
      sessionAffinity,
      ports: [{ name: 'http', port: PORT, targetPort: PORT, protocol: 'TCP' }],
    },
  };
}
