import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { ClusterConnection } from './cluster.js';
import { fileCredentials } from './credentials.js';

/** Where the kubelet puts a pod's service account. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster this pod runs in; undefined outside of one.
 *
 * @see {@link https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ | Accessing the API from a pod}
 */
export async function serviceAccountCluster(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
): Promise<ClusterConnection | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const token = join(directory, 'token');
  if (host === undefined || host === '' || !existsSync(token)) return undefined;

  const readCa = (): Promise<string> => readFile(join(directory, 'ca.crt'), 'utf8');
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => 'default');
  return {
    name: 'in-cluster',
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim(),
    ca: await readCa(),
    reloadCa: readCa,
    credentials: fileCredentials({ token }),
  };
}
