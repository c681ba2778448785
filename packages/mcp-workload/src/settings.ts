import type { DefaultRedis } from './run-config/scaling.js';

/** What holds for all workloads of an operator. */
export interface WorkloadSettingsOptions {
  /** Image of the proxy runner. Default `ghcr.io/stacklok/toolhive/proxyrunner:latest`. */
  readonly runnerImage?: string;
  /** Address the proxies listen on. Default `0.0.0.0`. */
  readonly proxyHost?: string;
  /** Pull secrets that every proxy gets besides its own. Default none. */
  readonly pullSecrets?: readonly string[];
  /** Where workloads keep sessions that do not say it themselves. Default none. */
  readonly defaultRedis?: DefaultRedis;
  /** Whether proxies send anonymous usage figures. Default true. */
  readonly usageMetrics?: boolean;
  /** Whether the cluster is OpenShift, which assigns user ids itself. Default: the cluster is asked. */
  readonly openShift?: boolean;
}

/**
 * What holds for all workloads of an operator. An application replaces it by registering its own instance for this class.
 */
export class WorkloadSettings {
  readonly runnerImage: string;
  readonly proxyHost: string;
  readonly pullSecrets: readonly string[];
  readonly defaultRedis: DefaultRedis | undefined;
  readonly usageMetrics: boolean;
  readonly openShift: boolean | undefined;

  constructor(options: WorkloadSettingsOptions = {}) {
    this.runnerImage = options.runnerImage ?? 'ghcr.io/stacklok/toolhive/proxyrunner:latest';
    this.proxyHost = options.proxyHost ?? '0.0.0.0';
    this.pullSecrets = options.pullSecrets ?? [];
    this.defaultRedis = options.defaultRedis;
    this.usageMetrics = options.usageMetrics ?? true;
    this.openShift = options.openShift;
  }

  /**
   * Reads the operator's environment: `TOOLHIVE_RUNNER_IMAGE`, `TOOLHIVE_PROXY_HOST`, `TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS`
   * (comma separated), `TOOLHIVE_DEFAULT_REDIS_ADDR` with `TOOLHIVE_DEFAULT_REDIS_SECRET_NAME` and `_KEY`,
   * `TOOLHIVE_USAGE_METRICS_ENABLED`, `OPERATOR_OPENSHIFT`.
   */
  static fromEnvironment(env: Readonly<Record<string, string | undefined>>): WorkloadSettings {
    const { TOOLHIVE_RUNNER_IMAGE, TOOLHIVE_PROXY_HOST, OPERATOR_OPENSHIFT } = env;
    return new WorkloadSettings({
      ...(TOOLHIVE_RUNNER_IMAGE && { runnerImage: TOOLHIVE_RUNNER_IMAGE }),
      ...(TOOLHIVE_PROXY_HOST && { proxyHost: TOOLHIVE_PROXY_HOST }),
      pullSecrets: listOf(env['TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS']),
      ...redisOf(env),
      usageMetrics: env['TOOLHIVE_USAGE_METRICS_ENABLED']?.toLowerCase() !== 'false',
      ...(OPERATOR_OPENSHIFT && { openShift: OPERATOR_OPENSHIFT.toLowerCase() === 'true' }),
    });
  }
}

function listOf(text = ''): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function redisOf(env: Readonly<Record<string, string | undefined>>): { readonly defaultRedis?: DefaultRedis } {
  const address = env['TOOLHIVE_DEFAULT_REDIS_ADDR'];
  const name = env['TOOLHIVE_DEFAULT_REDIS_SECRET_NAME'];
  const key = env['TOOLHIVE_DEFAULT_REDIS_SECRET_KEY'];
  if (!address) return {};
  return { defaultRedis: { address, ...(name && key && { passwordRef: { name, key } }) } };
}
