import { verdict, type ConfigUser, type Verdict, type Stored } from '@trueup/core';
import {
  BASELINE_SCOPE_NOT_SUPPORTED,
  baselineScopesProblem,
  baselineScopesVerdict,
  supportedScopesTold,
  type EmbeddedAuthServer,
} from '@trueup/mcp-auth-server';

/**
 * The condition `BaselineScopesValid` of a config: judged for every workload that runs its server, with the scopes that one
 * supports; without any, with the default scopes. Advice: the config may be right for another workload.
 */
export function baselineScopesValid(
  server: Stored<EmbeddedAuthServer> | undefined,
  users: readonly ConfigUser[],
): Verdict {
  const workloads = users.flatMap((user) => {
    const supportedScopes = supportedScopesTold(user.told);
    return supportedScopes === undefined ? [] : [{ name: `${user.kind} ${user.name}`, supportedScopes }];
  });
  const [first, ...others] = workloads;
  if (server === undefined || first === undefined) return baselineScopesVerdict(server, undefined);

  const namesByProblem = new Map<string, string[]>();
  for (const { name, supportedScopes } of [first, ...others]) {
    const problem = baselineScopesProblem(server, supportedScopes);
    if (problem !== undefined) namesByProblem.set(problem, [...(namesByProblem.get(problem) ?? []), name]);
  }
  if (namesByProblem.size === 0) return baselineScopesVerdict(server, first.supportedScopes);
  const problems = [...namesByProblem].map(([problem, names]) => `${problem} for ${names.join(', ')}`);
  return verdict.false(BASELINE_SCOPE_NOT_SUPPORTED, problems.join('; '));
}
