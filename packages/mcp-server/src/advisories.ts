import { verdict, type StatedVerdict } from '@trueup/core';
import { countsUsers, refillPeriodProblem } from '@trueup/mcp-workload';
import type { MCPServer } from './resource.js';

/* Conditions that warn of a spec and stop nothing. */

type Spec = MCPServer['spec'];

/** The condition `StdioReplicaCapped`: a server that speaks stdio has one proxy and one backend. */
export function stdioReplicaCapped({ transport, replicas = 0, backendReplicas = 0 }: Spec): StatedVerdict {
  const capped = [
    ...(replicas > 1 ? [{ what: 'deployment', field: 'spec.replicas' }] : []),
    ...(backendReplicas > 1 ? [{ what: 'backend StatefulSet', field: 'spec.backendReplicas' }] : []),
  ];
  if (transport !== 'stdio' || capped.length === 0) {
    return verdict.false('StdioReplicaCapNotActive', 'stdio replica cap is not active');
  }
  const list = (key: 'what' | 'field') => capped.map((part) => part[key]).join(' and ');
  return verdict.true(
    'StdioTransportCapAt1',
    `stdio transport requires exactly 1 replica; ${list('what')} will use 1 regardless of ${list('field')}`,
  );
}

/** The condition `RateLimitConfigValid`. */
export function rateLimitConfigValid({ rateLimiting, oidcConfigRef, externalAuthConfigRef }: Spec): StatedVerdict {
  if (rateLimiting === undefined) return verdict.true('RateLimitNotApplicable', 'rate limiting is not configured');
  const problem = refillPeriodProblem(rateLimiting);
  if (problem !== undefined) return verdict.false('InvalidRefillPeriod', `spec.${problem}`);
  if (countsUsers(rateLimiting) && oidcConfigRef === undefined && externalAuthConfigRef === undefined) {
    return verdict.false(
      'PerUserRequiresAuth',
      'perUser rate limiting requires authentication to be enabled (oidcConfigRef or externalAuthConfigRef)',
    );
  }
  return verdict.true('RateLimitConfigValid', 'rate limit configuration is valid');
}
