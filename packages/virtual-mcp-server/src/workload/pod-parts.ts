import { contentRefsOf, type ContentRef, type EnvVar, type Volume, type VolumeMount } from '@trueup/core';
import { authServerEnv, authServerVolumeMounts, authServerVolumes } from '@trueup/mcp-auth-server';
import { oidcCaBundle, VMCP_OIDC_CLIENT_SECRET, type MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { telemetryCaBundle, telemetryEnvironment, type MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { secretVariable, SESSION_REDIS_PASSWORD, sessionRedis, type DefaultRedis } from '@trueup/mcp-workload';
import type { GroupBackends } from '../backends/group-backends.js';
import type { VirtualMCPServer } from '../resource.js';
import { hmacVariable } from './hmac-secret.js';

export interface PodSources {
  readonly backends: GroupBackends;
  readonly oidcConfig: MCPOIDCConfig | undefined;
  readonly telemetryConfig: MCPTelemetryConfig | undefined;
  readonly defaultRedis: DefaultRedis | undefined;
}

/** What the configuration of a server refers to by name: variables and files of its container. */
export interface PodParts {
  /** In the order of the groups, which is a contract: of two variables of one name the later one counts. */
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
  /** The Secret keys behind the variables, by what they are in messages; those of the authorization server apart from them. */
  readonly secrets: readonly SecretDemand[];
}

/** Secret keys that pods do not start without. */
export interface SecretDemand {
  readonly what: string;
  readonly contents: readonly ContentRef[];
}

/** @throws {@link SpecError} for a config that cannot be mounted. */
export function podParts({ metadata, spec }: VirtualMCPServer, sources: PodSources): PodParts {
  const { name, namespace = '' } = metadata;
  const { backends, oidcConfig, telemetryConfig, defaultRedis } = sources;
  const { authServerConfig } = spec;
  const clientSecret = oidcConfig?.spec.type === 'inline' ? oidcConfig.spec.inline?.clientSecretRef : undefined;
  const redisPassword = sessionRedis(spec.sessionStorage, defaultRedis)?.passwordRef;
  const user = { name, namespace, serviceName: spec.telemetryConfigRef?.serviceName };

  const oidc = clientSecret === undefined ? [] : [secretVariable(VMCP_OIDC_CLIENT_SECRET, clientSecret)];
  const redis = redisPassword === undefined ? [] : [secretVariable(SESSION_REDIS_PASSWORD, redisPassword)];
  const telemetry = telemetryConfig === undefined ? [] : telemetryEnvironment(telemetryConfig, user);
  const authServer = authServerConfig === undefined ? [] : authServerEnv(authServerConfig);

  const bundles = [
    oidcConfig && oidcCaBundle(oidcConfig),
    ...backends.caBundles,
    telemetryConfig && telemetryCaBundle(telemetryConfig),
  ].filter((bundle) => bundle !== undefined);
  return {
    env: [
      { name: 'VMCP_NAME', value: name },
      { name: 'VMCP_NAMESPACE', value: namespace },
      ...oidc,
      ...backends.env,
      ...backends.headerForwardEnv,
      hmacVariable(name),
      ...redis,
      ...telemetry,
      ...authServer,
    ],
    volumes: [
      ...bundles.map(({ volume }) => volume),
      ...(authServerConfig === undefined ? [] : authServerVolumes(authServerConfig)),
    ],
    volumeMounts: [
      ...bundles.map(({ volume, mount }) => ({ ...mount, name: volume.name })),
      ...(authServerConfig === undefined ? [] : authServerVolumeMounts(authServerConfig)),
    ],
    secrets: [
      demand('MCPOIDCConfig OIDC client secret', oidc),
      ...(authServerConfig?.delegateClients ?? []).map(({ clientId, clientSecretRef }) =>
        demand(`delegate client ${JSON.stringify(clientId)}`, [secretVariable('any', clientSecretRef)]),
      ),
      demand('session Redis password', redis),
      demand('outgoing auth', backends.env),
      demand('header forward', backends.headerForwardEnv),
      demand('telemetry header', telemetry),
    ],
  };
}

function demand(what: string, env: readonly EnvVar[]): SecretDemand {
  return { what, contents: contentRefsOf({ containers: [{ name: 'any', env }] }) };
}
