import { clusterUrl, requireUsableName, workloadLabels } from '@trueup/mcp-workload';
import type { MCPRemoteProxy } from './resource.js';

/** How the objects around one proxy are called, all in its namespace. */
export const deploymentName = (proxy: string): string => proxy;
export const serviceName = (proxy: string): string => `mcp-${proxy}-remote-proxy`;
export const runnerName = (proxy: string): string => `${proxy}-remote-proxy-runner`;

export const proxyLabels = (proxy: string): Readonly<Record<string, string>> => workloadLabels('mcpremoteproxy', proxy);

/** Names of Services have at most 63 characters. */
const LONGEST_NAME = 63 - serviceName('').length;

/** @throws {@link SpecError} when the objects around the proxy could not be called after it. */
export function requireProxyName(proxy: MCPRemoteProxy): void {
  requireUsableName(proxy, 'proxy', LONGEST_NAME);
}

/** The API server fills it in; objects may have been stored before it did. */
const DEFAULT_PORT = 8080;

/** Where clients in the cluster reach a proxy, and its resource URL unless its spec says another. */
export function proxyUrl({ metadata: { name, namespace = '' }, spec }: MCPRemoteProxy): string {
  return clusterUrl({ service: serviceName(name), namespace, port: spec.proxyPort || DEFAULT_PORT });
}
