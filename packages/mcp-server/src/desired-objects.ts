import type { DesiredObject } from '@trueup/core';
import {
  authorizedAccount,
  inlineAuthzDocument,
  PROXY_RUNNER_RULES,
  proxyService,
  pullSecrets,
  runConfigMap,
  serviceAccount,
  within,
  type PullSecret,
} from '@trueup/mcp-workload';
import { AUTHZ_KEY, serverDeployment, type DeploymentSources } from './deployment.js';
import { backendAccountName, inlineAuthzName, proxyRunnerName, proxyServiceName, serverLabels } from './names.js';
import type { MCPServer } from './resource.js';
import { serverRunConfig, type RunConfigSources } from './run-config.js';
import { BUILD_CONFIGURATION, BUILD_DEPLOYMENT } from './stages.js';

export type Sources = Omit<RunConfigSources & DeploymentSources, 'checksum'>;

/**
 * Everything that should exist around a server, in the order in which it is made.
 * @throws {@link SpecError} for a spec that it cannot be made of.
 */
export function desiredObjects(server: MCPServer, spec: MCPServer['spec'], sources: Sources): readonly DesiredObject[] {
  const { name, namespace = '' } = server.metadata;
  const secrets = pullSecrets(spec.resourceOverrides?.proxyDeployment?.imagePullSecrets, sources.settings.pullSecrets);
  const { configMap, checksum } = within(BUILD_CONFIGURATION, () =>
    runConfigMap(serverRunConfig(server, spec, sources), 'mcp-server'),
  );
  const deployment = within(BUILD_DEPLOYMENT, () => serverDeployment(server, spec, { ...sources, checksum }));
  return [
    ...authorizedAccount({ name: proxyRunnerName(name), namespace, rules: PROXY_RUNNER_RULES, pullSecrets: secrets }),
    ...backendAccount(name, spec, secrets),
    ...inlineAuthz(name, spec),
    configMap,
    deployment,
    proxyService({
      name: proxyServiceName(name),
      labels: serverLabels(name),
      overrides: spec.resourceOverrides?.proxyService,
      port: spec.proxyPort,
      sessionAffinity: spec.sessionAffinity,
    }),
  ];
}

function backendAccount(
  name: string,
  { serviceAccount: own }: MCPServer['spec'],
  secrets: readonly PullSecret[] | undefined,
): readonly DesiredObject[] {
  return own === undefined ? [serviceAccount(backendAccountName(name), secrets)] : [];
}

/** For people to read; the proxy goes by the run configuration. */
function inlineAuthz(name: string, { authzConfig }: MCPServer['spec']): readonly DesiredObject[] {
  if (authzConfig?.type !== 'inline' || authzConfig.inline === undefined) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: inlineAuthzName(name),
        labels: { ...serverLabels(name), 'toolhive.stacklok.io/authz': 'inline' },
      },
      data: { [AUTHZ_KEY]: inlineAuthzDocument(authzConfig.inline) },
    },
  ];
}
