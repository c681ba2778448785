import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { bearer, fixedCredentials, type CredentialProvider } from './credentials.js';
import { ClusterConfigError } from './errors.js';
import type { Impersonation } from './impersonation.js';
import { serviceAccountCluster, SERVICE_ACCOUNT_DIRECTORY } from './service-account.js';

/** Where an API server is and how to log in. */
export interface ClusterConnection {
  /** For people: the context's name, `in-cluster`, … */
  readonly name: string;
  /** Base URL, `https://10.0.0.1:6443`; may have a path. */
  readonly server: string;
  /** Namespace to use where the user names none. */
  readonly namespace: string;
  readonly credentials: CredentialProvider;
  /** Certificate authority, PEM. Default: the authorities Node.js knows. */
  readonly ca?: string;
  /** Reads the certificate authority again; asked when the server's certificate no longer fits `ca`. */
  readonly reloadCa?: () => Promise<string>;
  /** Name to expect in the server's certificate, if not the host of `server`. */
  readonly tlsServerName?: string;
  /** Accepts any certificate. Default: false. */
  readonly insecureSkipTlsVerify?: boolean;
  /** HTTP proxy to go through. */
  readonly proxyUrl?: string;
  /** Whom to act as, where the credentials are allowed to. Default: whom the credentials are of. */
  readonly impersonate?: Impersonation;
  /**
   * Asks for large answers packed (gzip), which pays below some 400 Mbit/s. Default: false; a kubeconfig has it on unless
   * `disable-compression` is set.
   */
  readonly compression?: boolean;
  /**
   * Opens a connection to the server in place of a socket: through a tunnel, or to a server in this process. HTTP/1.1 is
   * spoken over it, without TLS; `server` is then only a name. What it throws fails the request like a connection refused.
   */
  readonly connect?: () => Duplex;
}

export interface LoadClusterOptions {
  /** Path of the one kubeconfig file to use. */
  readonly kubeconfig?: string;
  /** Context in the kubeconfig. Default: its `current-context`. */
  readonly context?: string;
}

/**
 * Finds the cluster: the given kubeconfig, else `KUBECONFIG`, else the pod's service account, else `~/.kube/config`.
 *
 * Unlike kubectl's order, a service account goes before `~/.kube/config`: a stray file in an image must not win.
 *
 * @throws {@link ClusterConfigError} naming what was tried, or what is wrong with the file found.
 */
export function loadCluster(options: LoadClusterOptions = {}): Promise<ClusterConnection> {
  return findCluster(options, {
    env: process.env,
    home: homedir(),
    serviceAccountDirectory: SERVICE_ACCOUNT_DIRECTORY,
  });
}

/** What {@link loadCluster} takes from the machine. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly serviceAccountDirectory: string;
}

export async function findCluster(
  { kubeconfig, context }: LoadClusterOptions,
  { env, home, serviceAccountDirectory }: Surroundings,
): Promise<ClusterConnection> {
  if (kubeconfig !== undefined) return fromKubeconfig([kubeconfig], context);

  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const present = listed.filter((path) => existsSync(path));
  if (present.length > 0) return fromKubeconfig(present, context);

  const inCluster = await serviceAccountCluster(env, serviceAccountDirectory);
  if (inCluster !== undefined && context === undefined) return inCluster;

  const fallback = join(home, '.kube', 'config');
  if (existsSync(fallback)) return fromKubeconfig([fallback], context);

  throw new ClusterConfigError(
    `No cluster found: KUBECONFIG ${listed.length === 0 ? 'is not set' : `names no file that exists (${listed.join(', ')})`}, ` +
      `there is no service account in ${serviceAccountDirectory}, and no file ${fallback}`,
  );
}

/** Loaded late: inside a cluster nobody needs a YAML parser for this. */
async function fromKubeconfig(paths: readonly string[], context: string | undefined): Promise<ClusterConnection> {
  const { kubeconfigCluster } = await import('./kubeconfig.js');
  return kubeconfigCluster(paths, context);
}

/** A connection to a server whose address and token are known. */
export function clusterFromToken(options: {
  readonly server: string;
  /** PEM. */
  readonly ca?: string;
  readonly token?: string;
  /** Default: the server's host and port. */
  readonly name?: string;
  /** Default: `default`. */
  readonly namespace?: string;
}): ClusterConnection {
  const { server, ca, token, name = hostOf(server), namespace = 'default' } = options;
  return {
    name,
    server,
    namespace,
    credentials: fixedCredentials(token === undefined ? {} : bearer(token)),
    ...(ca !== undefined && { ca }),
  };
}

function hostOf(server: string): string {
  if (!URL.canParse(server)) throw new ClusterConfigError(`Not a server URL: ${JSON.stringify(server)}`);
  return new URL(server).host;
}
