import type { Context, EnvVar } from '@trueup/core';
import type { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import type { OboHandler } from '@trueup/mcp-external-auth-config';
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
import { within } from '../error-prefix.js';
import { sortedKeys } from '../formats/go-json.js';
import type { ProxiedKind, ProxiedWorkload } from '../proxied-workload.js';
import type { MountedVolume } from '../proxy/proxy-deployment.js';
import { secretVariable } from '../proxy/proxy-environment.js';
import type { AuthzSection, OidcSection, TelemetrySection } from '../run-config/sections.js';
import { createRunConfig } from '../stages.js';
import { embeddedAuthServerOf, type ProxyAuthServer } from './embedded-auth-server.js';
import { outgoingAuth, type OutgoingAuth } from './outgoing-auth.js';

/** What the configs that a workload refers to bring into its proxy. */
export interface ProxyConfigs {
  readonly tools?: WorkloadTools;
  readonly telemetry?: Brought<TelemetrySection>;
  readonly externalAuth?: OutgoingAuth;
  readonly oidc?: Brought<OidcSection>;
  readonly authz?: AuthzSection;
  readonly authServer?: ProxyAuthServer;
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
 * Puts together what the configs bring; all references of the workload are usable, or it would not be applied.
 * @throws {@link SpecError} for a config that nothing can be made of.
 */
export function proxyConfigs<W extends ProxiedWorkload>(
  workload: W,
  references: Pick<Context, 'reference'>,
  { proxied, services }: { readonly proxied: ProxiedKind<W>; readonly services: ConfigServices },
): ProxyConfigs {
  const { toolConfigRef, telemetryConfigRef, externalAuthRef, oidcConfigRef, authzConfigRef } = proxied.references;
  const create = createRunConfig(workload.kind);
  const tool = references.reference(toolConfigRef);
  const telemetry = references.reference(telemetryConfigRef);
  const externalAuth = references.reference(externalAuthRef);
  const oidc = references.reference(oidcConfigRef);
  const authz = references.reference(authzConfigRef);
  const authServer = embeddedAuthServerOf(workload, references, proxied);
  return {
    ...(tool.state === 'usable' && { tools: workloadTools(tool.config) }),
    ...(telemetry.state === 'usable' && { telemetry: broughtByTelemetry(telemetry.config, workload) }),
    ...(externalAuth.state === 'usable' && { externalAuth: outgoingAuth(externalAuth.config, services.obo) }),
    ...(oidc.state === 'usable' && {
      oidc: within(`${create}failed to resolve OIDC config from MCPOIDCConfig: `, () =>
        broughtByOidc(oidc.config, workload, proxied.proxyUrl(workload)),
      ),
    }),
    ...(authz.state === 'usable' && {
      authz: within(`${create}failed to process AuthzConfigRef: `, () =>
        // Members in another order must not restart the proxies.
        sortedKeys<AuthzSection>(services.authorizers.fullConfig(authz.config.spec)),
      ),
    }),
    ...(authServer && { authServer }),
  };
}

function broughtByTelemetry(
  config: MCPTelemetryConfig,
  { metadata, spec }: ProxiedWorkload,
): Brought<TelemetrySection> {
  const { name, namespace = '' } = metadata;
  const user = { name, namespace, serviceName: spec.telemetryConfigRef?.serviceName };
  const caBundle = telemetryCaBundle(config);
  return {
    section: telemetryConfigSection(config, user),
    env: telemetryEnvironment(config, user),
    ...(caBundle && { caBundle }),
  };
}

function broughtByOidc(
  config: MCPOIDCConfig,
  { spec: { oidcConfigRef: reference } }: ProxiedWorkload,
  proxyUrl: string,
): Brought<OidcSection> {
  const oidc = resolveOidc(config, { audience: '', ...reference }, proxyUrl);
  const caBundle = oidcCaBundle(config);
  return {
    section: oidcConfigSection(oidc),
    env: oidc.clientSecret === undefined ? [] : [secretVariable(OIDC_CLIENT_SECRET, oidc.clientSecret)],
    ...(caBundle && { caBundle }),
  };
}
