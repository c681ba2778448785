import { configRef, verdict, type StatedVerdict } from '@trueup/core';
import { isForVirtualServerOnly, MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPServer } from '../resource.js';
import { authServerProblem } from './auth-server-problem.js';

/** How the proxy of a server authenticates to its backend. */
export const externalAuthRef = configRef({
  from: MCPServer,
  to: MCPExternalAuthConfig,
  name: (server) => server.spec.externalAuthConfigRef?.name,
  condition: 'ExternalAuthConfigValidated',
  hash: 'externalAuthConfigHash',
  fallbackReason: 'InvalidExternalAuthConfig',
  accepts: (config, server): StatedVerdict | undefined => {
    const { type } = config.spec;
    const quoted = `MCPExternalAuthConfig '${config.metadata.name}'`;
    if (type === 'bearerToken' || type === 'awsSts') {
      return verdict.false('UnsupportedType', `${quoted} has type ${type}, which MCPServer does not support`);
    }
    if (isForVirtualServerOnly(config)) {
      return verdict.true(
        'ExternalAuthConfigNotApplied',
        `${quoted} has type ${type}, which only takes effect through a VirtualMCPServer`,
      );
    }
    if (type !== 'embeddedAuthServer') return undefined;
    const problem = authServerProblem(config, server);
    return problem && verdict.false(REASON[problem.cause], problem.message);
  },
});

const REASON = { multiUpstream: 'MultiUpstreamNotSupported', invalidConfig: 'InvalidConfig' } as const;
