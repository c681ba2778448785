import { OptionError } from '../errors.js';
import type { OperatorMetrics } from '../metrics/operator-metrics.js';
import { parseBindAddress, type BindAddress } from './bind-address.js';
import { checksEndpoint } from './checks.js';
import { HttpEndpoints, type Endpoint } from './http-endpoints.js';
import { livenessChecks, readinessChecks, type CheckedOperator } from './operator-checks.js';
import { profileEndpoints } from './profiles.js';

/** Where an operator serves what; absent: nowhere. */
export interface EndpointAddresses {
  readonly metrics: BindAddress | undefined;
  readonly health: BindAddress | undefined;
  /** Beside `/metrics`. */
  readonly profiles: Readonly<Record<string, Endpoint>>;
}

/** @throws {@link OptionError} naming the option that is no address. */
export function endpointAddresses(options: {
  readonly metricsBindAddress?: string;
  readonly healthProbeBindAddress?: string;
  readonly profileToken?: string;
}): EndpointAddresses {
  const metrics = parseBindAddress('metricsBindAddress', options.metricsBindAddress ?? '0');
  if (options.profileToken !== undefined && metrics === undefined)
    throw new OptionError('profileToken is set, but metricsBindAddress is not: profiles are served beside /metrics');
  return {
    metrics,
    profiles: options.profileToken === undefined ? {} : profileEndpoints(options.profileToken),
    health: parseBindAddress('healthProbeBindAddress', options.healthProbeBindAddress ?? '0'),
  };
}

/** The servers of an operator: `/metrics`, and `/healthz` with `/readyz`; one for both when they have one address. */
export class OperatorEndpoints {
  private constructor(
    private readonly servers: readonly HttpEndpoints[],
    /** Where `/metrics` is below; undefined when it is nowhere. */
    readonly metricsUrl: string | undefined,
    /** Where `/healthz` and `/readyz` are below. */
    readonly healthUrl: string | undefined,
  ) {}

  /** @throws the system's error when an address can't be taken. */
  static async open(
    addresses: EndpointAddresses,
    operator: CheckedOperator,
    measured: OperatorMetrics | undefined,
  ): Promise<OperatorEndpoints> {
    const metrics: Record<string, Endpoint> =
      measured === undefined ? {} : { '/metrics': metricsEndpoint(measured), ...addresses.profiles };
    const health = {
      '/healthz': checksEndpoint(livenessChecks(operator)),
      '/readyz': checksEndpoint(readinessChecks(operator)),
    };
    if (isSame(addresses)) {
      const both = await HttpEndpoints.listen(addresses.metrics, { ...metrics, ...health });
      return new OperatorEndpoints([both], both.url, both.url);
    }
    const healthServer = addresses.health && (await HttpEndpoints.listen(addresses.health, health));
    try {
      const metricsServer = addresses.metrics && (await HttpEndpoints.listen(addresses.metrics, metrics));
      const servers = [healthServer, metricsServer].filter((server) => server !== undefined);
      return new OperatorEndpoints(servers, metricsServer?.url, healthServer?.url);
    } catch (error) {
      await healthServer?.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

function metricsEndpoint(metrics: OperatorMetrics): Endpoint {
  return async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() });
}

/** Two times any free port is not one port. */
function isSame(addresses: EndpointAddresses): addresses is EndpointAddresses & { metrics: BindAddress } {
  const { metrics, health } = addresses;
  return metrics !== undefined && metrics.port !== 0 && metrics.port === health?.port && metrics.host === health.host;
}
