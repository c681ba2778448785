import { Deployment, Pod, type Context, type Problem } from '@trueup/core';
import { summarizePods } from '@trueup/mcp-workload';
import { findBackend } from './backend.js';
import { deploymentName, serverLabels } from './names.js';
import { referenceSummary } from './references/reference-summary.js';
import type { MCPServer } from './resource.js';

export type Phase = 'Pending' | 'Ready' | 'Failed' | 'Terminating' | 'Stopped';

/** Where a server stands, in a word and in words. */
export interface Standing {
  readonly phase: Phase;
  readonly message: string;
  readonly readyReplicas: number;
}

/** Where a server stands at the end of a pass. */
export function serverStanding(server: MCPServer, ctx: Context): Standing {
  const { name } = server.metadata;
  const problem = problemOf(server, ctx);
  const standing = standingOf({
    isDeleting: ctx.isDeleting,
    ...(problem && { problem }),
    deployment: ctx.get(Deployment, deploymentName(name)),
    pods: ctx.list(Pod, serverLabels(name)),
    hasBackend: findBackend(server, ctx) !== undefined,
  });
  const isHeld = !ctx.isApplied && !ctx.isDeleting && problem === undefined;
  return isHeld ? { ...standing, ...said(server) } : standing;
}

/** While something is looked at anew nothing is applied, and what was said of the server before stays said. */
function said({ status }: MCPServer): Partial<Standing> {
  if (status?.phase === undefined) return {};
  return { phase: status.phase, message: status.message ?? '' };
}

/** What kept the pass from applying, in the words of the server's summary. */
function problemOf(server: MCPServer, ctx: Context): Observed['problem'] {
  // What somebody must mend is told before what passes by itself.
  const problem = ctx.problems.find((candidate) => !isPassing(candidate)) ?? ctx.problems[0];
  if (problem === undefined) return undefined;
  const { message, condition, reference } = problem;
  if (condition === 'PodTemplateValid') {
    return { message: message.replace(POD_TEMPLATE_MESSAGE, 'Invalid PodTemplateSpec: $1'), isPassing: false };
  }
  return {
    message: (reference && referenceSummary(reference, server)) ?? message,
    isPassing: isPassing(problem),
  };
}

/** True while a config waits for the verdict on it. */
function isPassing({ reference }: Problem): boolean {
  if (reference?.resolved.state !== 'unusable') return false;
  const { cause } = reference.resolved;
  return cause === 'pending' || cause === 'stale';
}

/** What there is to see of a server. */
export interface Observed {
  readonly isDeleting: boolean;
  /** What kept this pass from applying; `isPassing` when it is only a matter of waiting. */
  readonly problem?: { readonly message: string; readonly isPassing: boolean };
  readonly deployment?: Deployment;
  readonly pods: readonly Pod[];
  readonly hasBackend: boolean;
}

/** Tells where a server stands. */
export function standingOf({ isDeleting, problem, deployment, pods, hasBackend }: Observed): Standing {
  const summary = summarizePods(pods);
  const standing = (phase: Phase, message: string): Standing => ({ phase, message, readyReplicas: summary.ready });
  if (isDeleting) return standing('Terminating', 'MCP server is being terminated');
  if (problem !== undefined) return standing(problem.isPassing ? 'Pending' : 'Failed', problem.message);
  if (deployment?.spec?.replicas === 0) {
    return { phase: 'Stopped', message: 'MCP server is stopped (scaled to zero)', readyReplicas: 0 };
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

/** The condition tells more than the summary repeats. */
const POD_TEMPLATE_MESSAGE = /^Failed to parse PodTemplateSpec: (.*)\. Deployment blocked until fixed\.$/s;

function withReason(text: string, reason: string | undefined): string {
  return reason === undefined ? text : `${text}: ${reason}`;
}
