import type { DesiredObject } from '@trueup/core';
import { overlay } from './labels.js';

type Strings = Readonly<Record<string, string>>;

export interface ProxyServiceParts {
  readonly name: string;
  readonly labels: Strings;
  readonly overrides?: { readonly labels?: Strings; readonly annotations?: Strings };
  readonly port: number;
  readonly sessionAffinity: 'ClientIP' | 'None';
}

/** The Service through which clients reach the proxy of a workload. */
export function proxyService({
  name,
  labels,
  overrides = {},
  port,
  sessionAffinity,
}: ProxyServiceParts): DesiredObject {
  const annotations = overlay(overrides.annotations);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { ...overrides.labels, ...labels }, ...(annotations && { annotations }) },
    spec: {
      selector: labels,
      sessionAffinity,
      ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
    },
  };
}

/** Where clients in the cluster reach a Service. */
export function clusterUrl({ service, namespace, port }: { service: string; namespace: string; port: number }): string {
  return `http://${service}.${namespace}.svc.cluster.local:${port}`;
}
