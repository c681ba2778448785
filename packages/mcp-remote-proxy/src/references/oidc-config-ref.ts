import { configRef } from '@trueup/core';
import { MCPOIDCConfig, oidcReferenceWording } from '@trueup/mcp-oidc-config';
import { MCPRemoteProxy } from '../resource.js';

/** How a proxy finds out who calls it. */
export const oidcConfigRef = configRef({
  from: MCPRemoteProxy,
  to: MCPOIDCConfig,
  name: (proxy) => proxy.spec.oidcConfigRef?.name,
  condition: 'OIDCConfigRefValidated',
  hash: 'oidcConfigHash',
  wording: oidcReferenceWording,
});
