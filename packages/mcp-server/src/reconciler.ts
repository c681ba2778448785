import {
  Condition,
  ConfigMap,
  Deployment,
  Owns,
  Pod,
  Reconciler,
  References,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
  StatefulSet,
  verdict,
  Watches,
  type Context,
  type DesiredObject,
  type KubernetesObject,
  type NamespacedName,
  type Verdict,
} from '@trueup/core';
import { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import { OboHandler } from '@trueup/mcp-external-auth-config';
import { Platform, sessionRedis, sessionStorageWarning, within, WorkloadSettings } from '@trueup/mcp-workload';
import { primaryProviderIgnored, rateLimitConfigValid, stdioReplicaCapped } from './advisories.js';
import { authzSection, requireSoundPolicies } from './authz-section.js';
import { adoptBackend, isBackendLost } from './backend.js';
import { oidcCaBundleValidated, telemetryCaBundleValidated } from './ca-bundles.js';
import { namedConfigMaps } from './config-maps.js';
import { redisPassword } from './deployment.js';
import { desiredObjects } from './desired-objects.js';
import { refuseEmbeddedAuthServer } from './embedded-auth-server.js';
import { removeBackend } from './finalize.js';
import { requireFreeNames } from './name-collisions.js';
import { deploymentName, requireUsableName, serverUrl } from './names.js';
import { backendContents, podTemplateValid } from './pod-template.js';
import { proxyConfigs } from './proxy-configs.js';
import { authServerRef } from './references/auth-server-ref.js';
import { authzConfigRef } from './references/authz-config-ref.js';
import { externalAuthRef } from './references/external-auth-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { toolConfigRef } from './references/tool-config-ref.js';
import { webhookConfigRef } from './references/webhook-config-ref.js';
import { MCPServer } from './resource.js';
import { finishRestart, restartMarks, restartRequest } from './restart.js';
import { requireSecrets } from './secrets.js';
import { serverStanding } from './server-status.js';
import { BUILD_CONFIGURATION } from './stages.js';
import { validSpec } from './valid-spec.js';

const CONTROLLER = 'mcpserver-controller';

/** Runs MCP servers: for each a proxy, which in turn runs the server itself. */
@Reconciler(MCPServer, { name: CONTROLLER, finalizer: 'mcpserver.toolhive.stacklok.dev/finalizer' })
@References(
  toolConfigRef,
  telemetryConfigRef,
  externalAuthRef,
  webhookConfigRef,
  authServerRef,
  oidcConfigRef,
  authzConfigRef,
)
@Owns(ServiceAccount, Role, RoleBinding, ConfigMap, Deployment, Service)
@Watches(StatefulSet, { map: serversOf })
@Watches(Pod, { map: serversOf })
export class MCPServerReconciler {
  constructor(
    private readonly settings: WorkloadSettings,
    private readonly platform: Platform,
    private readonly obo: OboHandler,
    private readonly authorizers: AuthorizerRegistry,
  ) {}

  @Condition('AuthzPrimaryUpstreamProviderIgnored')
  primaryProviderIgnored(server: MCPServer, ctx: Context): Verdict {
    return primaryProviderIgnored(this.#spec(server, ctx));
  }

  @Condition('StdioReplicaCapped')
  stdioReplicaCapped(server: MCPServer, ctx: Context): Verdict {
    return stdioReplicaCapped(this.#spec(server, ctx));
  }

  @Condition('SessionStorageWarning')
  sessionStorageWarning(server: MCPServer, ctx: Context): Verdict {
    const { replicas, sessionStorage } = this.#spec(server, ctx);
    return sessionStorageWarning(replicas, sessionStorage?.provider);
  }

  @Condition('RateLimitConfigValid')
  rateLimitConfigValid(server: MCPServer, ctx: Context): Verdict {
    return rateLimitConfigValid(this.#spec(server, ctx));
  }

  @Condition('PodTemplateValid', {
    gate: true,
    event: {
      onFalse: {
        reason: 'InvalidPodTemplateSpec',
        action: 'ValidatePodTemplateSpec',
        note: ({ message }) => message.replace(/until fixed\.$/, 'until PodTemplateSpec is fixed.'),
      },
    },
  })
  podTemplateValid(server: MCPServer, ctx: Context): Verdict {
    return podTemplateValid(server, this.#spec(server, ctx));
  }

  @Condition('CABundleRefValidated')
  caBundleRefValidated(server: MCPServer, ctx: Context): Promise<Verdict> {
    return oidcCaBundleValidated(server, ctx);
  }

  @Condition('TelemetryCABundleRefValidated')
  telemetryCaBundleRefValidated(server: MCPServer, ctx: Context): Promise<Verdict> {
    return telemetryCaBundleValidated(server, ctx);
  }

  async desired(stored: MCPServer, ctx: Context): Promise<readonly DesiredObject[]> {
    const { name, namespace = '' } = stored.metadata;
    const spec = this.#spec(stored, ctx);
    const server = { ...stored, spec };
    requireUsableName(name, spec.transport);
    requireFreeNames(server, spec, ctx);
    refuseEmbeddedAuthServer(ctx);

    const configs = proxyConfigs(server, ctx, { obo: this.obo, authorizers: this.authorizers });
    const redis = within(BUILD_CONFIGURATION, () => sessionRedis(spec.sessionStorage, this.settings.defaultRedis));
    const backend = backendContents(name, spec);
    await requireSecrets({ configs, redisPassword: redisPassword(redis), backend }, namespace, ctx);
    const configMap = await namedConfigMaps(spec, namespace, ctx);
    const authz = authzSection(server, spec, configMap);
    if (authz !== undefined) await requireSoundPolicies(authz, server, this.authorizers, ctx.signal);

    const live = ctx.get(Deployment, deploymentName(name));
    const isLost = await isBackendLost(server, live, ctx);
    return desiredObjects(server, spec, {
      settings: this.settings,
      configs,
      authz,
      redis,
      openShift: await this.platform.isOpenShift(ctx.client),
      live,
      restart: restartMarks(live, restartRequest(server), { isBackendLost: isLost, now: ctx.now }),
      fieldManager: CONTROLLER,
      configMap,
      contents: (refs) => ctx.contents(refs),
    });
  }

  async reconcile(server: MCPServer, ctx: Context): Promise<void> {
    await finishRestart(server, ctx);
    await adoptBackend(server, ctx, CONTROLLER);
  }

  @Condition('Ready', { observes: [Deployment, Pod, StatefulSet] })
  ready(server: MCPServer, ctx: Context): Verdict {
    const { phase, message } = serverStanding(server, ctx);
    return phase === 'Ready' ? verdict.true('Ready', message) : verdict.false('NotReady', message);
  }

  status(server: MCPServer, ctx: Context): Readonly<Record<string, unknown>> {
    const { phase, message, readyReplicas } = serverStanding(server, ctx);
    // While nothing is applied, clients reach what was applied before.
    const url = ctx.isApplied ? serverUrl(server, this.#spec(server, ctx)) : server.status?.url;
    return { phase, message, ...(url !== undefined && { url }), ...(readyReplicas > 0 && { readyReplicas }) };
  }

  async finalize(server: MCPServer, ctx: Context): Promise<void> {
    await removeBackend(server, ctx);
  }

  #spec(server: MCPServer, ctx: Context): MCPServer['spec'] {
    return ctx.once('spec', () => validSpec(server));
  }
}

/** The server that an object was made for, by the label that proxies and backends carry. */
function serversOf({ metadata: { labels = {}, namespace } }: KubernetesObject): readonly NamespacedName[] {
  const name = labels['toolhive-name'];
  return name === undefined ? [] : [{ name, ...(namespace === undefined ? {} : { namespace }) }];
}
