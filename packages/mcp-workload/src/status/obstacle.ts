import type { Context, Problem } from '@trueup/core';
import { BASELINE_SCOPE_NOT_SUPPORTED } from '@trueup/mcp-auth-server';
import type { ProxiedWorkload } from '../proxied-workload.js';
import { referenceSummary, type ReferenceSummaries } from '../references/reference-summary.js';

/** What kept a pass from applying, in the words of the workload's status. */
export interface Obstacle {
  readonly message: string;
  /** The condition that shows it; absent for what no condition owns. */
  readonly condition?: string;
  /** Of the condition `Ready` meanwhile, where it is another than `NotReady`. */
  readonly reason?: string;
  /** True when it is only a matter of waiting. */
  readonly isPassing: boolean;
}

/** What keeps this pass from applying; undefined while nothing does. */
export function obstacleOf<W extends ProxiedWorkload>(
  workload: W,
  { problems }: Pick<Context, 'problems'>,
  summaries: ReferenceSummaries<W>,
): Obstacle | undefined {
  // What somebody must mend is told before what passes by itself.
  const problem = problems.find((candidate) => !isPassing(candidate)) ?? problems[0];
  if (problem === undefined) return undefined;
  const { message, condition, reference } = problem;
  const told =
    condition === 'PodTemplateValid' ? message.replace(POD_TEMPLATE_MESSAGE, 'Invalid PodTemplateSpec: $1') : message;
  return {
    message: (reference && referenceSummary(reference, workload, summaries)) ?? told,
    ...(condition !== undefined && { condition }),
    ...(condition === 'BaselineScopesValid' && { reason: BASELINE_SCOPE_NOT_SUPPORTED }),
    isPassing: isPassing(problem),
  };
}

/** True while something is looked at anew: nothing is applied then, and what was said of the workload before stays said. */
export function isHeld({ isApplied, isDeleting, problems }: Context): boolean {
  return !isApplied && !isDeleting && problems.length === 0;
}

/** The condition tells more than the status repeats. */
const POD_TEMPLATE_MESSAGE = /^Failed to parse PodTemplateSpec: (.*)\. Deployment blocked until fixed\.$/s;

/** True while a config waits for the verdict on it. */
function isPassing({ reference }: Problem): boolean {
  if (reference?.resolved.state !== 'unusable') return false;
  const { cause } = reference.resolved;
  return cause === 'pending' || cause === 'stale';
}
