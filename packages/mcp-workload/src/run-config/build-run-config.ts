import { DEFAULT_SCOPES, type AuthServerRunConfig } from '@trueup/mcp-auth-server';
import { within } from '../error-prefix.js';
import { byBytes } from '../formats/go-json.js';
import type { HostVolume } from '../pod-template/pod-patch.js';
import { middlewareChain, type MiddlewareSource } from './middleware.js';
import { DEFAULT_PROFILE, withMounts } from './permission-profile.js';
import { runConfigSchema, SCHEMA_VERSION, type ProxyMode, type RunConfig, type Transport } from './run-config.js';
import type {
  AuthzSection,
  AwsStsSection,
  HeaderForwardSection,
  MiddlewareSection,
  OidcSection,
  PermissionProfileSection,
  RateLimitSection,
  RemoteAuthSection,
  ScalingSection,
  TelemetrySection,
  TokenExchangeSection,
  ToolsOverrideSection,
  WebhookSection,
} from './sections.js';
import { volumeList } from './volumes.js';

/** An MCP server that runs in a container of its own. */
export interface ContainerBackend {
  readonly kind: 'container';
  readonly image: string;
  readonly generation?: number;
  readonly args?: readonly string[];
  /** The port it listens on. */
  readonly port: number;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumes?: readonly HostVolume[];
  readonly envFileDir?: string;
  /** What it may do. `name` is written for profiles that the runner has built in. */
  readonly profile?: { readonly name?: string; readonly permissions: PermissionProfileSection };
  /** Flavour of HTTP that clients are offered when the server itself speaks stdio. Default streamable-http. */
  readonly proxyMode?: ProxyMode;
}

/** An MCP server somewhere else. */
export interface RemoteBackend {
  readonly kind: 'remote';
  readonly url: string;
  readonly headerForward?: HeaderForwardSection;
}

/** What a run configuration is built from. Sections come ready made: each kind of config makes its own. */
export interface RunConfigParts {
  readonly name: string;
  readonly namespace: string;
  readonly transport: Transport;
  readonly backend: ContainerBackend | RemoteBackend;
  /** Address the proxy listens on. */
  readonly host: string;
  readonly proxyPort: number;
  readonly trustProxyHeaders?: boolean;
  readonly endpointPrefix?: string;
  readonly audit?: boolean;
  readonly usageMetrics: boolean;
  readonly tools?: { readonly filter?: readonly string[]; readonly override?: ToolsOverrideSection };
  readonly oidc?: OidcSection;
  readonly tokenExchange?: TokenExchangeSection;
  readonly remoteAuth?: RemoteAuthSection;
  readonly awsSts?: AwsStsSection;
  readonly authz?: AuthzSection;
  readonly telemetry?: TelemetrySection;
  readonly rateLimit?: RateLimitSection;
  readonly webhooks?: { readonly validating: readonly WebhookSection[]; readonly mutating: readonly WebhookSection[] };
  readonly embeddedAuthServer?: AuthServerRunConfig;
  readonly scaling?: ScalingSection;
  readonly additionalMiddlewares?: readonly MiddlewareSection[];
}

/**
 * Builds the document. Fields that say nothing are left out, as the runner expects them to be.
 * @throws {@link SpecError} for parts that do not go together.
 */
export function buildRunConfig(parts: RunConfigParts): RunConfig {
  const { name, transport, backend, proxyPort } = parts;
  const oidc = effectiveOidc(parts);
  const container = backend.kind === 'container' ? backend : undefined;
  const remote = backend.kind === 'remote' ? backend : undefined;
  const config: MiddlewareSource = {
    schema_version: SCHEMA_VERSION,
    mcpserver_generation: container?.generation || undefined,
    image: container?.image ?? '',
    remote_url: remote?.url || undefined,
    remote_auth_config: parts.remoteAuth,
    cmd_args: nonEmpty(container?.args),
    name,
    container_name: name,
    base_name: name,
    transport,
    host: parts.host,
    port: proxyPort,
    target_port: container?.port,
    permission_profile_name_or_path: container?.profile?.name,
    permission_profile: withMounts(container?.profile?.permissions ?? DEFAULT_PROFILE, container?.volumes ?? []),
    env_vars: environment(transport, container),
    env_file_dir: container?.envFileDir,
    volumes: nonEmpty(within('failed to validate run config: ', () => volumeList(container?.volumes ?? []))),
    container_labels: containerLabels(parts),
    oidc_config: oidc,
    token_exchange_config: parts.tokenExchange,
    aws_sts_config: parts.awsSts,
    authz_config: parts.authz,
    audit_config: parts.audit === true ? { detectApplicationErrors: true, maxDataSize: 1024 } : undefined,
    telemetry_config: parts.telemetry,
    rate_limit_config: parts.rateLimit,
    rate_limit_namespace: parts.rateLimit && parts.namespace,
    trust_proxy_headers: parts.trustProxyHeaders || undefined,
    proxy_mode: transport === 'stdio' ? (container?.proxyMode ?? 'streamable-http') : transport,
    thv_ca_bundle: oidc?.CACertPath || undefined,
    jwks_auth_token_file: oidc?.AuthTokenFile || undefined,
    tools_filter: nonEmpty(parts.tools?.filter),
    tools_override: nonEmptyRecord(parts.tools?.override),
    additional_middleware_configs: nonEmpty(parts.additionalMiddlewares),
    validating_webhooks: nonEmpty(parts.webhooks?.validating),
    mutating_webhooks: nonEmpty(parts.webhooks?.mutating),
    endpoint_prefix: parts.endpointPrefix || undefined,
    header_forward: remote?.headerForward,
    embedded_auth_server_config: parts.embeddedAuthServer,
    scaling_config: parts.scaling,
  };
  const chain = within('failed to populate middleware configs: ', () => middlewareChain(config, parts));
  return inDocumentOrder({ ...config, middleware_configs: [...chain] });
}

/** The order of the schema's fields is that of the document; what says nothing is left out. */
function inDocumentOrder(config: RunConfig): RunConfig {
  const fields = runConfigSchema.keyof().options.filter((field) => config[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, config[field]])) as RunConfig;
}

function environment(transport: Transport, container: ContainerBackend | undefined): Record<string, string> {
  const given = (container?.env ?? []).map(({ name, value }) => [name, value] as const);
  const port = container !== undefined && transport !== 'stdio' ? String(container.port) : undefined;
  const variables = new Map<string, string>([
    ...given,
    ['MCP_TRANSPORT', transport],
    ...(port === undefined
      ? []
      : ([
          ['MCP_PORT', port],
          ['FASTMCP_PORT', port],
        ] as const)),
  ]);
  return Object.fromEntries([...variables].sort(([a], [b]) => byBytes(a, b)));
}

function containerLabels({ name, transport, proxyPort }: RunConfigParts): Record<string, string> {
  return {
    toolhive: 'true',
    'toolhive-basename': name,
    'toolhive-name': name,
    'toolhive-port': String(proxyPort),
    'toolhive-transport': transport,
  };
}

/** Behind an embedded server, tokens carry the scopes that server gives out. */
function effectiveOidc({ oidc, embeddedAuthServer }: RunConfigParts): OidcSection | undefined {
  if (oidc === undefined || embeddedAuthServer === undefined || (oidc.Scopes ?? []).length > 0) return oidc;
  return { ...oidc, Scopes: nonEmpty(embeddedAuthServer.scopes_supported) ?? [...DEFAULT_SCOPES] };
}

function nonEmpty<T>(list: readonly T[] | undefined): T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : [...list];
}

function nonEmptyRecord<T extends object>(record: T | undefined): T | undefined {
  return record === undefined || Object.keys(record).length === 0 ? undefined : record;
}
