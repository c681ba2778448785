import { configRef } from '@trueup/core';
import { MCPOIDCConfig, oidcReferenceWording } from '@trueup/mcp-oidc-config';
import { MCPServer } from '../resource.js';

/** How the proxy of a server finds out who calls it. */
export const oidcConfigRef = configRef({
  from: MCPServer,
  to: MCPOIDCConfig,
  name: (server) => server.spec.oidcConfigRef?.name,
  condition: 'OIDCConfigRefValidated',
  hash: 'oidcConfigHash',
  wording: oidcReferenceWording,
});
