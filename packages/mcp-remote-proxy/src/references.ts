import {
  externalAuthSummary,
  proxyReferences,
  referenceSummaries,
  type ProxiedKind,
  type ReferenceSummaries,
} from '@trueup/mcp-workload';
import { proxyLabels, proxyUrl } from './names.js';
import { MCPRemoteProxy } from './resource.js';

/* What a proxy refers to. */

const references = proxyReferences({ from: MCPRemoteProxy, proxyUrl });
export const {
  groupRef,
  toolConfigRef,
  telemetryConfigRef,
  externalAuthRef,
  authServerRef,
  oidcConfigRef,
  authzConfigRef,
} = references;

/** A remote proxy as all kinds with a proxy are. */
export const PROXIED: ProxiedKind<MCPRemoteProxy> = {
  kind: MCPRemoteProxy,
  controller: 'mcpremoteproxy-controller',
  references,
  proxyUrl,
  labels: proxyLabels,
};

/** What the status message says of a reference that cannot be used, in the words users know. */
export const SUMMARIES: ReferenceSummaries<MCPRemoteProxy> = {
  ...referenceSummaries(PROXIED),

  // Nobody is sent to another kind for the way out.
  [externalAuthRef.condition]: (resolved, proxy) =>
    externalAuthSummary(resolved, proxy)?.replace(/; use VirtualMCPServer$/, ''),
};
