import { SpecError, type ConfigMap } from '@trueup/core';
import { formatName } from '@trueup/kube';
import {
  buildRunConfig,
  builtinProfile,
  containerRunConfigProblem,
  parseProfile,
  proxiedRunConfigParts,
  rateLimitSection,
  refillPeriodProblem,
  scalingSection,
  within,
  type ContainerBackend,
  type RunConfig,
  type RunConfigSources,
} from '@trueup/mcp-workload';
import type { ServerConfigs } from './configs.js';
import type { MCPServer } from './resource.js';

/** Effective port of a server that does not say where it listens. */
const DEFAULT_MCP_PORT = 8080;

/** Set by users whose secrets come from Vault; its agent writes files instead of variables. */
const VAULT_INJECTION = 'vault.hashicorp.com/agent-inject';
const VAULT_DIRECTORY = '/vault/secrets';

export interface ServerRunConfigSources extends RunConfigSources {
  readonly configs: ServerConfigs;
  /** The ConfigMap that the permission profile is in; undefined when there is none. */
  readonly profileMap: ConfigMap | undefined;
}

/**
 * The run configuration of a server.
 * @throws {@link SpecError} for a spec that no configuration can be made of.
 */
export function serverRunConfig(server: MCPServer, sources: ServerRunConfigSources): RunConfig {
  const { spec } = server;
  const { configs, redis } = sources;
  const config = within('failed to create RunConfig from MCPServer: ', () => {
    const backend = within('failed to validate run config: ', () => containerBackend(server, sources.profileMap));
    const rateLimit = rateLimits(spec);
    return buildRunConfig({
      ...proxiedRunConfigParts(server, sources),
      transport: spec.transport,
      backend,
      webhooks: configs.webhooks,
      rateLimit,
      scaling: scalingSection(redis, backendReplicas(spec)),
    });
  });
  const problem = containerRunConfigProblem(config);
  if (problem !== undefined) throw new SpecError(`invalid RunConfig: ${problem}`);
  return config;
}

function containerBackend(server: MCPServer, profileMap: ConfigMap | undefined): ContainerBackend {
  const { spec, metadata } = server;
  const { podTemplateMetadataOverrides } = spec.resourceOverrides?.proxyDeployment ?? {};
  return {
    kind: 'container',
    image: spec.image,
    generation: metadata.generation,
    args: spec.args,
    port: spec.mcpPort ?? DEFAULT_MCP_PORT,
    env: spec.env,
    volumes: spec.volumes,
    profile: permissionProfile(server, profileMap),
    proxyMode: spec.proxyMode,
    ...(podTemplateMetadataOverrides?.annotations?.[VAULT_INJECTION] === 'true' && { envFileDir: VAULT_DIRECTORY }),
  };
}

function permissionProfile(
  { metadata, spec: { permissionProfile: profile } }: MCPServer,
  configMap: ConfigMap | undefined,
) {
  if (profile === undefined) return undefined;
  if (profile.type === 'builtin') return { name: profile.name, permissions: builtinProfile(profile.name) };
  const { name, key = '' } = profile;
  const place = `ConfigMap ${formatName({ ...metadata, name })}`;
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
