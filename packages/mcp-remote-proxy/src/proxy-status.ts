import { Deployment, findCondition, Pod, verdict, type Context, type StatedVerdict } from '@trueup/core';
import { isHeld, obstacleOf, summarizePods, type Obstacle } from '@trueup/mcp-workload';
import { deploymentName, proxyLabels } from './names.js';
import { SUMMARIES } from './references.js';
import type { MCPRemoteProxy } from './resource.js';

export type Phase = 'Pending' | 'Ready' | 'Failed' | 'Terminating';

/** Where a proxy stands, in a word, in words, and as the condition `Ready`. */
export interface Standing {
  readonly phase: Phase;
  readonly message: string;
  readonly ready: StatedVerdict;
}

/** Where a proxy stands at the end of a pass. */
export function proxyStanding(proxy: MCPRemoteProxy, ctx: Context): Standing {
  const { name } = proxy.metadata;
  const before = lastStanding(proxy);
  if (isHeld(ctx) && before !== undefined) return before;
  const problem = obstacleOf(proxy, ctx, SUMMARIES);
  return standingOf({
    isDeleting: ctx.isDeleting,
    ...(problem && { problem }),
    deployment: ctx.get(Deployment, deploymentName(name)),
    pods: ctx.list(Pod, proxyLabels(name)),
  });
}

function lastStanding({ status }: MCPRemoteProxy): Standing | undefined {
  const ready = findCondition(status?.conditions, 'Ready');
  if (status?.phase === undefined || ready === undefined) return undefined;
  const { reason, message } = ready;
  const stated = ready.status === 'True' ? verdict.true(reason, message) : verdict.false(reason, message);
  return { phase: status.phase, message: status.message ?? '', ready: stated };
}

/** What there is to see of a proxy. */
export interface Observed {
  readonly isDeleting: boolean;
  readonly problem?: Obstacle;
  readonly deployment: Deployment | undefined;
  readonly pods: readonly Pod[];
}

/** Tells where a proxy stands. */
export function standingOf({ isDeleting, problem, deployment, pods }: Observed): Standing {
  if (isDeleting) return standing('Terminating', 'Remote proxy is being terminated');
  if (problem !== undefined) return stoppedBy(problem);
  if (deployment?.spec?.replicas === 0) return standing('Pending', 'Remote proxy is scaled to zero');
  const { ready, failed, pending, failure, pullProblem } = summarizePods(pods);
  if (ready > 0) {
    const running = verdict.true('DeploymentReady', 'Deployment is ready and running');
    return { phase: 'Ready', message: 'Remote proxy is running', ready: running };
  }
  if (failed > 0) return standing('Failed', 'Remote proxy failed to start', ['Deployment failed', failure]);
  if (pending > 0) return standing('Pending', 'Remote proxy is starting', ['Deployment is not yet ready', pullProblem]);
  return standing('Pending', 'No pods found for remote proxy', ['No pods found', undefined]);
}

/** @param told - What the condition says, and why, where that is known; by default what the message says. */
function standing(phase: Phase, message: string, [told, cause]: readonly [string, string?] = [message]): Standing {
  const because = cause === undefined ? '' : `: ${cause}`;
  return {
    phase,
    message: `${message}${because}`,
    ready: verdict.false('DeploymentNotReady', `${told}${because}`),
  };
}

function stoppedBy({ message, condition, reason, isPassing }: Obstacle): Standing {
  const told = condition === 'ConfigurationValid' ? `Validation failed: ${message}` : message;
  const because = condition === 'PodTemplateValid' ? 'DeploymentNotReady' : (reason ?? 'NotReady');
  return { phase: isPassing ? 'Pending' : 'Failed', message: told, ready: verdict.false(because, told) };
}
