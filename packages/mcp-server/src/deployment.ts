import type { EnvVar } from '@trueup/core';
import {
  authzVolumes,
  configMapVolume,
  POD_PATCH_ARGUMENT,
  proxiedDeployment,
  proxyEnvironment,
  redisPassword,
  runConfigVolume,
  SECRETS_DIGEST,
  WORKLOAD_GENERATION,
  type DeploymentSources,
  type MountedVolume,
  type ProxyDeployment,
  type SessionRedis,
} from '@trueup/mcp-workload';
import type { ServerConfigs } from './configs.js';
import { proxyRunnerName, serverLabels } from './names.js';
import { backendContents, backendPodPatch } from './pod-template.js';
import type { MCPServer } from './resource.js';

export interface ServerDeploymentSources extends DeploymentSources {
  readonly configs: ServerConfigs;
  readonly redis: SessionRedis | undefined;
}

/** The Deployment that runs the proxies of a server. */
export function serverDeployment(server: MCPServer, sources: ServerDeploymentSources): ProxyDeployment {
  const { name, generation = 0 } = server.metadata;
  return proxiedDeployment(
    server,
    {
      labels: serverLabels(name),
      serviceAccountName: proxyRunnerName(name),
      args: proxyArguments(server, sources),
      env: environment(server, sources),
      volumes: volumes(server, sources.configs),
      isSingle: server.spec.transport === 'stdio',
      podAnnotations: { [WORKLOAD_GENERATION]: String(generation) },
    },
    sources,
  );
}

function proxyArguments(server: MCPServer, { contents }: Pick<DeploymentSources, 'contents'>): readonly string[] {
  const { digest } = contents(backendContents(server));
  const patch = backendPodPatch(server, digest === undefined ? {} : { [SECRETS_DIGEST]: digest });
  return ['run', ...(patch === undefined ? [] : [`${POD_PATCH_ARGUMENT}${patch}`]), server.spec.image];
}

/** In this order, since of two variables of one name the later one counts. */
function environment({ spec }: MCPServer, { configs, redis }: ServerDeploymentSources): readonly EnvVar[] {
  return proxyEnvironment([
    ...(configs.telemetry?.env ?? []),
    ...(configs.externalAuth?.env ?? []),
    ...(configs.oidc?.env ?? []),
    ...(spec.resourceOverrides?.proxyDeployment?.env ?? []),
    ...redisPassword(redis),
    GENERATION,
    ...(configs.authServer?.env ?? []),
  ]);
}

/** Frozen in each pod, so that an old pod knows that it is old. */
const GENERATION: EnvVar = {
  name: 'THV_MCPSERVER_GENERATION',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${WORKLOAD_GENERATION}']` } },
};

function volumes(
  { metadata: { name }, spec }: MCPServer,
  { webhooks, oidc, telemetry, authServer }: ServerConfigs,
): readonly MountedVolume[] {
  const { volumes: own = [], permissionProfile } = spec;
  return [
    runConfigVolume(name),
    ...(webhooks?.volumes ?? []),
    ...own.map(({ name: volume, hostPath, mountPath, readOnly }) => ({
      volume: { name: volume, hostPath: { path: hostPath } },
      mount: { mountPath, readOnly },
    })),
    ...(permissionProfile?.type === 'configmap'
      ? [configMapVolume('permission-profile', '/etc/toolhive/profiles', { name: permissionProfile.name })]
      : []),
    ...authzVolumes(name, spec),
    ...(oidc?.caBundle === undefined ? [] : [oidc.caBundle]),
    ...(telemetry?.caBundle === undefined ? [] : [telemetry.caBundle]),
    ...(authServer?.volumes ?? []),
  ];
}
