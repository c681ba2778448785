import { SpecError } from '@trueup/core';
import type { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import type { MCPToolConfig } from '@trueup/mcp-tool-config';
import type { DefaultRedis } from '@trueup/mcp-workload';
import type { GroupBackends } from '../backends/group-backends.js';
import { aggregationSection } from './aggregation.js';
import { compositeToolsSection } from './composite-tools.js';
import { configDocumentFormat, type ConfigDocument } from './format/config-document.js';
import { incomingAuthSection, type IncomingAuthSources } from './incoming-auth.js';
import {
  auditSection,
  operationalSection,
  optimizerSection,
  sessionStorageSection,
  telemetrySection,
} from './operation.js';
import { formatYaml } from './yaml.js';

/** What the configuration of a server follows from. Configs are those that can be used. */
export interface ConfigSources extends IncomingAuthSources {
  readonly backends: Pick<GroupBackends, 'outgoing' | 'staticBackends'>;
  /** The config that `telemetryConfigRef` names. */
  readonly telemetryConfig?: MCPTelemetryConfig | undefined;
  toolConfig(name: string): MCPToolConfig | undefined;
  /** The spec of a VirtualMCPCompositeToolDefinition. */
  compositeTool(name: string): object | undefined;
  /** Where the EmbeddingServer is that `embeddingServerRef` names. */
  readonly embeddingService?: string | undefined;
  /** The Redis of servers that do not say where their sessions are kept. */
  readonly defaultRedis?: DefaultRedis | undefined;
}

/**
 * The configuration by which a server's process runs: what `spec.config` says, but for what the rest of the spec says better.
 * @throws {@link SpecError} when the spec, or what it refers to, cannot be put into it.
 */
export function configDocument(sources: ConfigSources): ConfigDocument {
  const { server, backends } = sources;
  const { metadata, spec } = server;
  const { config = {}, passthroughHeaders = [] } = spec;
  const written: Readonly<Record<keyof ConfigDocument, unknown>> = {
    name: metadata.name,
    groupRef: spec.groupRef?.name,
    backends: backends.staticBackends,
    incomingAuth: incomingAuthSection(sources),
    outgoingAuth: backends.outgoing,
    aggregation: aggregationSection(server, sources.toolConfig),
    compositeTools: compositeToolsSection(server, sources.compositeTool),
    compositeToolRefs: config.compositeToolRefs,
    operational: operationalSection(server),
    metadata: config.metadata,
    telemetry: telemetrySection(server, sources.telemetryConfig),
    audit: auditSection(server),
    optimizer: optimizerSection(server, sources.embeddingService),
    codeMode: config.codeMode,
    sessionStorage: sessionStorageSection(server, sources.defaultRedis),
    rateLimiting: config.rateLimiting,
    passthroughHeaders: passthroughHeaders.length > 0 ? passthroughHeaders : config.passthroughHeaders,
  };
  const document = configDocumentFormat.read(written, 'spec.config');
  if (document === undefined) throw new SpecError('spec.config must be an object');
  return document;
}

/** The text of a configuration; equal configurations have equal texts. */
export function formatConfigDocument(document: ConfigDocument): string {
  return formatYaml(document);
}
