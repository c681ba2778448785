import { configRef, verdict, type ConfigRef, type KindOf, type StatedVerdict } from '@trueup/core';
import type { AuthServerUser } from '@trueup/mcp-auth-server';
import { authzReferenceWording, MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { isForVirtualServerOnly, MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { groupRef, type MCPGroup } from '@trueup/mcp-group';
import { MCPOIDCConfig, oidcReferenceWording } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig, telemetryReferenceWording } from '@trueup/mcp-telemetry-config';
import { annotationsNotApplied, MCPToolConfig, toolReferenceWording } from '@trueup/mcp-tool-config';
import type { ProxiedWorkload } from '../proxied-workload.js';
import { oneAuthzSource } from '../schemas/proxy-fields.js';
import { embeddedAuthServerProblem } from './embedded-auth-server-problem.js';

/** The references that every kind with a proxy has, in the order in which their problems are told. */
export interface ProxyReferences<W extends ProxiedWorkload> {
  /** The group the workload belongs to; nothing waits for it. */
  readonly groupRef: ConfigRef<W, MCPGroup>;
  /** Which tools the proxy shows, and under which names. */
  readonly toolConfigRef: ConfigRef<W, MCPToolConfig>;
  /** Where the proxy sends its traces and metrics. */
  readonly telemetryConfigRef: ConfigRef<W, MCPTelemetryConfig>;
  /** How the proxy authenticates to the server behind it. */
  readonly externalAuthRef: ConfigRef<W, MCPExternalAuthConfig>;
  /** The authorization server that runs in the proxy. */
  readonly authServerRef: ConfigRef<W, MCPExternalAuthConfig>;
  /** How the proxy finds out who calls it. */
  readonly oidcConfigRef: ConfigRef<W, MCPOIDCConfig>;
  /** Who may do what. */
  readonly authzConfigRef: ConfigRef<W, MCPAuthzConfig>;
}

export interface ProxyReferenceOptions<W extends ProxiedWorkload> {
  readonly from: KindOf<W>;
  /** Where clients in the cluster reach the proxy of a workload. */
  proxyUrl(workload: W): string;
  /** Types of MCPExternalAuthConfig that need a remote server; a kind without one lists them here. */
  readonly unsupportedAuth?: readonly MCPExternalAuthConfig['spec']['type'][];
}

/** Declares the references of one kind. */
export function proxyReferences<W extends ProxiedWorkload>({
  from,
  proxyUrl,
  unsupportedAuth = [],
}: ProxyReferenceOptions<W>): ProxyReferences<W> {
  const { kind } = from.resource;

  /** What the authorization server that a config embeds cannot be run for, as a verdict. */
  const judgeAuthServer = (config: MCPExternalAuthConfig, workload: W, invalid: string): StatedVerdict | undefined => {
    const problem = embeddedAuthServerProblem(config, { workload, proxyUrl: proxyUrl(workload) });
    if (problem === undefined) return undefined;
    return verdict.false(problem.cause === 'multiUpstream' ? 'MultiUpstreamNotSupported' : invalid, problem.message);
  };

  const toAuth = {
    from,
    to: MCPExternalAuthConfig,
    fallbackReason: 'InvalidExternalAuthConfig',
    tells: ({ spec }: W): AuthServerUser & Readonly<Record<string, unknown>> => ({
      supportedScopes: spec.oidcConfigRef?.scopes ?? [],
    }),
  };

  return {
    groupRef: groupRef(from),

    toolConfigRef: configRef({
      from,
      to: MCPToolConfig,
      name: ({ spec }) => spec.toolConfigRef?.name,
      condition: 'ToolConfigValidated',
      hash: 'toolConfigHash',
      wording: toolReferenceWording,
      accepts: (config) => annotationsNotApplied(config, kind),
    }),

    telemetryConfigRef: configRef({
      from,
      to: MCPTelemetryConfig,
      name: ({ spec }) => spec.telemetryConfigRef?.name,
      condition: 'TelemetryConfigRefValidated',
      hash: 'telemetryConfigHash',
      wording: telemetryReferenceWording,
    }),

    externalAuthRef: configRef({
      ...toAuth,
      name: ({ spec }) => spec.externalAuthConfigRef?.name,
      condition: 'ExternalAuthConfigValidated',
      hash: 'externalAuthConfigHash',
      accepts: (config, workload) => {
        const { type } = config.spec;
        const quoted = `MCPExternalAuthConfig '${config.metadata.name}'`;
        if (unsupportedAuth.includes(type)) {
          return verdict.false('UnsupportedType', `${quoted} has type ${type}, which ${kind} does not support`);
        }
        if (isForVirtualServerOnly(config)) {
          return verdict.true(
            'ExternalAuthConfigNotApplied',
            `${quoted} has type ${type}, which only takes effect through a VirtualMCPServer`,
          );
        }
        return type === 'embeddedAuthServer' ? judgeAuthServer(config, workload, 'InvalidConfig') : undefined;
      },
    }),

    authServerRef: configRef({
      ...toAuth,
      name: ({ spec }) => spec.authServerRef?.name,
      condition: 'AuthServerRefValidated',
      hash: 'authServerConfigHash',
      wording: { valid: (name) => verdict.true('AuthServerRefValid', `AuthServerRef '${name}' is valid`) },
      accepts: (config, workload) => {
        // Only objects that were stored before the schema said so can name another kind, or none.
        const refKind: string = workload.spec.authServerRef?.kind || 'MCPExternalAuthConfig';
        if (refKind !== 'MCPExternalAuthConfig') {
          return verdict.false(
            'AuthServerRefInvalidKind',
            `unsupported authServerRef kind ${JSON.stringify(refKind)}: only MCPExternalAuthConfig is supported`,
          );
        }
        const { metadata, spec } = config;
        if (spec.type !== 'embeddedAuthServer') {
          return verdict.false(
            'AuthServerRefInvalidType',
            `authServerRef '${metadata.name}' has type "${spec.type}", but only embeddedAuthServer is supported`,
          );
        }
        return judgeAuthServer(config, workload, 'AuthServerRefInvalidConfig');
      },
    }),

    oidcConfigRef: configRef({
      from,
      to: MCPOIDCConfig,
      name: ({ spec }) => spec.oidcConfigRef?.name,
      condition: 'OIDCConfigRefValidated',
      hash: 'oidcConfigHash',
      wording: oidcReferenceWording,
    }),

    authzConfigRef: configRef({
      from,
      to: MCPAuthzConfig,
      name: ({ spec }) => spec.authzConfigRef?.name,
      condition: 'AuthzConfigRefValidated',
      hash: 'authzConfigHash',
      wording: authzReferenceWording,
      // Only objects that were stored before the schema said so can have both.
      accepts: (_config, { spec }) =>
        spec.authzConfig === undefined ? undefined : verdict.false('ConflictingAuthz', oneAuthzSource.message),
    }),
  };
}
