import type { DesiredObject } from '@trueup/core';
import {
  authorizedAccount,
  BUILD_CONFIGURATION,
  BUILD_DEPLOYMENT,
  inlineAuthzMap,
  PROXY_RUNNER_RULES,
  proxyService,
  pullSecrets,
  runConfigMap,
  serviceAccount,
  within,
} from '@trueup/mcp-workload';
import { serverDeployment, type ServerDeploymentSources } from './deployment.js';
import { backendAccountName, proxyRunnerName, proxyServiceName, serverLabels } from './names.js';
import type { MCPServer } from './resource.js';
import { serverRunConfig, type ServerRunConfigSources } from './run-config.js';

export type Sources = Omit<ServerRunConfigSources & ServerDeploymentSources, 'checksum'>;

/**
 * Everything that should exist around a server, in the order in which it is made.
 * @throws {@link SpecError} for a spec that it cannot be made of.
 */
export function desiredObjects(server: MCPServer, sources: Sources): readonly DesiredObject[] {
  const { name, namespace = '' } = server.metadata;
  const { resourceOverrides, serviceAccount: own, proxyPort: port, sessionAffinity } = server.spec;
  const secrets = pullSecrets(resourceOverrides?.proxyDeployment?.imagePullSecrets, sources.settings.pullSecrets);
  const { configMap, checksum } = within(BUILD_CONFIGURATION, () =>
    runConfigMap(serverRunConfig(server, sources), 'mcp-server'),
  );
  const deployment = within(BUILD_DEPLOYMENT, () => serverDeployment(server, { ...sources, checksum }));
  const labels = serverLabels(name);
  return [
    ...authorizedAccount({ name: proxyRunnerName(name), namespace, rules: PROXY_RUNNER_RULES, pullSecrets: secrets }),
    ...(own === undefined ? [serviceAccount(backendAccountName(name), secrets)] : []),
    ...inlineAuthzMap(name, server.spec, labels),
    configMap,
    deployment,
    proxyService({
      name: proxyServiceName(name),
      labels,
      overrides: resourceOverrides?.proxyService,
      port,
      sessionAffinity,
    }),
  ];
}
