import { spawn } from 'node:child_process';
import { dirname, isAbsolute, join } from 'node:path';
import { Cancellation } from './cancellation.js';
import { systemClock, type Clock } from './clock.js';
import type { ClusterConnection } from './cluster.js';
import { bearer, RenewingCredentials, type CredentialProvider, type Renewal } from './credentials.js';
import { ClusterConfigError, CredentialsError } from './errors.js';
import type { Fields } from './fields.js';

/** A plugin that may ask the user something gets the time a login in a browser takes. */
const TIMEOUT_MS = { unattended: 60_000, interactive: 300_000 };

/** Renewed so long before they expire, so that a request on its way does not arrive with expired ones. */
const SKEW_MS = 60_000;

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

interface Plugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint: string | undefined;
  readonly isInteractive: boolean;
  /** What `provideClusterInfo` asks for. */
  readonly cluster: object | undefined;
}

/**
 * Credentials from the plugin a kubeconfig names. It runs once for however many requests wait, is killed when it takes
 * too long, and runs again shortly before what it gave expires, or when that was refused.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins | Credential plugins}
 */
export function execCredentials(
  exec: Fields,
  directory: string,
  cluster: Omit<ClusterConnection, 'credentials'>,
  clock: Clock = systemClock,
): CredentialProvider {
  const plugin = readPlugin(exec, directory, cluster);
  return new RenewingCredentials(() => runPlugin(plugin, clock), clock);
}

function readPlugin(exec: Fields, directory: string, cluster: Omit<ClusterConnection, 'credentials'>): Plugin {
  const apiVersion = exec.requireText('apiVersion');
  if (!API_VERSIONS.includes(apiVersion)) {
    throw new ClusterConfigError(`${exec.path}.apiVersion: ${apiVersion} is not one of ${API_VERSIONS.join(', ')}`);
  }
  const mode = exec.text('interactiveMode') ?? 'IfAvailable';
  const hasTerminal = process.stdin.isTTY === true;
  if (mode === 'Always' && !hasTerminal) {
    throw new ClusterConfigError(`${exec.path}.interactiveMode: the plugin needs a terminal, and there is none`);
  }
  const command = exec.requireText('command');
  return {
    // As in kubectl: a path with a separator is relative to the file, a bare name is looked up in PATH.
    command: dirname(command) === '.' || isAbsolute(command) ? command : join(directory, command),
    args: exec.texts('args'),
    env: Object.fromEntries(exec.list('env').map((each) => [each.requireText('name'), each.text('value') ?? ''])),
    apiVersion,
    installHint: exec.text('installHint'),
    isInteractive: hasTerminal && mode !== 'Never',
    cluster: exec.flag('provideClusterInfo') ? clusterInfo(cluster) : undefined,
  };
}

function clusterInfo(cluster: Omit<ClusterConnection, 'credentials'>): object {
  return {
    server: cluster.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.insecureSkipTlsVerify,
    'certificate-authority-data': cluster.ca === undefined ? undefined : Buffer.from(cluster.ca).toString('base64'),
    'proxy-url': cluster.proxyUrl,
  };
}

async function runPlugin(plugin: Plugin, clock: Clock): Promise<Renewal> {
  const output = await runCommand(plugin, clock);
  const status = parseStatus(output, plugin);
  const credentials = {
    ...(status.token !== undefined && bearer(status.token)),
    ...(status.clientCertificateData !== undefined && { certificate: status.clientCertificateData }),
    ...(status.clientKeyData !== undefined && { key: status.clientKeyData }),
  };
  const expiresAtMs = Date.parse(status.expirationTimestamp ?? '');
  if (Number.isNaN(expiresAtMs)) return { credentials, renewAtMs: Infinity };
  // Short-lived ones are used for at least half of their life, or every request would run the plugin.
  const halfLifeMs = (expiresAtMs - clock.now()) / 2;
  return { credentials, renewAtMs: expiresAtMs - Math.min(SKEW_MS, Math.max(0, halfLifeMs)) };
}

async function runCommand(plugin: Plugin, clock: Clock): Promise<string> {
  const { command, args, env, apiVersion, isInteractive, cluster } = plugin;
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: isInteractive, cluster } };
  const deadline = new Cancellation();
  const timeoutMs = isInteractive ? TIMEOUT_MS.interactive : TIMEOUT_MS.unattended;
  deadline.abortAfter(clock, timeoutMs, () => failure(plugin, `gave no credentials within ${timeoutMs / 1000} s`));
  try {
    return await new Promise<string>((resolve, reject) => {
      const child = spawn(command, args, {
        env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        // What the plugin has to say to the user it says itself; in an error it might carry secrets into a log.
        stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
        signal: deadline.signal,
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.on('error', (error) =>
        reject(deadline.signal.aborted ? deadline.signal.reason : startFailure(plugin, error)),
      );
      child.on('close', (code) => {
        if (code === 0) resolve(output);
        else reject(failure(plugin, `ended with exit code ${code}`));
      });
    });
  } finally {
    deadline.release();
  }
}

interface ExecStatus {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

function parseStatus(output: string, plugin: Plugin): ExecStatus {
  let answer: { readonly kind?: unknown; readonly status?: ExecStatus };
  try {
    answer = JSON.parse(output);
  } catch {
    throw failure(plugin, 'printed something that is not JSON');
  }
  const { kind, status } = answer;
  if (kind !== 'ExecCredential' || typeof status !== 'object' || status === null) {
    throw failure(plugin, 'printed no ExecCredential with a status');
  }
  if (status.token === undefined && status.clientCertificateData === undefined) {
    throw failure(plugin, 'printed neither a token nor a certificate');
  }
  return status;
}

function startFailure(plugin: Plugin, error: NodeJS.ErrnoException): CredentialsError {
  const hint = plugin.installHint === undefined ? '' : `. ${plugin.installHint.trim()}`;
  return failure(plugin, error.code === 'ENOENT' ? `is not installed${hint}` : `could not be run (${error.code})`);
}

function failure({ command }: Plugin, problem: string): CredentialsError {
  return new CredentialsError(`The credential plugin ${command} ${problem}`);
}
