import {
  Condition,
  Deployment,
  permission,
  Permissions,
  Pod,
  Reconciler,
  References,
  StatefulSet,
  verdict,
  Watches,
  type Context,
  type DesiredObject,
  type Verdict,
} from '@trueup/core';
import {
  authzOf,
  decodePodTemplate,
  POD_TEMPLATE_INVALID,
  podDemands,
  podTemplateValid,
  PROXY_RUNNER_RULES,
  proxiedReconciler,
  readConfigMap,
  redisPassword,
  requireContents,
  requireFreeServices,
  validSpec,
  workloadsOf,
} from '@trueup/mcp-workload';
import { rateLimitConfigValid, stdioReplicaCapped } from './advisories.js';
import { adoptBackend, isBackendLost } from './backend.js';
import { serverConfigs, serverDemands } from './configs.js';
import { desiredObjects } from './desired-objects.js';
import { removeBackend } from './finalize.js';
import { deploymentName, requireServerName, serverUrl, serviceNames } from './names.js';
import { backendContents } from './pod-template.js';
import {
  authServerRef,
  authzConfigRef,
  externalAuthRef,
  groupRef,
  oidcConfigRef,
  PROXIED,
  telemetryConfigRef,
  toolConfigRef,
  webhookConfigRef,
} from './references.js';
import { MCPServer } from './resource.js';
import { serverStanding } from './server-status.js';

/** Runs MCP servers: for each a proxy, which in turn runs the server itself. */
@Reconciler(MCPServer, { name: PROXIED.controller, finalizer: 'mcpserver.toolhive.stacklok.dev/finalizer' })
@References(
  groupRef,
  toolConfigRef,
  telemetryConfigRef,
  externalAuthRef,
  webhookConfigRef,
  authServerRef,
  oidcConfigRef,
  authzConfigRef,
)
@Watches(StatefulSet, { map: workloadsOf })
// The backend is adopted and removed, and the proxies get a role of these rules.
@Permissions(permission(StatefulSet, 'patch', 'delete'), ...PROXY_RUNNER_RULES)
export class MCPServerReconciler extends proxiedReconciler(PROXIED) {
  @Condition('StdioReplicaCapped')
  stdioReplicaCapped(server: MCPServer, ctx: Context): Verdict {
    return stdioReplicaCapped(this.#valid(server, ctx).spec);
  }

  @Condition('RateLimitConfigValid')
  rateLimitConfigValid(server: MCPServer, ctx: Context): Verdict {
    return rateLimitConfigValid(this.#valid(server, ctx).spec);
  }

  @Condition('PodTemplateValid', { gate: true, event: { onFalse: POD_TEMPLATE_INVALID } })
  podTemplateValid({ spec }: MCPServer): Verdict {
    return podTemplateValid(spec.podTemplateSpec, decodePodTemplate);
  }

  async desired(stored: MCPServer, ctx: Context): Promise<readonly DesiredObject[]> {
    const server = this.#valid(stored, ctx);
    const { metadata, spec } = server;
    const { namespace = '' } = metadata;
    requireServerName(server);
    requireFreeServices(server, serviceNames(server), ctx);

    const isLost = await isBackendLost(server, ctx.get(Deployment, deploymentName(metadata.name)), ctx);
    const sources = await this.sources(server, ctx, isLost);
    const configs = serverConfigs(server, ctx, { obo: this.obo, authorizers: this.authorizers });
    const backend = { contents: backendContents(server), what: 'backend pod content' };
    const demands = [...serverDemands(server, configs), ...podDemands(redisPassword(sources.redis), backend)];
    await requireContents(demands, namespace, ctx);
    const authz = await authzOf(server, ctx, this.authorizers);
    const profile = spec.permissionProfile;
    const profileMap =
      profile?.type === 'configmap' ? await readConfigMap({ key: '', ...profile }, namespace, ctx) : undefined;
    return desiredObjects(server, { ...sources, configs, authz, profileMap });
  }

  override async reconcile(server: MCPServer, ctx: Context): Promise<void> {
    await super.reconcile(server, ctx);
    await adoptBackend(server, ctx, PROXIED.controller);
  }

  @Condition('Ready', { observes: [Deployment, Pod, StatefulSet] })
  ready(server: MCPServer, ctx: Context): Verdict {
    const { phase, reason, message } = serverStanding(server, ctx);
    return phase === 'Ready' ? verdict.true(reason, message) : verdict.false(reason, message);
  }

  status(server: MCPServer, ctx: Context): Readonly<Record<string, unknown>> {
    const { phase, message, readyReplicas } = serverStanding(server, ctx);
    // While nothing is applied, clients reach what was applied before.
    const url = ctx.isApplied ? serverUrl(this.#valid(server, ctx)) : server.status?.url;
    return { phase, message, ...(url !== undefined && { url }), ...(readyReplicas > 0 && { readyReplicas }) };
  }

  async finalize(server: MCPServer, ctx: Context): Promise<void> {
    await removeBackend(server, ctx);
  }

  /** The server with its defaults. That the image is missing is said when the run configuration is checked. */
  #valid(server: MCPServer, ctx: Context): MCPServer {
    const spec = ctx.once('spec', () => validSpec(MCPServer, Object.assign({ image: '' }, server.spec)));
    return { ...server, spec };
  }
}
