import {
  findCondition,
  Pod,
  verdict,
  type ConditionStatus,
  type Context,
  type Problem,
  type StatedVerdict,
} from '@trueup/core';
import { serverLabels } from '../names.js';
import type { VirtualMCPServer } from '../resource.js';
import { CONVERT } from '../stages.js';
import { countRoutable, type ReportedBackends } from './backend-health.js';

export type Phase = 'Pending' | 'Ready' | 'Degraded' | 'Failed';

/** Where a server stands, in a word, in words, and as the condition `Ready`. */
export interface Standing {
  readonly phase: Phase;
  readonly message: string;
  readonly ready: StatedVerdict;
}

/** Where a server stands at the end of a pass; undefined while nothing new is known, and what was said stays said. */
export function serverStanding(server: VirtualMCPServer, ctx: Context): Standing | undefined {
  const isHeld = !ctx.isApplied && ctx.problems.length === 0 && !ctx.isDeleting;
  if (isHeld && server.status?.phase !== undefined && hasReady(server)) return undefined;
  const observed = standingOf(podCounts(ctx.list(Pod, serverLabels(server.metadata.name))), reportedBackends(server));
  const problem = gravest(ctx.problems);
  return problem === undefined ? observed : standingWith(problem, ctx.conditions, observed);
}

function hasReady({ status }: VirtualMCPServer): boolean {
  return findCondition(status?.conditions, 'Ready') !== undefined;
}

function reportedBackends({ status }: VirtualMCPServer): ReportedBackends {
  return status?.discoveredBackends ?? [];
}

export interface PodCounts {
  readonly ready: number;
  readonly failed: number;
  readonly pending: number;
}

/** Counts pods by what has become of them; those that are going do not count. */
export function podCounts(pods: readonly Pod[]): PodCounts {
  const present = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const failed = present.filter(({ status }) => status?.phase === 'Failed').length;
  const ready = present.filter(({ status }) => status?.phase !== 'Failed' && isPodReady(status)).length;
  return { ready, failed, pending: present.length - failed - ready };
}

function isPodReady(status: Pod['status']): boolean {
  return (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

/** Where a server stands by its pods, and by what it reports of its backends. */
export function standingOf({ ready, failed, pending }: PodCounts, backends: ReportedBackends): Standing {
  if (ready === 0 && failed > 0) {
    return standing('Failed', 'Virtual MCP server failed to start', ['DeploymentFailed', 'Deployment failed']);
  }
  if (ready === 0) {
    const message = pending > 0 ? 'Virtual MCP server is starting' : 'No pods found for Virtual MCP server';
    return standing('Pending', message, ['DeploymentNotReady', 'Deployment is not yet ready']);
  }
  const routable = countRoutable(backends);
  if (backends.length > 0 && routable === 0) {
    return standing('Degraded', `Virtual MCP server is running but all ${backends.length} backends are unhealthy`, [
      'BackendsUnavailable',
      'All backends are unhealthy',
    ]);
  }
  if (routable < backends.length) {
    const message = `Virtual MCP server is running with ${routable}/${backends.length} backends available`;
    return standing('Degraded', message, ['BackendsDegraded', 'Some backends are unhealthy']);
  }
  return {
    phase: 'Ready',
    message: 'Virtual MCP server is running',
    ready: verdict.true('DeploymentReady', 'Deployment is ready'),
  };
}

function standing(phase: Phase, message: string, [reason, text]: readonly [string, string]): Standing {
  return { phase, message, ready: verdict.false(reason, text) };
}

/* What kept the pass from applying. */

/** In the order in which they are told: what only the author of the spec can mend comes first. */
const ORDER: readonly string[] = [
  'Valid',
  'PodTemplateSpecValid',
  'GroupRefValidated',
  'CompositeToolRefsValidated',
  'EmbeddingServerReady',
  'AuthServerConfigValidated',
  'BaselineScopesValid',
  'OIDCConfigRefValidated',
  'AuthzConfigRefValidated',
  'TelemetryConfigRefValidated',
];

/** Mended by somebody else, or by waiting: while pods serve by what was applied before, the server stands as they do. */
const SERVED_ON: readonly string[] = [
  'OIDCConfigRefValidated',
  'AuthzConfigRefValidated',
  'TelemetryConfigRefValidated',
  'AuthConfigured',
];

/** Passes by itself. */
const WAITING: readonly string[] = ['GroupRefNotReady', 'EmbeddingServerNotReady', 'NoBackends'];

/** What passes by itself is told last. */
function gravest(problems: readonly Problem[]): Problem | undefined {
  return problems.toSorted((one, other) => rankOf(one) - rankOf(other))[0];
}

function rankOf(problem: Problem): number {
  if (isAwaited(problem)) return ORDER.length + 1;
  const rank = ORDER.indexOf(problem.condition ?? '');
  return rank < 0 ? ORDER.length : rank;
}

function standingWith(problem: Problem, conditions: readonly ConditionStatus[], observed: Standing): Standing {
  const { condition: type = '' } = problem;
  const condition = findCondition(conditions, type);
  const reason = condition?.reason ?? 'NotApplied';
  const message = summaryOf(problem, reason);
  const isServing = observed.phase === 'Ready' || observed.phase === 'Degraded';
  if (isAwaited(problem) || !problem.terminal) return { ...observed, ...(isServing ? {} : { message }) };
  const servesOn = SERVED_ON.includes(type) || type.startsWith('ToolConfigValidated-') || type === '';
  if ((servesOn || reason === 'AuthServerSecretNotFound') && isServing) return { ...observed, message };
  const phase = WAITING.includes(reason) ? 'Pending' : 'Failed';
  return { phase, message, ready: verdict.false(reason, message) };
}

/** While a config waits for its verdict. */
function isAwaited({ reference }: Problem): boolean {
  if (reference?.resolved.state !== 'unusable') return false;
  const { cause } = reference.resolved;
  return cause === 'pending' || cause === 'stale';
}

/** The condition tells more than the summary repeats, or less. */
function summaryOf({ message }: Problem, reason: string): string {
  switch (reason) {
    case 'InvalidPodTemplateSpec':
      return message.replace(
        /^Failed to parse PodTemplateSpec: (.*)\. Deployment blocked until fixed\.$/s,
        'Invalid PodTemplateSpec: $1',
      );
    case 'EmbeddingServerNotReady':
      return 'Waiting for EmbeddingServer to become ready';
    case 'AuthServerConfigInvalid':
      return message.startsWith(CONVERT) ? `Failed to build configuration: ${message}` : message;
    default:
      return message;
  }
}
