import { configRefs } from '@trueup/core';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { namedExternalAuthConfig, outgoingAuthReference } from './outgoing-auth-reference.js';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

const { withoutConfig, ...shared } = outgoingAuthReference('Backend');

/** How the server authenticates to single backends, by their names. */
export const backendAuthRefs = configRefs({
  ...shared,
  from: VirtualMCPServer,
  to: MCPExternalAuthConfig,
  names: ({ spec }: StoredServer) =>
    Object.fromEntries(
      Object.entries(spec.outgoingAuth?.backends ?? {}).map(([name, auth]) => [name, namedExternalAuthConfig(auth)]),
    ),
  prefix: 'BackendAuthConfig-',
  unreferenced: ({ spec }: StoredServer, name) => withoutConfig(spec.outgoingAuth?.backends?.[name], name),
});
