import { findCondition, type Context } from '@trueup/core';
import { authServerRef } from './references/auth-server-ref.js';
import { authzConfigRef } from './references/authz-config-ref.js';
import { externalAuthRef } from './references/external-auth-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { problemSummary } from './references/problem-summary.js';
import type { MCPRemoteProxy } from './resource.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { toolConfigRef } from './references/tool-config-ref.js';

/** In the order in which they are told. */
const REFERENCES = [toolConfigRef, telemetryConfigRef, externalAuthRef, authServerRef, oidcConfigRef, authzConfigRef];

/** What keeps a proxy from being served, in a word and in words. */
export interface Standing {
  /** Pending: it is only a matter of waiting. */
  readonly phase: 'Pending' | 'Failed';
  readonly message: string;
}

/** Where a proxy stands at the end of a pass; undefined while nothing is known that keeps it from being served. */
export function proxyStanding(proxy: MCPRemoteProxy, ctx: Context): Standing | undefined {
  const statusOf = (type = '') => findCondition(ctx.conditions, type)?.status;
  const problem = ctx.problems.find(({ condition }) => statusOf(condition) !== 'Unknown');
  if (problem !== undefined) return { phase: 'Failed', message: problemSummary(problem, proxy, ctx) };

  const conditions = REFERENCES.flatMap(({ condition }) => findCondition(ctx.conditions, condition) ?? []);
  const broken = conditions.find(({ status }) => status === 'False');
  // Its config is being judged anew: what was wrong with it before stays said.
  if (broken !== undefined) return { phase: 'Failed', message: proxy.status?.message ?? broken.message };
  const pending = conditions.find(({ status }) => status === 'Unknown');
  return pending && { phase: 'Pending', message: pending.message };
}
