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
   * (comma separated), `TOOLHIVE_DEFAULT_REDIS_ADDR` with `TOOLHIVE_DEFAULT_REDIS_SECRET_NAME` and `_KEY` (default
   * `redis-password`), `OPERATOR_OPENSHIFT`, and the two that forbid usage figures: `TOOLHIVE_USAGE_METRICS_ENABLED=false`,
   * `TOOLHIVE_SKIP_UPDATE_CHECK=true`.
   */
  static fromEnvironment(env: Readonly<Record<string, string | undefined>>): WorkloadSettings {
    const { TOOLHIVE_RUNNER_IMAGE, TOOLHIVE_PROXY_HOST, OPERATOR_OPENSHIFT } = env;
    const isSet = (variable: string, to: string) => env[variable]?.toLowerCase() === to;
    return new WorkloadSettings({
      ...(TOOLHIVE_RUNNER_IMAGE && { runnerImage: TOOLHIVE_RUNNER_IMAGE }),
      ...(TOOLHIVE_PROXY_HOST && { proxyHost: TOOLHIVE_PROXY_HOST }),
      pullSecrets: listOf(env['TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS']),
      ...redisOf(env),
      usageMetrics: !isSet('TOOLHIVE_USAGE_METRICS_ENABLED', 'false') && !isSet('TOOLHIVE_SKIP_UPDATE_CHECK', 'true'),
      ...(OPERATOR_OPENSHIFT && { openShift: OPERATOR_OPENSHIFT.toLowerCase() === 'true' }),
    });
  }
}

function listOf(text = ''): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

function redisOf(env: Readonly<Record<string, string | undefined>>): { readonly defaultRedis?: DefaultRedis } {
  const address = env['TOOLHIVE_DEFAULT_REDIS_ADDR'];
  const name = env['TOOLHIVE_DEFAULT_REDIS_SECRET_NAME'];
  const key = env['TOOLHIVE_DEFAULT_REDIS_SECRET_KEY'] || 'redis-password';
  if (!address) return {};
  return { defaultRedis: { address, ...(name && { passwordRef: { name, key } }) } };
}
