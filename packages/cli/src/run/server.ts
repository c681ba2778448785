import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ControlPlane } from '@trueup/control-plane';
import { clusterFromToken, loadCluster, type ClusterConnection } from '@trueup/kube';
import type { OperatorApplication } from '../application.js';
import type { RunOptions } from './run-options.js';

/** The API server of a run: embedded, or somebody's cluster. */
export interface Server {
  readonly connection: ClusterConnection;
  readonly embedded?: ControlPlane;
  /** What to tell the user about it. */
  readonly banner: string;
  close(): Promise<void>;
}

export async function openServer(application: OperatorApplication, options: RunOptions): Promise<Server> {
  if (options.kubeconfig === undefined) return openEmbedded(application, options);
  const connection = await loadCluster({ kubeconfig: options.kubeconfig });
  return { connection, banner: `Cluster at ${connection.server}`, close: async () => {} };
}

async function openEmbedded({ prepare, modules }: OperatorApplication, options: RunOptions): Promise<Server> {
  const controlPlane = await ControlPlane.start({ port: options.port });
  prepare?.(controlPlane);
  const folder = options.writeKubeconfig === undefined ? await mkdtemp(path.join(tmpdir(), 'trueup-')) : undefined;
  const kubeconfig = options.writeKubeconfig ?? path.join(folder ?? '', 'kubeconfig');
  await controlPlane.writeKubeconfig(kubeconfig);
  const { url, token, caCertificate } = controlPlane;
  return {
    connection: clusterFromToken({ server: url, token, ...(caCertificate === undefined ? {} : { ca: caCertificate }) }),
    embedded: controlPlane,
    banner: [
      `Control plane at ${url} (answered its first request after ${Math.round(controlPlane.startedInMs)} ms)`,
      `  kubectl --kubeconfig ${kubeconfig} get ${kindsOf(modules)} -A`,
    ].join('\n'),
    async close() {
      await controlPlane.stop();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `kubectl get` shows all of them by: a category they share, or their names. */
function kindsOf(modules: OperatorApplication['modules']): string {
  const kinds = modules.flatMap((module) => module.kinds);
  const shared = kinds[0]?.definition.categories?.find((category) =>
    kinds.every(({ definition }) => definition.categories?.includes(category)),
  );
  return shared ?? kinds.map(({ resource }) => resource.plural).join(',');
}
