import { execFileSync } from 'node:child_process';
import { loadCluster } from '@trueup/kube';
import { ApiClient } from './api-client.js';

/** The server that the cases are asked of. */
export interface Target extends AsyncDisposable {
  readonly client: ApiClient;
  /** Path of a kubeconfig, for commands. */
  readonly kubeconfig: string;
  /** How long the server takes to see a change of webhooks, roles or definitions, in milliseconds. */
  readonly settleMs: number;
}

/** What some servers can do and others cannot: a case that needs more than its server has is skipped. */
export const FEATURES = [
  'core',
  'openapi',
  'protobuf',
  'rbac',
  'tokens',
  'escalation',
  'webhooks',
  'policies',
  'gc',
  'namespaces',
  'workloads',
  'window',
] as const;

/** What no kube-apiserver can: it forgets history when it is told to, and fails on request. */
export const OWN_FEATURES = ['compact', 'faults'] as const;

/** A server that somebody else runs, by its kubeconfig. */
export async function kubeconfigTarget(kubeconfig: string, settleMs: number): Promise<Target> {
  const client = new ApiClient(await loadCluster({ kubeconfig }));
  return { client, kubeconfig, settleMs, [Symbol.asyncDispose]: () => client.close() };
}

export function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
