import { configRef } from '@trueup/core';
import { MCPOIDCConfig, oidcReferenceWording } from '@trueup/mcp-oidc-config';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

/** How the tokens of clients are validated. */
export const oidcConfigRef = configRef({
  from: VirtualMCPServer,
  to: MCPOIDCConfig,
  name: ({ spec }: StoredServer) => spec.incomingAuth?.oidcConfigRef?.name,
  condition: 'OIDCConfigRefValidated',
  hash: 'oidcConfigHash',
  wording: oidcReferenceWording,
});
