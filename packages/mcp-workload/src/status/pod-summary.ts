import type { ContainerStatus, Pod } from '@trueup/core';

/** How the pods of a workload are, those that are going not counted. */
export interface PodSummary {
  readonly ready: number;
  readonly failed: number;
  readonly pending: number;
  /** Why the first failed pod failed. */
  readonly failure?: string;
  /** Why the first pending pod has no image. */
  readonly pullProblem?: string;
}

/** Waiting for these reasons does not end by itself. */
const FAILURES = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'InvalidImageName',
  'RunContainerError',
]);

const PULL_PROBLEMS = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'RegistryUnavailable']);

type PodState =
  | { readonly is: 'ready' }
  | { readonly is: 'pending'; readonly pullProblem?: string }
  | { readonly is: 'failed'; readonly reason: string };

/** Counts pods by what has become of them. */
export function summarizePods(pods: readonly Pod[]): PodSummary {
  const states = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined).map(stateOf);
  const failed = states.filter((state) => state.is === 'failed');
  const pending = states.filter((state) => state.is === 'pending');
  const pullProblem = pending.find((state) => state.pullProblem !== undefined)?.pullProblem;
  return {
    ready: states.length - failed.length - pending.length,
    failed: failed.length,
    pending: pending.length,
    ...(failed[0] && { failure: failed[0].reason }),
    ...(pullProblem !== undefined && { pullProblem }),
  };
}

function stateOf({ status }: Pod): PodState {
  const containers = status?.containerStatuses ?? [];
  const waiting = containers.map(({ state }) => state?.waiting?.reason ?? '');
  const failure = waiting.find((reason) => FAILURES.has(reason));
  if (failure !== undefined) return { is: 'failed', reason: failure };
  if (containers.some(hasFailed)) return { is: 'failed', reason: 'ContainerTerminated' };
  if (status?.phase === 'Failed') return { is: 'failed', reason: 'PodFailed' };
  const isUp = containers.length > 0 && containers.every(({ ready }) => ready);
  if (status?.phase === 'Succeeded' || (status?.phase === 'Running' && isUp)) return { is: 'ready' };
  const pullProblem = waiting.find((reason) => PULL_PROBLEMS.has(reason));
  return { is: 'pending', ...(pullProblem !== undefined && { pullProblem }) };
}

function hasFailed({ state }: ContainerStatus): boolean {
  return state?.terminated !== undefined && state.terminated.exitCode !== 0;
}
