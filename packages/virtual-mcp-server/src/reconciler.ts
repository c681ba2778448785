import {
  Condition,
  ConditionFamily,
  ConfigMap,
  Deployment,
  Owns,
  permission,
  Permissions,
  Pod,
  ReadsContents,
  Reconciler,
  References,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  verdict,
  Watches,
  type Context,
  type DesiredObject,
  type NamespacedName,
  type Verdict,
} from '@trueup/core';
import {
  baselineScopesVerdict,
  identitySynthesizedVerdict,
  keyMaterialVerdict,
  redirectUriVerdict,
} from '@trueup/mcp-auth-server';
import { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer } from '@trueup/mcp-server';
import { MCPServerEntry } from '@trueup/mcp-server-entry';
import {
  authorizedAccount,
  decodePodTemplate,
  Platform,
  POD_TEMPLATE_INVALID,
  podTemplateValid,
  pullSecrets,
  sessionStorageWarning,
  within,
  WorkloadSettings,
} from '@trueup/mcp-workload';
import { formatConfigDocument } from './config-document/config-document.js';
import { documentProblem } from './config-document/problems/document-problem.js';
import { formatYaml } from './config-document/yaml.js';
import { Configuration } from './configuration.js';
import { serversEmbeddedBy, serversOfEntry, serversOfWorkload, serversReachedWith } from './discovery.js';
import { EmbeddingServer, embeddingServerReady } from './embedding-server.js';
import { accountName, serverUrl } from './names.js';
import { authzConfigRef } from './references/authz-config-ref.js';
import { backendAuthRefs } from './references/backend-auth-refs.js';
import { compositeToolRefs } from './references/composite-tool-refs.js';
import { defaultAuthRef } from './references/default-auth-ref.js';
import { servedGroupRef } from './references/group-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { toolConfigRefs } from './references/tool-config-refs.js';
import { VirtualMCPServer } from './resource.js';
import { VirtualServerSettings } from './settings.js';
import { CONVERT } from './stages.js';
import { serverStanding } from './status/server-standing.js';
import { tellVerdict } from './tell-verdict.js';
import { adviseOnSpec } from './validation/advice.js';
import { authConfigured, authConfiguredEvent } from './validation/auth-configured.js';
import {
  authServerConfiguration,
  authServerIntegration,
  authServerSecretProblem,
  authServerSpecProblem,
} from './validation/auth-server.js';
import { compositeToolRefsValidated } from './validation/composite-tools.js';
import { primaryProviderProblem, upstreamSelectionWarning } from './validation/primary-provider.js';
import { specProblem } from './validation/spec-problem.js';
import { validSpec } from './validation/valid-spec.js';
import { requireOwnDeployment } from './workload/own-deployment.js';
import { accountRules, GRANTED } from './workload/account-rules.js';
import { configMap } from './workload/config-map.js';
import { serverDeployment } from './workload/deployment.js';
import { tellWorkload, workloadBefore } from './workload/events.js';
import { ensureHmacSecret } from './workload/hmac-secret.js';
import { service } from './workload/service.js';

const CONTROLLER = 'virtualmcpserver-controller';

/** Runs VirtualMCPServers: one Deployment for each, which offers the members of a group as one server. */
@Reconciler(VirtualMCPServer, { name: CONTROLLER })
@References(
  servedGroupRef,
  compositeToolRefs,
  oidcConfigRef,
  authzConfigRef,
  telemetryConfigRef,
  toolConfigRefs,
  defaultAuthRef,
  backendAuthRefs,
)
@Owns(ServiceAccount, Role, RoleBinding, ConfigMap, Service)
// Only the API server can judge what users lay over the pods.
@Owns(Deployment, { rehearse: ({ spec }: VirtualMCPServer) => Boolean(spec.podTemplateSpec ?? spec.serviceAccount) })
@Watches(MCPServer, serversOfWorkload)
@Watches(MCPRemoteProxy, serversOfWorkload)
@Watches(MCPServerEntry, serversOfEntry)
@Watches(MCPExternalAuthConfig, { map: serversReachedWith })
@Watches(EmbeddingServer, serversEmbeddedBy)
@Watches(Pod, { map: serversOfPod })
@ReadsContents(Secret, ConfigMap)
@Permissions(permission(Secret, 'create'), ...GRANTED)
export class VirtualMCPServerReconciler {
  constructor(
    private readonly settings: WorkloadSettings,
    private readonly serverSettings: VirtualServerSettings,
    private readonly platform: Platform,
    private readonly obo: OboHandler,
    private readonly authorizers: AuthorizerRegistry,
  ) {}

  @Condition('Valid', { gate: true })
  async valid(stored: VirtualMCPServer, ctx: Context): Promise<Verdict> {
    adviseOnSpec(stored, ctx);
    const problem = specProblem(stored) ?? (await this.#startProblem(stored, ctx));
    return problem === undefined
      ? verdict.true('ValidationSucceeded', 'Spec validation passed')
      : verdict.false('ValidationFailed', problem);
  }

  @Condition('PodTemplateSpecValid', { gate: true, event: { onFalse: POD_TEMPLATE_INVALID } })
  podTemplateSpecValid({ spec }: VirtualMCPServer): Verdict {
    return podTemplateValid(spec.podTemplateSpec, decodePodTemplate, 'PodTemplateSpecValid');
  }

  @Condition('CompositeToolRefsValidated', { gate: true })
  compositeToolRefsValidated(stored: VirtualMCPServer, ctx: Context): Verdict {
    return compositeToolRefsValidated(stored, ctx);
  }

  @Condition('EmbeddingServerReady', { gate: true })
  embeddingServerReady(stored: VirtualMCPServer, ctx: Context): Verdict {
    const judged = embeddingServerReady(stored.spec, ctx);
    if (judged.kind === 'stated' && judged.reason === 'EmbeddingServerNotFound') {
      const event = {
        reason: 'EmbeddingServerRefNotFound',
        action: 'ValidateEmbeddingServerRef',
        note: judged.message,
      };
      tellVerdict(stored, 'EmbeddingServerReady', judged, event, ctx);
    }
    return judged;
  }

  @Condition('AuthServerConfigValidated', { gate: true })
  async authServerConfigValidated(stored: VirtualMCPServer, ctx: Context): Promise<Verdict> {
    const refusal =
      authServerSpecProblem(stored) ??
      primaryProviderProblem(stored) ??
      authServerSecretProblem(stored, ctx) ??
      (await this.#integrationProblem(stored, ctx));
    if (refusal !== undefined) return verdict.false(refusal.reason, refusal.message);
    if (stored.spec.authServerConfig === undefined) return verdict.absent;
    return verdict.true('AuthServerConfigValid', 'AuthServerConfig is valid');
  }

  @Condition('BaselineScopesValid', { gate: true })
  baselineScopesValid({ spec }: VirtualMCPServer): Verdict {
    return baselineScopesVerdict(spec.authServerConfig, spec.incomingAuth?.oidcConfigRef?.scopes);
  }

  @Condition('IdentitySynthesized')
  identitySynthesized({ spec }: VirtualMCPServer): Verdict {
    return spec.authServerConfig === undefined ? verdict.absent : identitySynthesizedVerdict(spec.authServerConfig);
  }

  @Condition('AuthServerKeyMaterial')
  authServerKeyMaterial({ spec }: VirtualMCPServer): Verdict {
    return keyMaterialVerdict(spec.authServerConfig, 'spec.authServerConfig');
  }

  @Condition('UpstreamRedirectURIReachable')
  upstreamRedirectUriReachable({ metadata, spec }: VirtualMCPServer): Verdict {
    return redirectUriVerdict(
      spec.authServerConfig,
      spec.incomingAuth?.oidcConfigRef?.resourceUrl || serverUrl(metadata),
    );
  }

  @Condition('AuthzUpstreamSelectionWarning')
  upstreamSelectionWarning(stored: VirtualMCPServer): Verdict {
    return upstreamSelectionWarning(stored);
  }

  @Condition('SessionStorageWarning')
  sessionStorageWarning({ spec }: VirtualMCPServer): Verdict {
    return sessionStorageWarning(spec, this.settings.defaultRedis);
  }

  @ConditionFamily('DiscoveredAuthConfig-')
  discoveredAuthConfigs(stored: VirtualMCPServer, ctx: Context): Readonly<Record<string, Verdict>> {
    const configuration = this.#configuration(stored, ctx);
    if (configuration === undefined) return {};
    const { beingJudged, outcomes } = configuration.backends;
    // The members' configs are no references of the server: nothing else waits for their verdicts.
    if (beingJudged.length > 0) ctx.hold();
    return Object.fromEntries(outcomes.discovered);
  }

  @Condition('BackendNamesUnique')
  backendNamesUnique(stored: VirtualMCPServer, ctx: Context): Verdict {
    const problems = this.#configuration(stored, ctx)?.backends.problems ?? [];
    return problems.length === 0 ? verdict.absent : verdict.false('NameConflict', problems.join('; '));
  }

  @Condition('StaticBackendsAvailable', { gate: true })
  staticBackendsAvailable(stored: VirtualMCPServer, ctx: Context): Verdict {
    const { beingJudged = [], waiting } = this.#configuration(stored, ctx)?.backends ?? {};
    // A backend whose credentials are judged anew is not gone.
    if (beingJudged.length > 0) return verdict.unchanged;
    return waiting === undefined ? verdict.absent : verdict.false('NoBackends', waiting);
  }

  @Condition('AuthConfigured', { gate: true })
  async authConfigured(stored: VirtualMCPServer, ctx: Context): Promise<Verdict> {
    const configuration = this.#configuration(stored, ctx);
    if (configuration === undefined) return verdict.unchanged;
    const judged = await authConfigured(configuration, ctx);
    tellVerdict(stored, 'AuthConfigured', judged, authConfiguredEvent(judged), ctx);
    return judged;
  }

  async desired(stored: VirtualMCPServer, ctx: Context): Promise<readonly DesiredObject[]> {
    const configuration = this.#configuration(stored, ctx);
    // `Valid` is a gate: without a spec there is no apply.
    if (configuration === undefined) return [];
    const { server, podParts, oidc } = configuration;
    const { metadata, spec } = server;
    const { name, namespace = '' } = metadata;
    const { deployment: live } = workloadBefore(server, ctx);
    requireOwnDeployment(server, live);

    const authz = await configuration.authz;
    const { configMap: configuring, checksum } = within(CONVERT, () => {
      const authServer = authServerConfiguration(server, oidc);
      return configMap(name, {
        config: formatConfigDocument(configuration.document(authz)),
        ...(authServer && { authServer: formatYaml(authServer) }),
      });
    });
    await ensureHmacSecret(server, ctx, { isDeployed: live !== undefined, fieldManager: CONTROLLER });
    const deployment = serverDeployment(server, {
      ...podParts,
      image: this.serverSettings.image,
      defaultPullSecrets: this.settings.pullSecrets,
      openShift: await this.platform.isOpenShift(ctx.client),
      checksum,
      live,
      fieldManager: CONTROLLER,
      contents: (refs) => ctx.contents(refs),
    });
    const account = {
      name: accountName(name),
      namespace,
      rules: accountRules(name, spec.outgoingAuth?.source ?? 'discovered'),
      pullSecrets: pullSecrets(spec.imagePullSecrets, this.settings.pullSecrets),
    };
    return [...(spec.serviceAccount ? [] : authorizedAccount(account)), configuring, deployment, service(name, spec)];
  }

  @Condition('Ready', { observes: [Deployment, Pod] })
  ready(server: VirtualMCPServer, ctx: Context): Verdict {
    return serverStanding(server, ctx)?.ready ?? verdict.unchanged;
  }

  status(server: VirtualMCPServer, ctx: Context): Readonly<Record<string, unknown>> {
    tellWorkload(server, ctx);
    const { phase, message } = serverStanding(server, ctx) ?? server.status ?? {};
    // While nothing is applied, clients reach what was applied before.
    const url = ctx.isApplied ? serverUrl(server.metadata) : server.status?.url;
    return { ...(phase && { phase }), ...(message && { message }), ...(url && { url }) };
  }

  /** What the finished configuration shows that would keep the server from starting. */
  async #startProblem(stored: VirtualMCPServer, ctx: Context): Promise<string | undefined> {
    const document = await this.#configuration(stored, ctx)?.documentIfPossible();
    return document && documentProblem(document);
  }

  async #integrationProblem(stored: VirtualMCPServer, ctx: Context) {
    const configuration = this.#configuration(stored, ctx);
    const document = await configuration?.documentIfPossible();
    if (configuration === undefined || document === undefined) return undefined;
    return authServerIntegration(configuration.server, document, configuration.oidc);
  }

  /** Undefined for a spec that breaks the present schema; what else there is to say of it stays said. */
  #configuration(stored: VirtualMCPServer, ctx: Context): Configuration | undefined {
    return ctx.once('configuration', () => {
      const spec = validSpec(stored);
      const services = { obo: this.obo, authorizers: this.authorizers, defaultRedis: this.settings.defaultRedis };
      return spec && new Configuration({ ...stored, spec }, ctx, services);
    });
  }
}

/** The server that a pod runs, by its labels. */
function serversOfPod({ metadata: { labels = {}, namespace } }: Pod): readonly NamespacedName[] {
  const name = labels['toolhive-name'];
  if (name === undefined || labels['app'] !== 'virtualmcpserver') return [];
  return [{ name, ...(namespace !== undefined && { namespace }) }];
}
