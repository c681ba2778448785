import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import { Cancellation } from './cancellation.js';
import { systemClock, type Clock } from './clock.js';
import type { ClusterConnection } from './cluster.js';
import { bearer, RenewingCredentials, type CredentialProvider, type PluginRun, type Renewal } from './credentials.js';
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
  return new PluginCredentials(plugin, clock);
}

class PluginCredentials extends RenewingCredentials {
  readonly #observers: Set<(run: PluginRun) => void>;

  constructor(plugin: Plugin, clock: Clock) {
    const observers = new Set<(run: PluginRun) => void>();
    super(() => runPlugin(plugin, clock, (run) => observers.forEach((observer) => observer(run))), clock);
    this.#observers = observers;
  }

  readonly onPluginRun = (observer: (run: PluginRun) => void): (() => void) => {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  };
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

async function runPlugin(plugin: Plugin, clock: Clock, tell: (run: PluginRun) => void): Promise<Renewal> {
  try {
    const status = parseStatus(await runCommand(plugin, clock), plugin);
    const certificate = validityOf(status.clientCertificateData, plugin);
    tell({ outcome: 'no_error', exitCode: 0, ...(certificate !== undefined && { certificate }) });
    return renewalOf(status, certificate, clock);
  } catch (error) {
    if (error instanceof PluginError) tell({ outcome: error.outcome, exitCode: error.exitCode });
    throw error;
  }
}

function renewalOf(status: ExecStatus, certificate: Validity | undefined, clock: Clock): Renewal {
  const credentials = {
    ...(status.token !== undefined && bearer(status.token)),
    ...(status.clientCertificateData !== undefined && { certificate: status.clientCertificateData }),
    ...(status.clientKeyData !== undefined && { key: status.clientKeyData }),
  };
  const statedMs = Date.parse(status.expirationTimestamp ?? '');
  const expiresAtMs = Number.isNaN(statedMs) ? certificate?.untilMs : statedMs;
  if (expiresAtMs === undefined) return { credentials, renewAtMs: Infinity };
  // Short-lived ones are used for at least half of their life, or every request would run the plugin.
  const halfLifeMs = (expiresAtMs - clock.now()) / 2;
  return { credentials, renewAtMs: expiresAtMs - Math.min(SKEW_MS, Math.max(0, halfLifeMs)) };
}

async function runCommand(plugin: Plugin, clock: Clock): Promise<string> {
  const { command, args, env, apiVersion, isInteractive, cluster } = plugin;
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: isInteractive, cluster } };
  const deadline = new Cancellation();
  const timeoutMs = isInteractive ? TIMEOUT_MS.interactive : TIMEOUT_MS.unattended;
  deadline.abortAfter(clock, timeoutMs, () => {
    return new PluginError(plugin, `gave no credentials within ${timeoutMs / 1000} s`, 'client_internal_error');
  });
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
        else {
          const problem = `ended with exit code ${code}`;
          reject(new PluginError(plugin, problem, 'plugin_execution_error', code ?? undefined));
        }
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
    throw new PluginError(plugin, 'printed something that is not JSON', 'client_internal_error');
  }
  const { kind, status } = answer;
  if (kind !== 'ExecCredential' || typeof status !== 'object' || status === null) {
    throw new PluginError(plugin, 'printed no ExecCredential with a status', 'client_internal_error');
  }
  if (status.token === undefined && status.clientCertificateData === undefined) {
    throw new PluginError(plugin, 'printed neither a token nor a certificate', 'client_internal_error');
  }
  return status;
}

type Validity = NonNullable<PluginRun['certificate']>;

/** When a certificate is good; undefined when there is none. */
function validityOf(pem: string | undefined, plugin: Plugin): Validity | undefined {
  if (pem === undefined) return undefined;
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
  } catch {
    throw new PluginError(plugin, 'printed a certificate that cannot be read', 'client_internal_error');
  }
}

function startFailure(plugin: Plugin, error: NodeJS.ErrnoException): PluginError {
  const hint = plugin.installHint === undefined ? '' : `. ${plugin.installHint.trim()}`;
  return error.code === 'ENOENT'
    ? new PluginError(plugin, `is not installed${hint}`, 'plugin_not_found_error')
    : new PluginError(plugin, `could not be run (${error.code})`, 'client_internal_error');
}

class PluginError extends CredentialsError {
  constructor(
    { command }: Plugin,
    problem: string,
    readonly outcome: PluginRun['outcome'],
    readonly exitCode = 1,
  ) {
    super(`The credential plugin ${command} ${problem}`);
    this.name = CredentialsError.name;
  }
}
