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
import { OboHandler, workloadAuth, type WorkloadAuth } from '@trueup/mcp-external-auth-config';
import { Platform, sessionStorageWarning, WorkloadSettings } from '@trueup/mcp-workload';
import { primaryProviderIgnored, rateLimitConfigValid, stdioReplicaCapped } from './advisories.js';
import { adoptBackend, isBackendLost } from './backend.js';
import { requireClientSecret } from './client-secret.js';
import { desiredObjects } from './desired-objects.js';
import { externalAuthRef } from './external-auth-ref.js';
import { removeBackend } from './finalize.js';
import { requireFreeNames } from './name-collisions.js';
import { deploymentName, requireUsableName, serverUrl } from './names.js';
import { podTemplateValid } from './pod-template.js';
import { MCPServer } from './resource.js';
import { finishRestart, restartMarks, restartRequest } from './restart.js';
import { serverStanding } from './server-status.js';
import { unservedReference } from './unserved-references.js';
import { validSpec } from './valid-spec.js';

const CONTROLLER = 'mcpserver-controller';

/** ConfigMaps of others are not watched, so one that is missing is looked for again. */
const CONFIG_MAP_RECHECK_MS = 30_000;

/** Runs MCP servers: for each a proxy, which in turn runs the server itself. */
@Reconciler(MCPServer, { name: CONTROLLER, finalizer: 'mcpserver.toolhive.stacklok.dev/finalizer' })
@References(externalAuthRef)
@Owns(ServiceAccount, Role, RoleBinding, ConfigMap, Deployment, Service)
@Watches(StatefulSet, { map: serversOf })
@Watches(Pod, { map: serversOf })
export class MCPServerReconciler {
  constructor(
    private readonly settings: WorkloadSettings,
    private readonly platform: Platform,
    private readonly obo: OboHandler,
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

  @Condition('ToolConfigValidated', { gate: true })
  toolConfigValidated(server: MCPServer): Verdict {
    return unservedReference(server, 'toolConfigRef');
  }

  @Condition('TelemetryConfigRefValidated', { gate: true })
  telemetryConfigRefValidated(server: MCPServer): Verdict {
    return unservedReference(server, 'telemetryConfigRef');
  }

  @Condition('WebhookConfigValidated', { gate: true })
  webhookConfigValidated(server: MCPServer): Verdict {
    return unservedReference(server, 'webhookConfigRef');
  }

  @Condition('AuthServerRefValidated', { gate: true })
  authServerRefValidated(server: MCPServer): Verdict {
    return unservedReference(server, 'authServerRef');
  }

  @Condition('OIDCConfigRefValidated', { gate: true })
  oidcConfigRefValidated(server: MCPServer): Verdict {
    return unservedReference(server, 'oidcConfigRef');
  }

  @Condition('AuthzConfigRefValidated', { gate: true })
  authzConfigRefValidated(server: MCPServer): Verdict {
    return unservedReference(server, 'authzConfigRef');
  }

  async desired(server: MCPServer, ctx: Context): Promise<readonly DesiredObject[]> {
    const { name, namespace = '' } = server.metadata;
    const spec = this.#spec(server, ctx);
    requireUsableName(name, spec.transport);
    requireFreeNames(server, spec, ctx);

    const auth = this.#auth(ctx);
    await requireClientSecret(auth, namespace, ctx);
    const live = ctx.get(Deployment, deploymentName(name));
    const isLost = await isBackendLost(server, live, ctx);
    return desiredObjects(server, spec, {
      settings: this.settings,
      auth,
      openShift: await this.platform.isOpenShift(ctx.client),
      live,
      restart: restartMarks(live, restartRequest(server), { isBackendLost: isLost, now: ctx.now }),
      fieldManager: CONTROLLER,
      configMap: (wanted) => {
        const found = ctx.get(ConfigMap, wanted);
        if (found === undefined) ctx.requeueAfter(CONFIG_MAP_RECHECK_MS);
        return found;
      },
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
    const isHeld = ctx.isDeleting || ctx.reference(externalAuthRef).state === 'unusable';
    const isApplied = !isHeld && ctx.problems.length === 0;
    const url = isApplied ? serverUrl(server, this.#spec(server, ctx)) : server.status?.url;
    return { phase, message, ...(url !== undefined && { url }), ...(readyReplicas > 0 && { readyReplicas }) };
  }

  async finalize(server: MCPServer, ctx: Context): Promise<void> {
    await removeBackend(server, ctx);
  }

  #spec(server: MCPServer, ctx: Context): MCPServer['spec'] {
    return ctx.once('spec', () => validSpec(server));
  }

  #auth(ctx: Context): WorkloadAuth {
    const resolved = ctx.reference(externalAuthRef);
    return resolved.state === 'usable' ? workloadAuth(resolved.config, this.obo) : { env: [] };
  }
}

/** The server that an object was made for, by the label that proxies and backends carry. */
function serversOf({ metadata: { labels = {}, namespace } }: KubernetesObject): readonly NamespacedName[] {
  const name = labels['toolhive-name'];
  return name === undefined ? [] : [{ name, ...(namespace === undefined ? {} : { namespace }) }];
}
