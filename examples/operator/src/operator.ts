import { fileURLToPath } from 'node:url';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpServer } from '@trueup/mcp-server';
import { playProxyRunner } from '@trueup/mcp-workload';
import { defineApplication } from 'trueup';

/** The MCP operator: its kinds, each from its own package. */
export default defineApplication({
  name: 'mcp-operator',
  modules: [mcpExternalAuthConfig, mcpServer],
  manifests: fileURLToPath(new URL('../manifests', import.meta.url)),
  // Nothing runs in the pods of the embedded control plane; the backends of the servers are made all the same.
  prepare: ({ workloads }) => workloads?.onImage(/proxyrunner/, playProxyRunner),
});
