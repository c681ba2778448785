import {
  Condition,
  Deployment,
  findCondition,
  permission,
  Permissions,
  Pod,
  Reconciler,
  References,
  type Context,
  type DesiredObject,
  type Verdict,
} from '@trueup/core';
import {
  configDemands,
  POD_TEMPLATE_INVALID,
  podDemands,
  podTemplateValid,
  proxyConfigs,
  proxiedReconciler,
  redisPassword,
  requireContents,
  requireFreeServices,
  validSpec,
} from '@trueup/mcp-workload';
import {
  authConfigured,
  configurationOf,
  configurationProblem,
  configurationValid,
  type Configuration,
} from './configuration.js';
import { desiredObjects, RUNNER_RULES } from './desired-objects.js';
import { proxyUrl, requireProxyName, serviceName } from './names.js';
import { decodeProxyTemplate, podTemplateContents } from './pod-template.js';
import { proxyStanding } from './proxy-status.js';
import {
  authServerRef,
  authzConfigRef,
  externalAuthRef,
  groupRef,
  oidcConfigRef,
  PROXIED,
  telemetryConfigRef,
  toolConfigRef,
} from './references.js';
import { MCPRemoteProxy } from './resource.js';

/** Runs proxies in front of remote MCP servers. */
@Reconciler(MCPRemoteProxy, { name: PROXIED.controller })
@References(groupRef, toolConfigRef, telemetryConfigRef, externalAuthRef, authServerRef, oidcConfigRef, authzConfigRef)
// A restart is noted on the proxy, and the proxies get a role of these rules.
@Permissions(permission(MCPRemoteProxy, 'patch'), ...RUNNER_RULES)
export class MCPRemoteProxyReconciler extends proxiedReconciler(PROXIED) {
  @Condition('ConfigurationValid', { gate: true })
  async configurationValid(proxy: MCPRemoteProxy, ctx: Context): Promise<Verdict> {
    const found = await this.#configuration(proxy, ctx);
    const problem = configurationProblem(found);
    const was = findCondition(proxy.status?.conditions, 'ConfigurationValid');
    if (problem !== undefined && was?.status !== 'False') {
      ctx.event({ type: 'Warning', reason: problem.reason, action: 'ValidateSpec', note: problem.message });
    }
    return configurationValid(found);
  }

  @Condition('AuthConfigured')
  async authConfigured(proxy: MCPRemoteProxy, ctx: Context): Promise<Verdict> {
    return authConfigured(await this.#configuration(proxy, ctx));
  }

  @Condition('PodTemplateValid', { gate: true, event: { onFalse: POD_TEMPLATE_INVALID } })
  podTemplateValid({ spec }: MCPRemoteProxy): Verdict {
    return podTemplateValid(spec.podTemplateSpec, decodeProxyTemplate);
  }

  async desired(stored: MCPRemoteProxy, ctx: Context): Promise<readonly DesiredObject[]> {
    const proxy = { ...stored, spec: validSpec(MCPRemoteProxy, stored.spec) };
    const { name, namespace = '' } = proxy.metadata;
    requireProxyName(proxy);
    requireFreeServices(proxy, [serviceName(name)], ctx);

    const sources = await this.sources(proxy, ctx);
    const services = { obo: this.obo, authorizers: this.authorizers };
    const configs = proxyConfigs(proxy, ctx, { proxied: PROXIED, services });
    const pod = { contents: podTemplateContents(proxy.spec), what: 'pod template content' };
    const demands = [...configDemands(configs, PROXIED, proxy), ...podDemands(redisPassword(sources.redis), pod)];
    await requireContents(demands, namespace, ctx);
    const { authz } = await this.#configuration(proxy, ctx);
    return desiredObjects(proxy, { ...sources, configs, authz: authz.section });
  }

  @Condition('Ready', { observes: [Deployment, Pod] })
  ready(proxy: MCPRemoteProxy, ctx: Context): Verdict {
    return proxyStanding(proxy, ctx).ready;
  }

  status(proxy: MCPRemoteProxy, ctx: Context): Readonly<Record<string, unknown>> {
    const { phase, message } = proxyStanding(proxy, ctx);
    // While nothing is applied, clients reach what was applied before.
    const url = ctx.isApplied ? proxyUrl(proxy) : proxy.status?.url;
    return { phase, message, ...(url !== undefined && { url }) };
  }

  #configuration(proxy: MCPRemoteProxy, ctx: Context): Promise<Configuration> {
    return ctx.once('configuration', () => configurationOf(proxy, ctx, this.authorizers));
  }
}
