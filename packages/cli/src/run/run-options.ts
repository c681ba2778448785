import type { ShardOptions } from '@trueup/core';
import { Command, InvalidArgumentError, Option } from 'commander';

/** What follows `npm start --`. */
export interface RunOptions {
  readonly once: boolean;
  readonly manifests: readonly string[];
  readonly output: 'table' | 'json' | 'yaml';
  readonly timeoutMs: number;
  readonly port: number;
  readonly writeKubeconfig?: string;
  readonly kubeconfig?: string;
  /** As a pod: the cluster is the pod's, and nothing is installed, applied or shown. */
  readonly inCluster: boolean;
  /** Stands by while another replica has the lease. */
  readonly leaderElect: boolean;
  /** The share of the objects that this instance handles. */
  readonly shard?: ShardOptions;
  readonly metricsBindAddress: string;
  /** A file with the token for profiles, which does not belong on a command line. */
  readonly profileTokenFile?: string;
  readonly healthProbeBindAddress: string;
  readonly webhookBindAddress: string;
  /** Under which the API server reaches the webhooks; absent: through a Service, or on this machine. */
  readonly webhookUrl?: string;
  readonly webhookService?: string;
  /** A folder of certificates that others issue. */
  readonly webhookCertificates?: string;
  readonly crds: boolean;
  readonly verbose: boolean;
}

interface RawOptions extends Omit<RunOptions, 'timeoutMs' | 'manifests' | 'shard' | Address> {
  readonly timeout: number;
  readonly manifests?: readonly string[];
  readonly shard?: string;
  readonly shardSelector?: string;
  readonly metricsBindAddress?: string;
  readonly healthProbeBindAddress?: string;
  readonly webhookBindAddress?: string;
}
type Address = 'metricsBindAddress' | 'healthProbeBindAddress' | 'webhookBindAddress';

/** Nothing is served there. */
const OFF = '0';

/**
 * Reads the options of an operator's command. Prints the help, or what is wrong with them, and exits by itself.
 *
 * @param defaultManifests - What is applied when no `--manifests` is given and the server is the embedded one.
 */
export function parseRunOptions(name: string, defaultManifests: string, argv: readonly string[]): RunOptions {
  const command = new Command(name)
    .description('Runs the operator on an embedded control plane, or on the cluster of a kubeconfig.')
    .option('--once', 'apply the manifests, wait until nothing is left to do, print the objects and exit', false)
    .option('--manifests <path>', 'a file or folder of manifests; repeatable', collect)
    .addOption(
      new Option('--output <format>', 'how to print the objects').choices(['table', 'json', 'yaml']).default('table'),
    )
    .option('--timeout <seconds>', 'how long --once waits', positive, 60)
    .option('--port <number>', 'port of the embedded server; 0 is any free one', port, 0)
    .option(
      '--write-kubeconfig <path>',
      'where to write the kubeconfig of the embedded server (default: a temporary file)',
    )
    .option('--kubeconfig <path>', 'run against this cluster instead of an embedded server')
    .addOption(
      new Option('--in-cluster', "run as a pod does: the pod's cluster and account, logs instead of a table")
        .conflicts(['once', 'manifests', 'output', 'timeout', 'port', 'writeKubeconfig', 'kubeconfig', 'skipCrds'])
        .default(false),
    )
    .option('--leader-elect', 'of several replicas only one works, by a Lease; the others stand by', false)
    .option(
      '--shard <name>',
      'handle a share of the objects; others handle the rest, each share with a Lease of its own',
    )
    .option('--shard-selector <labels>', 'labels of the objects in this share, such as shard=a or "shard notin (a, b)"')
    .option('--metrics-bind-address <address>', 'where /metrics is served; 0 is nowhere (default: :8080 in a cluster)')
    .option(
      '--profile-token-file <path>',
      'a file with the bearer token for CPU and heap profiles at /debug/pprof beside /metrics (default: no profiles)',
    )
    .option(
      '--health-probe-bind-address <address>',
      'where /healthz and /readyz are served; 0 is nowhere (default: :8081 in a cluster)',
    )
    .option(
      '--webhook-bind-address <address>',
      'where webhooks are served; 0 is nowhere (default: :9443 in a cluster and with --webhook-url)',
    )
    .option(
      '--webhook-url <url>',
      'where the API server reaches the webhooks, when that is not through a Service',
      httpsUrl,
    )
    .option('--webhook-service <name>', 'the Service through which it does (default: <operator>-webhook)')
    .option(
      '--webhook-certificates <folder>',
      'tls.crt and tls.key of the webhooks, as cert-manager mounts them (default: the operator issues its own)',
    )
    .option('--skip-crds', 'do not apply the CustomResourceDefinitions')
    .option('--verbose', 'log everything, and show stack traces', false)
    .showHelpAfterError('(--help shows the options)')
    .parse(argv, { from: 'user' });
  const { timeout, manifests, shard, shardSelector, ...options } = command.opts<RawOptions & { skipCrds?: true }>();
  if (options.output !== 'table' && !options.once) command.error(`error: --output ${options.output} goes with --once`);
  if ((shard === undefined) !== (shardSelector === undefined))
    command.error('error: --shard and --shard-selector go together: what the share is called, and what is in it');
  const metricsBindAddress = options.metricsBindAddress ?? (options.inCluster ? ':8080' : OFF);
  if (options.profileTokenFile !== undefined && (metricsBindAddress === OFF || metricsBindAddress === ''))
    command.error('error: --profile-token-file goes with --metrics-bind-address: profiles are served beside /metrics');
  const embedded = options.kubeconfig === undefined && !options.inCluster;
  return {
    ...options,
    ...(shard !== undefined && shardSelector !== undefined && { shard: { name: shard, selector: shardSelector } }),
    metricsBindAddress,
    healthProbeBindAddress: options.healthProbeBindAddress ?? (options.inCluster ? ':8081' : OFF),
    webhookBindAddress: options.webhookBindAddress ?? defaultWebhookAddress(options),
    crds: options.skipCrds !== true,
    timeoutMs: timeout * 1000,
    manifests: manifests ?? (embedded ? [defaultManifests] : []),
  };
}

function defaultWebhookAddress({ inCluster, kubeconfig, webhookUrl }: Partial<RunOptions>): string {
  if (inCluster === true || webhookUrl !== undefined) return ':9443';
  return kubeconfig === undefined ? '127.0.0.1:0' : OFF;
}

function httpsUrl(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:')
    throw new InvalidArgumentError('It must be like https://laptop.example.com:9443.');
  return text;
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be from 0 to 65535.');
  return value;
}
