import type { KindOf } from '@trueup/core';
import { playProxyRunner, WorkloadSettings } from '@trueup/mcp-workload';
import type { Scenario } from '@trueup/testing/simulation';

/** An object of a kind, in the namespace of the simulation. */
export const anObject = ({ resource }: KindOf, name: string, spec: object) => ({
  apiVersion: `${resource.group}/${resource.version}`,
  kind: resource.kind,
  metadata: { name },
  spec,
});

export const aSecret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

/** The spec of an MCPAuthzConfig with one policy. */
export const permits = (policy: string) => ({ type: 'cedarv1', config: { policies: [policy] } });

/** What every scenario with proxies needs: an image of the runner, and something that plays it. */
export const playedRunner: Pick<Scenario, 'register' | 'prepare'> = {
  register: (container) =>
    container.registerInstance(WorkloadSettings, new WorkloadSettings({ runnerImage: 'runner:v1' })),
  prepare: ({ workloads }) => workloads?.onImage(/^runner:/, playProxyRunner),
};
