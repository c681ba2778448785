import { requireUsableName, workloadLabels, clusterUrl } from '@trueup/mcp-workload';
import type { MCPServer } from './resource.js';

/** How the objects around one server are called, all in its namespace. */
export const deploymentName = (server: string): string => server;
export const proxyServiceName = (server: string): string => `mcp-${server}-proxy`;
export const proxyRunnerName = (server: string): string => `${server}-proxy-runner`;
export const backendAccountName = (server: string): string => `${server}-sa`;

/** Made by the proxy runner. */
export const backendName = (server: string): string => server;
export const backendServiceNames = (server: string): readonly string[] => [`mcp-${server}-headless`, `mcp-${server}`];

export const serverLabels = (server: string): Readonly<Record<string, string>> => workloadLabels('mcpserver', server);

/** All Services around a server. */
export function serviceNames({ metadata: { name }, spec }: MCPServer): readonly string[] {
  return [proxyServiceName(name), ...(spec.transport === 'stdio' ? [] : backendServiceNames(name))];
}

/** The Service of a backend that is reached over the network is the first name to become too long: `mcp-…-headless`. */
const LONGEST_NAME = 50;
/** Pods of a StatefulSet carry its name and a hash of eleven characters in a label of 63. */
const LONGEST_STDIO_NAME = 52;

/** @throws {@link SpecError} when the objects around the server could not be called after it. */
export function requireServerName(server: MCPServer): void {
  requireUsableName(server, 'server', server.spec.transport === 'stdio' ? LONGEST_STDIO_NAME : LONGEST_NAME);
}

/** The API server fills it in; objects may have been stored before it did. */
const DEFAULT_PORT = 8080;

/** Where the proxy of a server is reached in the cluster, and its resource URL unless its spec says another. */
export function proxyUrl({ metadata: { name, namespace = '' }, spec }: MCPServer): string {
  return clusterUrl({ service: proxyServiceName(name), namespace, port: spec.proxyPort || DEFAULT_PORT });
}

/** Where clients in the cluster reach the server. */
export function serverUrl(server: MCPServer): string {
  const { transport, proxyMode } = server.spec;
  const offered = transport === 'stdio' ? proxyMode : transport;
  return `${proxyUrl(server)}${offered === 'sse' ? `/sse#${encodeURIComponent(server.metadata.name)}` : '/mcp'}`;
}
