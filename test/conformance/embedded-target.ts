import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ControlPlane } from '@trueup/control-plane';
import { loadCluster } from '@trueup/kube';
import { ApiClient } from './api-client.js';
import type { Target } from './target.js';

/** Cases that the embedded control plane does not pass, and why. One that starts to pass must leave this list. */
export const KNOWN_EXCEPTIONS: Readonly<Record<string, string>> = {
  T272: 'integers beyond 2^53 lose digits, as they do in JavaScript',
};

/** A control plane in this process. What is configured there takes effect at once. */
export async function embeddedTarget(): Promise<Target> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trueup-conformance-'));
  const kubeconfig = path.join(folder, 'kubeconfig');
  const controlPlane = await ControlPlane.start();
  await controlPlane.writeKubeconfig(kubeconfig);
  const client = new ApiClient(await loadCluster({ kubeconfig }));
  return {
    client,
    kubeconfig,
    settleMs: 0,
    async [Symbol.asyncDispose]() {
      await client.close();
      await controlPlane.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
