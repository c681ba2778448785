import { configRef, verdict } from '@trueup/core';
import { authzReferenceWording, MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPServer } from '../resource.js';

/** Who may do what through the proxy of a server. */
export const authzConfigRef = configRef({
  from: MCPServer,
  to: MCPAuthzConfig,
  name: (server) => server.spec.authzConfigRef?.name,
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
