import type { DependencyContainer } from '@trueup/core';
import { AUTHORIZER_BACKEND, type AuthorizerBackend } from './authorizer-backend.js';
import { AuthorizerRegistry } from './authorizer-registry.js';
import { CedarBackend } from './cedar/cedar-backend.js';
import { HttpPdpBackend } from './http-pdp-backend.js';

/**
 * Registers the {@link AuthorizerRegistry} with the backends of this package, once: for modules that judge authorization
 * policies and may be assembled without the module of MCPAuthzConfig.
 */
export function registerAuthorizers(container: DependencyContainer): void {
  if (container.isRegistered(AuthorizerRegistry)) return;
  container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useValue: new CedarBackend() });
  container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useValue: new HttpPdpBackend() });
  container.registerSingleton(AuthorizerRegistry);
}
