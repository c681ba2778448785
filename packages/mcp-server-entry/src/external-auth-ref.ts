import { configRef, verdict } from '@trueup/core';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPServerEntry } from './resource.js';

/** Types that have no meaning for a VirtualMCPServer, which is what calls the server of an entry. */
const UNSUPPORTED = ['embeddedAuthServer', 'bearerToken'];

/** How requests to the server of an entry are authenticated. */
export const externalAuthRef = configRef({
  from: MCPServerEntry,
  to: MCPExternalAuthConfig,
  name: (entry) => entry.spec.externalAuthConfigRef?.name,
  condition: 'ExternalAuthConfigValidated',
  fallbackReason: 'InvalidExternalAuthConfig',
  unreferenced: () => verdict.true('AuthConfigNotConfigured', 'No external auth config reference configured'),
  wording: {
    valid: () => verdict.true('AuthConfigValid', 'Referenced MCPExternalAuthConfig exists'),
    notFound: () => verdict.false('AuthConfigNotFound', 'Referenced MCPExternalAuthConfig not found'),
  },
  accepts: ({ metadata, spec: { type } }) =>
    UNSUPPORTED.includes(type)
      ? verdict.false(
          'AuthConfigTypeUnsupported',
          `MCPExternalAuthConfig '${metadata.name}' has type ${type}, which MCPServerEntry does not support`,
        )
      : undefined,
});
