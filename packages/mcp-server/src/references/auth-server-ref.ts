import { configRef, verdict, type StatedVerdict } from '@trueup/core';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPServer } from '../resource.js';
import { authServerProblem } from './auth-server-problem.js';

/** The authorization server that runs in the proxy of a server. */
export const authServerRef = configRef({
  from: MCPServer,
  to: MCPExternalAuthConfig,
  name: (server) => server.spec.authServerRef?.name,
  condition: 'AuthServerRefValidated',
  hash: 'authServerConfigHash',
  wording: { valid: (name) => verdict.true('AuthServerRefValid', `AuthServerRef '${name}' is valid`) },
  fallbackReason: 'InvalidExternalAuthConfig',
  accepts: (config, server): StatedVerdict | undefined => {
    // Only objects that were stored before the schema said so can name another kind, or none.
    const kind: string = server.spec.authServerRef?.kind || 'MCPExternalAuthConfig';
    if (kind !== 'MCPExternalAuthConfig') {
      return verdict.false(
        'AuthServerRefInvalidKind',
        `unsupported authServerRef kind ${JSON.stringify(kind)}: only MCPExternalAuthConfig is supported`,
      );
    }
    const { metadata, spec } = config;
    if (spec.type !== 'embeddedAuthServer') {
      return verdict.false(
        'AuthServerRefInvalidType',
        `authServerRef '${metadata.name}' has type "${spec.type}", but only embeddedAuthServer is supported`,
      );
    }
    const problem = authServerProblem(config, server);
    return problem && verdict.false(REASON[problem.cause], problem.message);
  },
});

const REASON = { multiUpstream: 'MultiUpstreamNotSupported', invalidConfig: 'AuthServerRefInvalidConfig' } as const;
