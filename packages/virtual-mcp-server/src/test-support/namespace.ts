import { ConfigMap, type Kind, type KindOf, type KubernetesObject, type ObjectMeta } from '@trueup/core';
import {
  AuthorizerRegistry,
  CedarBackend,
  HttpPdpBackend,
  MCPAuthzConfig,
  type FullAuthzConfig,
} from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer } from '@trueup/mcp-server';
import { MCPServerEntry } from '@trueup/mcp-server-entry';
import { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig } from '@trueup/mcp-tool-config';
import { authzSection, type DefaultRedis } from '@trueup/mcp-workload';
import { compositeToolSchema, type CompositeTool } from '@trueup/virtual-mcp-composite-tool-definition';
import { loadAll } from 'js-yaml';
import { groupBackends, type BackendSources, type GroupBackends } from '../backends/group-backends.js';
import { configDocument, formatConfigDocument } from '../config-document/config-document.js';
import type { ConfigDocument } from '../config-document/format/config-document.js';
import { VirtualMCPServer } from '../resource.js';

const NAMESPACE = 'ai';

const KINDS: readonly Kind[] = [
  MCPAuthzConfig,
  MCPExternalAuthConfig,
  MCPOIDCConfig,
  MCPRemoteProxy,
  MCPServer,
  MCPServerEntry,
  MCPTelemetryConfig,
  MCPToolConfig,
  VirtualMCPServer,
];

/** An object as a user writes it. Without a status, nothing is wrong with it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: Omit<ObjectMeta, 'namespace'>;
  readonly spec?: unknown;
  readonly status?: unknown;
}

type Stored = KubernetesObject & Pick<Manifest, 'spec' | 'status'>;

function statusOf({ kind, metadata: { name } }: Manifest): unknown {
  switch (kind) {
    case 'MCPServer':
      return { phase: 'Ready', url: `http://mcp-${name}-proxy.${NAMESPACE}.svc.cluster.local:8080/mcp` };
    case 'MCPRemoteProxy':
      return { phase: 'Ready', url: `http://mcp-${name}-remote-proxy.${NAMESPACE}.svc.cluster.local:8080` };
    case 'MCPServerEntry':
      return { phase: 'Valid' };
    default:
      return { conditions: [{ type: 'Valid', status: 'True', observedGeneration: 1, reason: 'Ok', message: '' }] };
  }
}

/** What a server of a namespace comes to. */
export interface ServerConfiguration {
  readonly backends: GroupBackends;
  readonly document: ConfigDocument;
  /** The text of config.yaml. */
  readonly text: string;
}

/** What is not kept in a namespace. */
export interface Surroundings {
  readonly embeddingService?: string;
  readonly defaultRedis?: DefaultRedis;
  readonly obo?: OboHandler;
}

/** A namespace as an operator finds it: manifests with their defaults, and the status of objects nothing is wrong with. */
export class Namespace {
  readonly #objects = new Map<string, Stored>();

  /** @param base - What is there already. */
  constructor(manifests: string, base?: Namespace) {
    if (base !== undefined) for (const [key, object] of base.#objects) this.#objects.set(key, object);
    for (const manifest of loadAll(manifests)) this.add(manifest as Manifest);
  }

  add(manifest: Manifest): void {
    const { kind, metadata } = manifest;
    const known = KINDS.find(({ resource }) => resource.kind === kind);
    this.#objects.set(`${kind}/${metadata.name}`, {
      apiVersion: 'toolhive.stacklok.dev/v1beta1',
      status: statusOf(manifest),
      ...manifest,
      metadata: { namespace: NAMESPACE, generation: 1, ...metadata },
      ...(known && { spec: known.definition.spec.parse(manifest.spec ?? {}) }),
    });
  }

  get<T extends KubernetesObject>({ resource }: KindOf<T>, name: string): T | undefined {
    return this.#objects.get(`${resource.kind}/${name}`) as T | undefined;
  }

  list<T extends KubernetesObject>({ resource }: KindOf<T>): readonly T[] {
    return [...this.#objects.values()].filter((object): object is T => object.kind === resource.kind);
  }

  server(name: string): VirtualMCPServer {
    const found = this.get(VirtualMCPServer, name);
    if (found === undefined) throw new Error(`there is no VirtualMCPServer ${name}`);
    return found;
  }

  backendSources(server: string, { obo = new OboHandler() }: Surroundings = {}): BackendSources {
    return {
      server: this.server(server),
      workloads: {
        servers: this.list(MCPServer),
        proxies: this.list(MCPRemoteProxy),
        entries: this.list(MCPServerEntry),
      },
      externalAuthConfig: (name) => this.get(MCPExternalAuthConfig, name),
      obo,
    };
  }

  backends(server: string, surroundings?: Surroundings): GroupBackends {
    return groupBackends(this.backendSources(server, surroundings));
  }

  configuration(name: string, surroundings: Surroundings = {}): ServerConfiguration {
    const server = this.server(name);
    const backends = this.backends(name, surroundings);
    const document = configDocument({
      server,
      backends,
      oidcConfig: this.get(MCPOIDCConfig, server.spec.incomingAuth.oidcConfigRef?.name ?? ''),
      authz: this.#authz(server),
      telemetryConfig: this.get(MCPTelemetryConfig, server.spec.telemetryConfigRef?.name ?? ''),
      toolConfig: (config) => this.get(MCPToolConfig, config),
      compositeTool: (definition) => this.#compositeTool(definition),
      ...surroundings,
    });
    return { backends, document, text: formatConfigDocument(document) };
  }

  #authz({ spec: { incomingAuth } }: VirtualMCPServer): FullAuthzConfig | undefined {
    const { authzConfig, authzConfigRef } = incomingAuth;
    if (authzConfig !== undefined) {
      const configMap = this.get(ConfigMap, authzConfig.configMap?.name ?? '');
      return authzSection({ authzConfig, namespace: NAMESPACE, configMap });
    }
    const config = this.get(MCPAuthzConfig, authzConfigRef?.name ?? '');
    return config && new AuthorizerRegistry([new CedarBackend(), new HttpPdpBackend()]).fullConfig(config.spec);
  }

  #compositeTool(definition: string): CompositeTool | undefined {
    const found = this.#objects.get(`VirtualMCPCompositeToolDefinition/${definition}`);
    return found && compositeToolSchema.parse(found.spec);
  }
}
