import { isSpecError, SpecError, type ConfigObject, type Context, type ResolvedReference } from '@trueup/core';
import { formatName } from '@trueup/kube';
import type { AuthorizerRegistry, FullAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, type OboHandler } from '@trueup/mcp-external-auth-config';
import type { ResolvedOidc } from '@trueup/mcp-oidc-config';
import { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer } from '@trueup/mcp-server';
import { MCPServerEntry } from '@trueup/mcp-server-entry';
import { authzSection, readConfigMap, type DefaultRedis } from '@trueup/mcp-workload';
import { VirtualMCPCompositeToolDefinition } from '@trueup/virtual-mcp-composite-tool-definition';
import { groupBackends, type GroupBackends } from './backends/group-backends.js';
import { configDocument } from './config-document/config-document.js';
import type { ConfigDocument } from './config-document/format/config-document.js';
import { resolvedIncomingOidc } from './config-document/incoming-auth.js';
import { embeddingServerOf } from './embedding-server.js';
import { authzConfigRef } from './references/authz-config-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { toolConfigRefs } from './references/tool-config-refs.js';
import type { VirtualMCPServer } from './resource.js';
import { podParts, type PodParts } from './workload/pod-parts.js';

/** What the operator adds to the configuration of every server. */
export interface ConfigurationServices {
  readonly obo: OboHandler;
  readonly authorizers: AuthorizerRegistry;
  readonly defaultRedis: DefaultRedis | undefined;
}

/** The configuration of one server, put together from the caches of one pass, each part once. */
export class Configuration {
  constructor(
    readonly server: VirtualMCPServer,
    private readonly ctx: Context,
    private readonly services: ConfigurationServices,
  ) {}

  /** The members of the group as backends, and how each is called. */
  get backends(): GroupBackends {
    const { server, ctx, services } = this;
    return ctx.once('backends', () =>
      groupBackends({
        server,
        workloads: {
          servers: ctx.list(MCPServer),
          proxies: ctx.list(MCPRemoteProxy),
          entries: ctx.list(MCPServerEntry),
        },
        externalAuthConfig: (name) => ctx.get(MCPExternalAuthConfig, name),
        obo: services.obo,
      }),
    );
  }

  /**
   * Who may do what, as an authorizer reads it; undefined where anybody may do anything, or the config cannot be used.
   * @throws {@link SpecError} for policies that cannot be read or enforced.
   */
  get authz(): Promise<FullAuthzConfig | undefined> {
    return this.ctx.once('authz', () => this.#readAuthz());
  }

  /**
   * How callers are authenticated; undefined when nothing says so, or its config cannot be used.
   * @throws {@link SpecError} for a config that nothing can be made of.
   */
  get oidc(): ResolvedOidc | undefined {
    const reference = this.ctx.reference(oidcConfigRef);
    return reference.state === 'usable' ? resolvedIncomingOidc(this.server, reference.config) : undefined;
  }

  /** What the pods need besides the configuration itself. @throws {@link SpecError} for a config that cannot be mounted. */
  get podParts(): PodParts {
    const { server, ctx, services, backends } = this;
    return ctx.once('pod parts', () =>
      podParts(server, {
        backends,
        oidcConfig: usable(ctx.reference(oidcConfigRef)),
        telemetryConfig: usable(ctx.reference(telemetryConfigRef)),
        defaultRedis: services.defaultRedis,
      }),
    );
  }

  /** Whether every config that the document is made of can be used. */
  get isComplete(): boolean {
    const { ctx } = this;
    const references = [
      ctx.reference(oidcConfigRef),
      ctx.reference(authzConfigRef),
      ctx.reference(telemetryConfigRef),
      ...ctx.references(toolConfigRefs).values(),
    ];
    return references.every(({ state }) => state !== 'unusable');
  }

  /**
   * @param authz - As {@link authz} gives it.
   * @throws {@link SpecError} when it cannot be made.
   */
  document(authz: FullAuthzConfig | undefined): ConfigDocument {
    const { server, ctx, services, backends } = this;
    return ctx.once('document', () => {
      const tools = ctx.references(toolConfigRefs);
      return configDocument({
        server,
        backends,
        authz,
        oidcConfig: usable(ctx.reference(oidcConfigRef)),
        telemetryConfig: usable(ctx.reference(telemetryConfigRef)),
        embeddingService: embeddingServerOf(server.spec, ctx)?.status?.url,
        defaultRedis: services.defaultRedis,
        toolConfig: (name) => usable(tools.get(name)),
        compositeTool: (name) => ctx.get(VirtualMCPCompositeToolDefinition, name)?.spec,
      });
    });
  }

  /** The document; undefined when it cannot be made, for checks that are not about that. */
  async documentIfPossible(): Promise<ConfigDocument | undefined> {
    if (!this.isComplete) return undefined;
    try {
      return this.document(await this.authz);
    } catch (error) {
      if (isSpecError(error)) return undefined;
      throw error;
    }
  }

  async #readAuthz(): Promise<FullAuthzConfig | undefined> {
    const { server, ctx, services } = this;
    const { namespace = '' } = server.metadata;
    const { authzConfig } = server.spec.incomingAuth;
    if (authzConfig === undefined) {
      const config = usable(ctx.reference(authzConfigRef));
      return config && services.authorizers.fullConfig(config.spec);
    }
    const configMap = authzConfig.configMap && (await readConfigMap(authzConfig.configMap, namespace, ctx));
    const section = authzSection({ authzConfig, namespace, configMap });
    const { configMap: named } = authzConfig;
    const place = `ConfigMap ${formatName({ name: named?.name ?? '', namespace })}`;
    if (section.type !== 'cedarv1') {
      throw new SpecError(`authz ${place} is not a Cedar config: cedar config is nil`);
    }
    const source = named === undefined ? 'spec.incomingAuth.authzConfig.inline' : `${place} key "${named.key}"`;
    // A policy that does not parse would keep the server from starting.
    const assessment = await services.authorizers.assessFull(section, ctx.signal);
    if (!assessment.usable) throw new SpecError(`invalid authz config from ${source}: ${assessment.problem}`);
    return section;
  }
}

function usable<To extends ConfigObject>(reference: ResolvedReference<To> | undefined): To | undefined {
  return reference?.state === 'usable' ? reference.config : undefined;
}
