import type { EnvVar } from '@trueup/core';
import {
  authzVolumes,
  headerForwardEnv,
  proxiedDeployment,
  proxyEnvironment,
  redisPassword,
  runConfigVolume,
  type DeploymentSources,
  type MountedVolume,
  type ProxyConfigs,
  type ProxyDeployment,
  type SessionRedis,
} from '@trueup/mcp-workload';
import { proxyLabels, runnerName } from './names.js';
import { POD_TEMPLATE_HASH, podTemplateContents, podTemplateHashOf, withPodTemplate } from './pod-template.js';
import type { MCPRemoteProxy } from './resource.js';

export interface ProxyDeploymentSources extends DeploymentSources {
  readonly configs: ProxyConfigs;
  readonly redis: SessionRedis | undefined;
}

/** The remote server is in the run configuration; the runner wants a name here all the same. */
const ARGUMENTS = ['run', '--foreground=true', 'placeholder-for-remote-proxy'];

/** A proxy is not ready before it has reached the remote server once. */
const READINESS_DELAY_SECONDS = 15;

/**
 * The Deployment that runs a proxy, with the user's pod template laid over it.
 * @throws {@link SpecError} for a spec that it cannot be made of.
 */
export function remoteProxyDeployment(proxy: MCPRemoteProxy, sources: ProxyDeploymentSources): ProxyDeployment {
  const { metadata, spec } = proxy;
  const hash = podTemplateHashOf(spec);
  const deployment = proxiedDeployment(
    proxy,
    {
      labels: proxyLabels(metadata.name),
      serviceAccountName: spec.serviceAccount || runnerName(metadata.name),
      args: ARGUMENTS,
      env: environment(proxy, sources),
      volumes: volumes(proxy, sources.configs),
      annotations: hash === undefined ? {} : { [POD_TEMPLATE_HASH]: hash },
      contents: podTemplateContents(spec),
      readinessDelaySeconds: READINESS_DELAY_SECONDS,
    },
    sources,
  );
  return withPodTemplate(deployment, spec);
}

/** In this order, since of two variables of one name the later one counts. */
function environment(
  { metadata, spec }: MCPRemoteProxy,
  { configs, redis }: ProxyDeploymentSources,
): readonly EnvVar[] {
  return [
    ...proxyEnvironment([
      ...(configs.telemetry?.env ?? []),
      ...(configs.oidc?.env ?? []),
      ...(configs.externalAuth?.env ?? []),
      ...headerForwardEnv(spec.headerForward ?? {}, metadata.name),
      ...(spec.resourceOverrides?.proxyDeployment?.env ?? []),
      ...redisPassword(redis),
    ]),
    ...(configs.authServer?.env ?? []),
  ];
}

function volumes(
  { metadata: { name }, spec }: MCPRemoteProxy,
  { oidc, telemetry, authServer }: ProxyConfigs,
): readonly MountedVolume[] {
  return [
    runConfigVolume(name),
    ...authzVolumes(name, spec),
    ...(telemetry?.caBundle === undefined ? [] : [telemetry.caBundle]),
    ...(oidc?.caBundle === undefined ? [] : [oidc.caBundle]),
    ...(authServer?.volumes ?? []),
  ];
}
