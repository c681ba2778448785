import { fileURLToPath } from 'node:url';
import { storageVersionMigration } from '@trueup/core';
import { mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpGroup } from '@trueup/mcp-group';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpRemoteProxy } from '@trueup/mcp-remote-proxy';
import { mcpServer } from '@trueup/mcp-server';
import { mcpServerEntry } from '@trueup/mcp-server-entry';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { playProxyRunner } from '@trueup/mcp-workload';
import { virtualMcpCompositeToolDefinition } from '@trueup/virtual-mcp-composite-tool-definition';
import { virtualMcpServer } from '@trueup/virtual-mcp-server';
import { defineApplication } from 'trueup';

const configs = [
  mcpAuthzConfig,
  mcpExternalAuthConfig,
  mcpOidcConfig,
  mcpTelemetryConfig,
  mcpToolConfig,
  mcpWebhookConfig,
];
const groups = [mcpGroup, virtualMcpCompositeToolDefinition];
const workloads = [mcpServer, mcpRemoteProxy, mcpServerEntry, virtualMcpServer];

/** The MCP operator: its kinds, each from its own package. */
export default defineApplication({
  name: 'mcp-operator',
  modules: [...configs, ...groups, ...workloads],
  features: [
    {
      name: 'storage-version-migrator',
      variable: 'TOOLHIVE_ENABLE_STORAGE_VERSION_MIGRATOR',
      modules: [
        storageVersionMigration({
          kinds: [...configs, ...groups, ...workloads].flatMap((module) => module.kinds),
          label: 'toolhive.stacklok.dev/auto-migrate-storage-version',
        }),
      ],
      needsAllNamespaces: true,
    },
  ],
  image: 'mcp-operator:0.1.0',
  lease: 'toolhive-operator-leader-election',
  // Where the operator ran that this one can replace, its objects and their children carry its name.
  formerManagers: ['thv-operator'],
  manifests: fileURLToPath(new URL('../manifests', import.meta.url)),
  // Nothing runs in the pods of the embedded control plane; the backends of the servers are made all the same.
  prepare: (controlPlane) => controlPlane.workloads?.onImage(/proxyrunner/, playProxyRunner),
});
