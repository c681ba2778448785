import { configRef, verdict } from '@trueup/core';
import { authzReferenceWording, MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

/** Who may do what. The server itself decides, so that it must be Cedar; it never goes on without. */
export const authzConfigRef = configRef({
  from: VirtualMCPServer,
  to: MCPAuthzConfig,
  name: ({ spec }: StoredServer) => spec.incomingAuth?.authzConfigRef?.name,
  condition: 'AuthzConfigRefValidated',
  hash: 'authzConfigHash',
  wording: authzReferenceWording,
  accepts: ({ metadata: { name }, spec: { type } }) =>
    type === 'cedarv1'
      ? undefined
      : verdict.false(
          'AuthzConfigRefNotValid',
          `MCPAuthzConfig ${name} has unsupported type ${JSON.stringify(type)} for VirtualMCPServer; only cedarv1 is supported`,
        ),
});
