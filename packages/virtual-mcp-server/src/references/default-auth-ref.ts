import { configRef } from '@trueup/core';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { namedExternalAuthConfig, outgoingAuthReference } from './outgoing-auth-reference.js';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

const { withoutConfig, ...shared } = outgoingAuthReference('Default');

/** How the server authenticates to backends that bring nothing of their own. */
export const defaultAuthRef = configRef({
  ...shared,
  from: VirtualMCPServer,
  to: MCPExternalAuthConfig,
  name: ({ spec }: StoredServer) => namedExternalAuthConfig(spec.outgoingAuth?.default),
  condition: 'DefaultAuthConfig',
  unreferenced: ({ spec }: StoredServer) => withoutConfig(spec.outgoingAuth?.default, 'default'),
});
