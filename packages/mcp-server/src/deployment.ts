import {
  contentRefsOf,
  type Contents,
  type ContentRef,
  type Deployment,
  type DesiredObject,
  type EnvVar,
} from '@trueup/core';
import {
  POD_PATCH_ARGUMENT,
  PROXY_CONTAINER,
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
import { RUN_CONFIG_CHECKSUM, SECRETS_DIGEST } from './annotations.js';
import { deploymentName, inlineAuthzName, proxyRunnerName, serverLabels } from './names.js';
import { backendContents, backendPodPatch } from './pod-template.js';
import type { ProxyConfigs } from './proxy-configs.js';
import type { MCPServer } from './resource.js';
import type { RestartMarks } from './restart.js';

export interface DeploymentSources {
  readonly settings: WorkloadSettings;
  readonly configs: ProxyConfigs;
  readonly redis: SessionRedis | undefined;
  readonly openShift: boolean;
  /** Checksum of the run configuration. */
  readonly checksum: string;
  readonly restart: RestartMarks;
  /** The Deployment as it is. */
  readonly live: Deployment | undefined;
  readonly fieldManager: string;
  /** What is known of Secret and ConfigMap keys. */
  contents(refs: readonly ContentRef[]): Pick<Contents, 'digest'>;
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
  const env = environment(spec, sources);
  const mounted = volumes(name, spec, sources.configs);
  const { digest } = sources.contents(contentsOf(env, mounted));
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
      ...(digest !== undefined && { [SECRETS_DIGEST]: digest }),
    },
    serviceAccountName: proxyRunnerName(name),
    pullSecrets: pullSecrets(overrides?.imagePullSecrets, settings.pullSecrets),
    image: settings.runnerImage,
    args: proxyArguments(name, spec, sources),
    port: spec.proxyPort,
    env,
    resources: resourceRequirements(spec.resources),
    volumes: mounted,
    openShift: sources.openShift,
  });
}

/** What the pods take in only when they start, so that a change of it must restart them. */
function contentsOf(env: readonly EnvVar[], mounted: readonly MountedVolume[]): readonly ContentRef[] {
  const volumeMounts = mounted.map(({ volume, mount }) => ({ name: volume.name, ...mount }));
  return contentRefsOf({
    containers: [{ name: PROXY_CONTAINER, env, volumeMounts }],
    volumes: mounted.map(({ volume }) => volume),
  });
}

function proxyArguments(
  name: string,
  spec: MCPServer['spec'],
  { contents }: Pick<DeploymentSources, 'contents'>,
): readonly string[] {
  const { digest } = contents(backendContents(name, spec));
  const patch = backendPodPatch(name, spec, digest === undefined ? {} : { [SECRETS_DIGEST]: digest });
  return ['run', ...(patch === undefined ? [] : [`${POD_PATCH_ARGUMENT}${patch}`]), spec.image];
}

/** In this order, since of two variables of one name the later one counts. */
function environment(spec: MCPServer['spec'], { configs, redis }: DeploymentSources): readonly EnvVar[] {
  const password = redisPassword(redis);
  return proxyEnvironment([
    ...(configs.telemetry?.env ?? []),
    ...(configs.externalAuth?.env ?? []),
    ...(configs.oidc?.env ?? []),
    ...(spec.resourceOverrides?.proxyDeployment?.env ?? []),
    ...(password === undefined ? [] : [password]),
    GENERATION,
  ]);
}

/** The variable with the password of the Redis that holds sessions; undefined without one. */
export function redisPassword(redis: SessionRedis | undefined): EnvVar | undefined {
  return redis?.passwordRef && secretVariable(SESSION_REDIS_PASSWORD, redis.passwordRef);
}

/** Frozen in each pod, so that an old pod knows that it is old. */
const GENERATION: EnvVar = {
  name: 'THV_MCPSERVER_GENERATION',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${WORKLOAD_GENERATION}']` } },
};

function volumes(
  name: string,
  { volumes: own = [], permissionProfile, authzConfig }: MCPServer['spec'],
  { webhooks, oidc, telemetry }: ProxyConfigs,
): readonly MountedVolume[] {
  return [
    configMapVolume('runconfig', '/etc/runconfig', { name: runConfigMapName(name) }),
    ...(webhooks?.volumes ?? []),
    ...own.map(({ name: volume, hostPath, mountPath, readOnly }) => ({
      volume: { name: volume, hostPath: { path: hostPath } },
      mount: { mountPath, readOnly },
    })),
    ...(permissionProfile?.type === 'configmap'
      ? [configMapVolume('permission-profile', '/etc/toolhive/profiles', { name: permissionProfile.name })]
      : []),
    ...(authzConfig === undefined ? [] : [authzVolume(name, authzConfig)]),
    ...(oidc?.caBundle === undefined ? [] : [oidc.caBundle]),
    ...(telemetry?.caBundle === undefined ? [] : [telemetry.caBundle]),
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
