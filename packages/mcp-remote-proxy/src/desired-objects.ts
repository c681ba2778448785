import type { DesiredObject, PolicyRule } from '@trueup/core';
import {
  authorizedAccount,
  BUILD_CONFIGURATION,
  BUILD_DEPLOYMENT,
  inlineAuthzMap,
  proxyService,
  pullSecrets,
  runConfigMap,
  within,
  type RunConfigSources,
} from '@trueup/mcp-workload';
import { remoteProxyDeployment, type ProxyDeploymentSources } from './deployment.js';
import { proxyLabels, runnerName, serviceName } from './names.js';
import type { MCPRemoteProxy } from './resource.js';
import { proxyRunConfig } from './run-config.js';

export type Sources = Omit<RunConfigSources & ProxyDeploymentSources, 'checksum'>;

const READ = ['get', 'list', 'watch'];

/** What the runner in front of a remote server may do: read its configuration and its secrets. */
export const RUNNER_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: READ },
  { apiGroups: [''], resources: ['secrets'], verbs: READ },
];

/**
 * Everything that should exist around a proxy, in the order in which it is made.
 * @throws {@link SpecError} for a spec that it cannot be made of.
 */
export function desiredObjects(proxy: MCPRemoteProxy, sources: Sources): readonly DesiredObject[] {
  const { metadata, spec } = proxy;
  const { name, namespace = '' } = metadata;
  const labels = proxyLabels(name);
  const { configMap, checksum } = within(BUILD_CONFIGURATION, () =>
    runConfigMap(proxyRunConfig(proxy, sources), 'mcp-remote-proxy'),
  );
  const deployment = within(BUILD_DEPLOYMENT, () => remoteProxyDeployment(proxy, { ...sources, checksum }));
  const secrets = pullSecrets(spec.resourceOverrides?.proxyDeployment?.imagePullSecrets, sources.settings.pullSecrets);
  return [
    ...(spec.serviceAccount
      ? []
      : authorizedAccount({ name: runnerName(name), namespace, rules: RUNNER_RULES, pullSecrets: secrets })),
    ...inlineAuthzMap(name, spec, labels),
    configMap,
    deployment,
    proxyService({
      name: serviceName(name),
      labels,
      overrides: spec.resourceOverrides?.proxyService,
      port: spec.proxyPort,
      sessionAffinity: spec.sessionAffinity,
    }),
  ];
}
