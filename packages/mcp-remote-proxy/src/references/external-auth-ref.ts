import { configRef, verdict, type StatedVerdict } from '@trueup/core';
import { isForVirtualServerOnly, MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { authServerProblem } from './auth-server-problem.js';
import { MCPRemoteProxy } from '../resource.js';

/** How a proxy authenticates to the remote server. */
export const externalAuthRef = configRef({
  from: MCPRemoteProxy,
  to: MCPExternalAuthConfig,
  name: (proxy) => proxy.spec.externalAuthConfigRef?.name,
  condition: 'ExternalAuthConfigValidated',
  hash: 'externalAuthConfigHash',
  fallbackReason: 'InvalidExternalAuthConfig',
  accepts: (config, proxy): StatedVerdict | undefined => {
    const { metadata, spec } = config;
    if (isForVirtualServerOnly(config)) {
      return verdict.true(
        'ExternalAuthConfigNotApplied',
        `MCPExternalAuthConfig '${metadata.name}' has type ${spec.type}, which only takes effect through a VirtualMCPServer`,
      );
    }
    if (spec.type !== 'embeddedAuthServer') return undefined;
    const problem = authServerProblem(config, proxy);
    return problem && verdict.false(REASON[problem.cause], problem.message);
  },
});

const REASON = { multiUpstream: 'MultiUpstreamNotSupported', invalidConfig: 'InvalidConfig' } as const;
