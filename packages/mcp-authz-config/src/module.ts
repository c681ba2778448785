import { defineModule } from '@trueup/core';
import { MCPAuthzConfigReconciler } from './reconciler.js';
import { registerAuthorizers } from './register-authorizers.js';
import { MCPAuthzConfig } from './resource.js';

/** The MCPAuthzConfig kind and its behaviour. Register backends of your own under `AUTHORIZER_BACKEND`. */
export const mcpAuthzConfig = defineModule({
  name: '@trueup/mcp-authz-config',
  kinds: [MCPAuthzConfig],
  reconcilers: [MCPAuthzConfigReconciler],
  register: registerAuthorizers,
});
