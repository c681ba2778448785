import { fileURLToPath } from 'node:url';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpServer } from '@trueup/mcp-server';
import { defineApplication } from 'trueup';
import { standInForProxyRunner } from './proxy-runner-stand-in.js';

/** The MCP operator: its kinds, each from its own package. */
export default defineApplication({
  name: 'mcp-operator',
  modules: [mcpExternalAuthConfig, mcpServer],
  manifests: fileURLToPath(new URL('../manifests', import.meta.url)),
  prepare: standInForProxyRunner,
});
