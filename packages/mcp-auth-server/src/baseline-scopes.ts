import { verdict, type Verdict, type Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from './schema/embedded-auth-server-schema.js';

/** Scopes an embedded authorization server supports when its workload names none. */
export const DEFAULT_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/** What a workload tells the config whose embedded authorization server it runs. */
export type AuthServerUser = {
  /** `oidcConfigRef.scopes` of the workload; empty when it names none. */
  readonly supportedScopes: readonly string[];
};

/** What a user of a config told about its scopes; undefined when it runs no server. */
export function supportedScopesTold(told: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { supportedScopes } = told;
  const isList = Array.isArray(supportedScopes);
  return isList ? supportedScopes.filter((scope) => typeof scope === 'string') : undefined;
}

/** The scopes that count when a workload names these. */
export function supportedScopesOf(named: readonly string[] = []): readonly string[] {
  return named.length === 0 ? DEFAULT_SCOPES : named;
}

/**
 * Which baseline scopes are not supported; undefined when all are. A server with such scopes does not start.
 *
 * @param supportedScopes - As the workload names them; none stands for {@link DEFAULT_SCOPES}.
 */
export function baselineScopesProblem(
  { baselineClientScopes = [] }: Stored<EmbeddedAuthServer>,
  supportedScopes: readonly string[] | undefined,
): string | undefined {
  const supported = supportedScopesOf(supportedScopes);
  const odd = baselineClientScopes.filter((scope) => !supported.includes(scope));
  if (odd.length === 0) return undefined;
  const names = odd.map((scope) => JSON.stringify(scope)).join(', ');
  const verb = odd.length === 1 ? 'is' : 'are';
  return `baselineClientScopes contains ${names} which ${verb} not in the supported scopes [${supported.join(' ')}]`;
}

/**
 * The condition `BaselineScopesValid` of a workload that runs this server, for a gate: True or False; absent without a server
 * or without baseline scopes.
 */
export function baselineScopesVerdict(
  server: Stored<EmbeddedAuthServer> | undefined,
  supportedScopes: readonly string[] | undefined,
): Verdict {
  if (server?.baselineClientScopes === undefined || server.baselineClientScopes.length === 0) return verdict.absent;
  const problem = baselineScopesProblem(server, supportedScopes);
  return problem === undefined ? BASELINE_SCOPES_SUPPORTED : verdict.false(BASELINE_SCOPE_NOT_SUPPORTED, problem);
}

/** Reason of `BaselineScopesValid` while it is False. */
export const BASELINE_SCOPE_NOT_SUPPORTED = 'BaselineScopeNotSupported';

const BASELINE_SCOPES_SUPPORTED = verdict.true(
  'BaselineScopesSupported',
  'All baselineClientScopes are in the supported scopes',
);
