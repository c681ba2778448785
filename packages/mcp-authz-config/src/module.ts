import { defineModule } from '@trueup/core';
import { AUTHORIZER_BACKEND, type AuthorizerBackend } from './authorizer-backend.js';
import { AuthorizerRegistry } from './authorizer-registry.js';
import { CedarBackend } from './cedar/cedar-backend.js';
import { HttpPdpBackend } from './http-pdp-backend.js';
import { MCPAuthzConfigReconciler } from './reconciler.js';
import { MCPAuthzConfig } from './resource.js';

/** The MCPAuthzConfig kind and its behaviour. Register backends of your own under `AUTHORIZER_BACKEND`. */
export const mcpAuthzConfig = defineModule({
  name: '@trueup/mcp-authz-config',
  kinds: [MCPAuthzConfig],
  reconcilers: [MCPAuthzConfigReconciler],
  register: (container) => {
    container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useValue: new CedarBackend() });
    container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useValue: new HttpPdpBackend() });
    container.registerSingleton(AuthorizerRegistry);
  },
});
