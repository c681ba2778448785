import type { ProxyConfigs } from '../configs/proxy-configs.js';
import type { ProxiedWorkload } from '../proxied-workload.js';
import type { WorkloadSettings } from '../settings.js';
import type { RunConfigParts } from './build-run-config.js';
import type { SessionRedis } from './scaling.js';
import type { AuthzSection } from './sections.js';

/** What the run configuration of a workload is made of, besides its spec. */
export interface RunConfigSources {
  readonly settings: WorkloadSettings;
  readonly configs: ProxyConfigs;
  /** What `spec.authzConfig` says. */
  readonly authz: AuthzSection | undefined;
  readonly redis: SessionRedis | undefined;
}

/** The parts of a run configuration that every kind makes in the same way. */
export function proxiedRunConfigParts(
  { metadata: { name, namespace = '' }, spec }: ProxiedWorkload,
  { settings, configs, authz }: RunConfigSources,
): Omit<RunConfigParts, 'transport' | 'backend'> {
  const { externalAuth } = configs;
  return {
    name,
    namespace,
    host: settings.proxyHost,
    proxyPort: spec.proxyPort,
    trustProxyHeaders: spec.trustProxyHeaders,
    endpointPrefix: spec.endpointPrefix,
    audit: spec.audit?.enabled,
    usageMetrics: settings.usageMetrics,
    tools: configs.tools,
    oidc: configs.oidc?.section,
    tokenExchange: externalAuth?.tokenExchange,
    remoteAuth: externalAuth?.remoteAuth,
    awsSts: externalAuth?.awsSts,
    additionalMiddlewares: externalAuth?.middlewares,
    authz: configs.authz ?? authz,
    telemetry: configs.telemetry?.section,
    embeddedAuthServer: configs.authServer?.section,
  };
}
