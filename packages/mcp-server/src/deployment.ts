import type { Deployment, DesiredObject, EnvVar } from '@trueup/core';
import type { WorkloadAuth } from '@trueup/mcp-external-auth-config';
import {
  POD_PATCH_ARGUMENT,
  proxyDeployment,
  proxyEnvironment,
  proxyReplicas,
  pullSecrets,
  resourceRequirements,
  runConfigMapName,
  secretVariable,
  SESSION_REDIS_PASSWORD,
  WORKLOAD_GENERATION,
  type MountedVolume,
  type SessionRedis,
  type WorkloadSettings,
} from '@trueup/mcp-workload';
import { RUN_CONFIG_CHECKSUM } from './annotations.js';
import { deploymentName, inlineAuthzName, proxyRunnerName, serverLabels } from './names.js';
import { backendPodPatch } from './pod-template.js';
import type { MCPServer } from './resource.js';
import type { RestartMarks } from './restart.js';

export interface DeploymentSources {
  readonly settings: WorkloadSettings;
  readonly auth: WorkloadAuth;
  readonly redis: SessionRedis | undefined;
  readonly openShift: boolean;
  /** Checksum of the run configuration. */
  readonly checksum: string;
  readonly restart: RestartMarks;
  /** The Deployment as it is. */
  readonly live: Deployment | undefined;
  readonly fieldManager: string;
}

/** The Deployment that runs the proxies of a server. */
export function serverDeployment(
  server: MCPServer,
  spec: MCPServer['spec'],
  sources: DeploymentSources,
): DesiredObject {
  const { name, generation = 0 } = server.metadata;
  const { settings, restart, live, fieldManager } = sources;
  const overrides = spec.resourceOverrides?.proxyDeployment;
  return proxyDeployment({
    name: deploymentName(name),
    labels: serverLabels(name),
    replicas: proxyReplicas({ replicas: spec.replicas, isSingle: spec.transport === 'stdio', live, fieldManager }),
    overrides,
    annotations: restart.deployment,
    podAnnotations: {
      ...restart.podTemplate,
      [RUN_CONFIG_CHECKSUM]: sources.checksum,
      [WORKLOAD_GENERATION]: String(generation),
    },
    serviceAccountName: proxyRunnerName(name),
    pullSecrets: pullSecrets(overrides?.imagePullSecrets, settings.pullSecrets),
    image: settings.runnerImage,
    args: proxyArguments(name, spec),
    port: spec.proxyPort,
    env: environment(spec, sources),
    resources: resourceRequirements(spec.resources),
    volumes: volumes(name, spec),
    openShift: sources.openShift,
  });
}

function proxyArguments(name: string, spec: MCPServer['spec']): readonly string[] {
  const patch = backendPodPatch(name, spec);
  return ['run', ...(patch === undefined ? [] : [`${POD_PATCH_ARGUMENT}${patch}`]), spec.image];
}

/** In this order, since of two variables of one name the later one counts. */
function environment(spec: MCPServer['spec'], { auth, redis }: DeploymentSources): readonly EnvVar[] {
  return proxyEnvironment([
    ...auth.env,
    ...(spec.resourceOverrides?.proxyDeployment?.env ?? []),
    ...(redis?.passwordRef ? [secretVariable(SESSION_REDIS_PASSWORD, redis.passwordRef)] : []),
    GENERATION,
  ]);
}

/** Frozen in each pod, so that an old pod knows that it is old. */
const GENERATION: EnvVar = {
  name: 'THV_MCPSERVER_GENERATION',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${WORKLOAD_GENERATION}']` } },
};

function volumes(
  name: string,
  { volumes: own = [], permissionProfile, authzConfig }: MCPServer['spec'],
): readonly MountedVolume[] {
  return [
    configMapVolume('runconfig', '/etc/runconfig', { name: runConfigMapName(name) }),
    ...own.map(({ name: volume, hostPath, mountPath, readOnly }) => ({
      volume: { name: volume, hostPath: { path: hostPath } },
      mount: { mountPath, readOnly },
    })),
    ...(permissionProfile?.type === 'configmap'
      ? [configMapVolume('permission-profile', '/etc/toolhive/profiles', { name: permissionProfile.name })]
      : []),
    ...(authzConfig === undefined ? [] : [authzVolume(name, authzConfig)]),
  ];
}

function authzVolume(
  server: string,
  { type, configMap }: NonNullable<MCPServer['spec']['authzConfig']>,
): MountedVolume {
  const source = type === 'configMap' && configMap ? configMap : { name: inlineAuthzName(server), key: AUTHZ_KEY };
  return configMapVolume('authz-config', '/etc/toolhive/authz', {
    name: source.name,
    items: [{ key: source.key, path: AUTHZ_KEY }],
  });
}

/** The file the proxy reads, and the key it is in unless the spec names another. */
export const AUTHZ_KEY = 'authz.json';

function configMapVolume(name: string, mountPath: string, configMap: object): MountedVolume {
  return { volume: { name, configMap }, mount: { mountPath, readOnly: true } };
}
