import { configRef, verdict } from '@trueup/core';
import { authzReferenceWording, MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPRemoteProxy } from '../resource.js';

/** Who may do what through a proxy. */
export const authzConfigRef = configRef({
  from: MCPRemoteProxy,
  to: MCPAuthzConfig,
  name: (proxy) => proxy.spec.authzConfigRef?.name,
  condition: 'AuthzConfigRefValidated',
  hash: 'authzConfigHash',
  wording: authzReferenceWording,
  // Only objects that were stored before the schema said so can have both.
  accepts: (_config, { spec }) =>
    spec.authzConfig === undefined
      ? undefined
      : verdict.false(
          'ConflictingAuthz',
          'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
        ),
});
