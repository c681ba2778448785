import { Deployment, findCondition, Pod, type Context } from '@trueup/core';
import { isHeld, obstacleOf, summarizePods, type Obstacle } from '@trueup/mcp-workload';
import { findBackend } from './backend.js';
import { deploymentName, serverLabels } from './names.js';
import { SUMMARIES } from './references.js';
import type { MCPServer } from './resource.js';

export type Phase = 'Pending' | 'Ready' | 'Failed' | 'Terminating' | 'Stopped';

/** Where a server stands, in a word and in words. */
export interface Standing {
  readonly phase: Phase;
  readonly message: string;
  /** Of the condition `Ready`. */
  readonly reason: string;
  readonly readyReplicas: number;
}

/** Where a server stands at the end of a pass. */
export function serverStanding(server: MCPServer, ctx: Context): Standing {
  const { name } = server.metadata;
  const problem = obstacleOf(server, ctx, SUMMARIES);
  const standing = standingOf({
    isDeleting: ctx.isDeleting,
    ...(problem && { problem }),
    deployment: ctx.get(Deployment, deploymentName(name)),
    pods: ctx.list(Pod, serverLabels(name)),
    hasBackend: findBackend(server, ctx) !== undefined,
  });
  const { phase, message = '' } = server.status ?? {};
  if (!isHeld(ctx) || phase === undefined) return standing;
  const reason = findCondition(server.status?.conditions, 'Ready')?.reason ?? standing.reason;
  return { ...standing, phase, message, reason };
}

/** What there is to see of a server. */
export interface Observed {
  readonly isDeleting: boolean;
  readonly problem?: Obstacle;
  readonly deployment?: Deployment;
  readonly pods: readonly Pod[];
  readonly hasBackend: boolean;
}

/** Tells where a server stands. */
export function standingOf({ isDeleting, problem, deployment, pods, hasBackend }: Observed): Standing {
  const summary = summarizePods(pods);
  const standing = (phase: Phase, message: string, reason = phase === 'Ready' ? 'Ready' : 'NotReady'): Standing => ({
    phase,
    message,
    reason,
    readyReplicas: summary.ready,
  });
  if (isDeleting) return standing('Terminating', 'MCP server is being terminated');
  if (problem !== undefined) return standing(problem.isPassing ? 'Pending' : 'Failed', problem.message, problem.reason);
  if (deployment?.spec?.replicas === 0) {
    return { ...standing('Stopped', 'MCP server is stopped (scaled to zero)'), readyReplicas: 0 };
  }
  if (pods.length === 0) return standing('Pending', 'MCP server is being created');
  if (summary.ready > 0 && !hasBackend) {
    return standing('Pending', 'MCP server proxy is running; recreating missing workload StatefulSet');
  }
  if (summary.ready > 0) return standing('Ready', 'MCP server is running');
  if (summary.failed > 0) return standing('Failed', withReason('MCP server pod failed', summary.failure));
  if (summary.pending > 0) return standing('Pending', withReason('MCP server is starting', summary.pullProblem));
  return standing('Pending', 'No healthy pods found');
}

function withReason(text: string, reason: string | undefined): string {
  return reason === undefined ? text : `${text}: ${reason}`;
}
