import { defineModule } from '@trueup/core';
import { MCPOIDCConfigReconciler } from './reconciler.js';
import { MCPOIDCConfig } from './resource.js';

/** The MCPOIDCConfig kind and its behaviour. */
export const mcpOidcConfig = defineModule({
  name: '@trueup/mcp-oidc-config',
  kinds: [MCPOIDCConfig],
  reconcilers: [MCPOIDCConfigReconciler],
});
