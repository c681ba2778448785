import type { Context, EnvVar } from '@trueup/core';
import type { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import { workloadAuth, type OboHandler, type WorkloadAuth } from '@trueup/mcp-external-auth-config';
import {
  OIDC_CLIENT_SECRET,
  oidcCaBundle,
  oidcConfigSection,
  resolveOidc,
  type MCPOIDCConfig,
} from '@trueup/mcp-oidc-config';
import {
  telemetryCaBundle,
  telemetryConfigSection,
  telemetryEnvironment,
  type MCPTelemetryConfig,
} from '@trueup/mcp-telemetry-config';
import { workloadTools, type WorkloadTools } from '@trueup/mcp-tool-config';
import { workloadWebhooks, type WorkloadWebhooks } from '@trueup/mcp-webhook-config';
import {
  secretVariable,
  sortedKeys,
  within,
  type AuthzSection,
  type MountedVolume,
  type OidcSection,
  type TelemetrySection,
} from '@trueup/mcp-workload';
import { proxyUrl } from './names.js';
import { authzConfigRef } from './references/authz-config-ref.js';
import { externalAuthRef } from './references/external-auth-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { toolConfigRef } from './references/tool-config-ref.js';
import { webhookConfigRef } from './references/webhook-config-ref.js';
import type { MCPServer } from './resource.js';
import { CREATE_RUN_CONFIG } from './stages.js';

/** What the configs that a server refers to bring into its proxy. */
export interface ProxyConfigs {
  readonly tools?: WorkloadTools;
  readonly telemetry?: Brought<TelemetrySection>;
  readonly externalAuth?: WorkloadAuth;
  readonly webhooks?: WorkloadWebhooks;
  readonly oidc?: Brought<OidcSection>;
  readonly authz?: AuthzSection;
}

/** A section of the run configuration, and what the proxy needs to go by it. */
interface Brought<Section> {
  readonly section: Section;
  readonly env: readonly EnvVar[];
  readonly caBundle?: MountedVolume;
}

export interface ConfigServices {
  readonly obo: OboHandler;
  readonly authorizers: AuthorizerRegistry;
}

/**
 * Puts together what the configs bring; all references of the server are usable, or it would not be applied.
 * @throws {@link SpecError} for a config that nothing can be made of.
 */
export function proxyConfigs(
  server: MCPServer,
  references: Pick<Context, 'reference'>,
  { obo, authorizers }: ConfigServices,
): ProxyConfigs {
  const tool = references.reference(toolConfigRef);
  const telemetry = references.reference(telemetryConfigRef);
  const externalAuth = references.reference(externalAuthRef);
  const webhook = references.reference(webhookConfigRef);
  const oidc = references.reference(oidcConfigRef);
  const authz = references.reference(authzConfigRef);
  return {
    ...(tool.state === 'usable' && { tools: workloadTools(tool.config) }),
    ...(telemetry.state === 'usable' && { telemetry: broughtByTelemetry(telemetry.config, server) }),
    ...(externalAuth.state === 'usable' && { externalAuth: workloadAuth(externalAuth.config, obo) }),
    ...(webhook.state === 'usable' && {
      webhooks: within(`${CREATE_RUN_CONFIG}failed to process WebhookConfig: `, () => workloadWebhooks(webhook.config)),
    }),
    ...(oidc.state === 'usable' && {
      oidc: within(`${CREATE_RUN_CONFIG}failed to resolve OIDC config from MCPOIDCConfig: `, () =>
        broughtByOidc(oidc.config, server),
      ),
    }),
    ...(authz.state === 'usable' && {
      authz: within(`${CREATE_RUN_CONFIG}failed to process AuthzConfigRef: `, () =>
        // Members in another order must not restart the proxies.
        sortedKeys<AuthzSection>(authorizers.fullConfig(authz.config.spec)),
      ),
    }),
  };
}

function broughtByTelemetry(config: MCPTelemetryConfig, { metadata, spec }: MCPServer): Brought<TelemetrySection> {
  const { name, namespace = '' } = metadata;
  const user = { name, namespace, serviceName: spec.telemetryConfigRef?.serviceName };
  const caBundle = telemetryCaBundle(config);
  return {
    section: telemetryConfigSection(config, user),
    env: telemetryEnvironment(config, user),
    ...(caBundle && { caBundle }),
  };
}

function broughtByOidc(config: MCPOIDCConfig, server: MCPServer): Brought<OidcSection> {
  const { oidcConfigRef: reference } = server.spec;
  const oidc = resolveOidc(config, { audience: '', ...reference }, proxyUrl(server));
  const caBundle = oidcCaBundle(config);
  return {
    section: oidcConfigSection(oidc),
    env: oidc.clientSecret === undefined ? [] : [secretVariable(OIDC_CLIENT_SECRET, oidc.clientSecret)],
    ...(caBundle && { caBundle }),
  };
}
