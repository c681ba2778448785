import { SpecError } from '@trueup/core';
import { formatName } from '@trueup/kube';
import {
  buildRunConfig,
  builtinProfile,
  containerRunConfigProblem,
  parseProfile,
  rateLimitSection,
  refillPeriodProblem,
  scalingSection,
  type AuthzSection,
  type ContainerBackend,
  type RunConfig,
  type SessionRedis,
  within,
  type WorkloadSettings,
} from '@trueup/mcp-workload';
import type { FindConfigMap } from './config-maps.js';
import type { ProxyConfigs } from './proxy-configs.js';
import type { MCPServer } from './resource.js';

/** Effective port of a server that does not say where it listens. */
const DEFAULT_MCP_PORT = 8080;

/** Set by users whose secrets come from Vault; its agent writes files instead of variables. */
const VAULT_INJECTION = 'vault.hashicorp.com/agent-inject';
const VAULT_DIRECTORY = '/vault/secrets';

/** What the run configuration of one server is made of, besides its spec. */
export interface RunConfigSources {
  readonly settings: WorkloadSettings;
  readonly configs: ProxyConfigs;
  /** What `spec.authzConfig` says. */
  readonly authz: AuthzSection | undefined;
  readonly redis: SessionRedis | undefined;
  readonly configMap: FindConfigMap;
}

/**
 * The run configuration of a server.
 * @throws {@link SpecError} for a spec that no configuration can be made of.
 */
export function serverRunConfig(server: MCPServer, spec: MCPServer['spec'], sources: RunConfigSources): RunConfig {
  const { settings, configs, authz, redis } = sources;
  const config = within('failed to create RunConfig from MCPServer: ', () => {
    const backend = within('failed to validate run config: ', () => containerBackend(server, spec, sources));
    const rateLimit = rateLimits(spec);
    return buildRunConfig({
      name: server.metadata.name,
      namespace: server.metadata.namespace ?? '',
      transport: spec.transport,
      host: settings.proxyHost,
      proxyPort: spec.proxyPort,
      trustProxyHeaders: spec.trustProxyHeaders,
      endpointPrefix: spec.endpointPrefix,
      audit: spec.audit?.enabled,
      usageMetrics: settings.usageMetrics,
      backend,
      tools: configs.tools,
      oidc: configs.oidc?.section,
      tokenExchange: configs.externalAuth?.tokenExchange,
      additionalMiddlewares: configs.externalAuth?.middlewares,
      authz: configs.authz ?? authz,
      telemetry: configs.telemetry?.section,
      webhooks: configs.webhooks,
      rateLimit,
      scaling: scalingSection(redis, backendReplicas(spec)),
    });
  });
  const problem = containerRunConfigProblem(config);
  if (problem !== undefined) throw new SpecError(`invalid RunConfig: ${problem}`);
  return config;
}

function containerBackend(server: MCPServer, spec: MCPServer['spec'], sources: RunConfigSources): ContainerBackend {
  const { podTemplateMetadataOverrides } = spec.resourceOverrides?.proxyDeployment ?? {};
  return {
    kind: 'container',
    image: spec.image,
    generation: server.metadata.generation,
    args: spec.args,
    port: spec.mcpPort ?? DEFAULT_MCP_PORT,
    env: spec.env,
    volumes: spec.volumes,
    profile: permissionProfile(server, spec, sources),
    proxyMode: spec.proxyMode,
    ...(podTemplateMetadataOverrides?.annotations?.[VAULT_INJECTION] === 'true' && { envFileDir: VAULT_DIRECTORY }),
  };
}

function permissionProfile(
  { metadata }: MCPServer,
  { permissionProfile: profile }: MCPServer['spec'],
  sources: RunConfigSources,
) {
  if (profile === undefined) return undefined;
  if (profile.type === 'builtin') return { name: profile.name, permissions: builtinProfile(profile.name) };
  const { name, key = '' } = profile;
  const place = `ConfigMap ${formatName({ ...metadata, name })}`;
  const configMap = sources.configMap(name);
  if (configMap === undefined)
    throw new SpecError(`failed to get permission profile ${place}: ConfigMap "${name}" not found`);
  const text = configMap.data?.[key];
  if (text === undefined) throw new SpecError(`permission profile ${place} is missing key "${key}"`);
  return { permissions: parseProfile(text, `${place} key "${key}"`) };
}

function rateLimits({ rateLimiting }: MCPServer['spec']) {
  if (rateLimiting === undefined) return undefined;
  const problem = refillPeriodProblem(rateLimiting);
  if (problem !== undefined) throw new SpecError(`spec.${problem}`);
  return rateLimitSection(rateLimiting);
}

/** Two backends cannot share the pipe of a server that speaks stdio. */
function backendReplicas({ transport, backendReplicas: replicas }: MCPServer['spec']): number | undefined {
  return replicas !== undefined && transport === 'stdio' ? Math.min(replicas, 1) : replicas;
}
