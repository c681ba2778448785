import { describe, expect, it } from '@jest/globals';
import type { Deployment, Pod } from '@trueup/core';
import { standingOf, type Observed } from './server-status.js';

type PodStatus = NonNullable<Pod['status']>;

let count = 0;
function pod(status: PodStatus, metadata: Partial<Pod['metadata']> = {}): Pod {
  count += 1;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${count}`, ...metadata }, status };
}

const running = (ready: boolean): PodStatus => ({
  phase: 'Running',
  containerStatuses: [{ name: 'toolhive', ready, restartCount: 0 }],
});
const waiting = (reason: string): PodStatus => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'toolhive', ready: false, restartCount: 0, state: { waiting: { reason } } }],
});
const ended = (exitCode: number): PodStatus => ({
  phase: 'Running',
  containerStatuses: [{ name: 'toolhive', ready: false, restartCount: 1, state: { terminated: { exitCode } } }],
});
const scaledTo = (replicas: number): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'fetch' },
  spec: { replicas, selector: {}, template: {} },
});

const seen = (observed: Partial<Observed>) =>
  standingOf({ isDeleting: false, pods: [], hasBackend: true, ...observed });

describe('where a server stands', () => {
  it.each<[string, Partial<Observed>, string, string, number]>([
    ['has no pods yet', {}, 'Pending', 'MCP server is being created', 0],
    ['has a pod that is not ready', { pods: [pod(running(false))] }, 'Pending', 'MCP server is starting', 0],
    ['has a pod without containers yet', { pods: [pod({ phase: 'Running' })] }, 'Pending', 'MCP server is starting', 0],
    [
      'waits for an image',
      { pods: [pod(waiting('ImagePullBackOff'))] },
      'Pending',
      'MCP server is starting: ImagePullBackOff',
      0,
    ],
    [
      'is served by one pod while another starts',
      { pods: [pod(running(true)), pod(running(false))] },
      'Ready',
      'MCP server is running',
      1,
    ],
    [
      'is served by one pod while another fails',
      { pods: [pod(waiting('CrashLoopBackOff')), pod(running(true))] },
      'Ready',
      'MCP server is running',
      1,
    ],
    [
      'has pods that crash',
      { pods: [pod(waiting('CrashLoopBackOff'))] },
      'Failed',
      'MCP server pod failed: CrashLoopBackOff',
      0,
    ],
    [
      'misses a Secret',
      { pods: [pod(waiting('CreateContainerConfigError'))] },
      'Failed',
      'MCP server pod failed: CreateContainerConfigError',
      0,
    ],
    [
      'has a container that ended badly',
      { pods: [pod(ended(1))] },
      'Failed',
      'MCP server pod failed: ContainerTerminated',
      0,
    ],
    ['has a container that ended well', { pods: [pod(ended(0))] }, 'Pending', 'MCP server is starting', 0],
    ['has a pod that failed', { pods: [pod({ phase: 'Failed' })] }, 'Failed', 'MCP server pod failed: PodFailed', 0],
    [
      'has only pods that go',
      { pods: [pod(running(true), { deletionTimestamp: '2026-01-01T00:00:00Z' })] },
      'Pending',
      'No healthy pods found',
      0,
    ],
    [
      'has lost its backend',
      { pods: [pod(running(true))], hasBackend: false },
      'Pending',
      'MCP server proxy is running; recreating missing workload StatefulSet',
      1,
    ],
    ['is scaled to zero', { deployment: scaledTo(0) }, 'Stopped', 'MCP server is stopped (scaled to zero)', 0],
    [
      'cannot be applied, though an older one runs',
      { problem: { message: 'spec is wrong', isPassing: false }, pods: [pod(running(true))] },
      'Failed',
      'spec is wrong',
      1,
    ],
    [
      'waits for a verdict on its config',
      { problem: { message: 'not validated yet', isPassing: true } },
      'Pending',
      'not validated yet',
      0,
    ],
    [
      'is being deleted',
      { isDeleting: true, problem: { message: 'x', isPassing: false }, pods: [pod(running(true))] },
      'Terminating',
      'MCP server is being terminated',
      1,
    ],
  ])('that %s', (_, observed, phase, message, readyReplicas) => {
    expect(seen(observed)).toMatchObject({ phase, message, readyReplicas });
  });
});
