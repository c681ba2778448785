import { SpecError } from '@trueup/core';
import type { RunConfig } from './run-config.js';
import type { AuthzSection, EmbeddedAuthServerSection, MiddlewareSection, ToolsOverrideSection } from './sections.js';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Everything of a run configuration that decides about the chain. */
export type MiddlewareSource = Omit<RunConfig, 'middleware_configs'>;

/**
 * The chain every request passes through, outermost first. The order is part of the contract with the proxy runner: who
 * the caller is must be known before tools are filtered, tools before calls are counted.
 *
 * @throws {@link SpecError} for sections that undo each other.
 */
export function middlewareChain(
  config: MiddlewareSource,
  options: { usageMetrics: boolean },
): readonly MiddlewareSection[] {
  requireCompatible(config);
  const { name, transport } = config;
  const from = { server_name: name, transport };
  const tools = toolParameters(config);
  const rateLimit = rateLimitParameters(config);
  return [
    middleware('bodylimit', { max_bytes: MAX_BODY_BYTES }),
    ...when(config.audit_config, (audit) => middleware('audit', { config_data: audit, transport_type: transport })),
    middleware('auth', config.oidc_config === undefined ? {} : { oidc_config: config.oidc_config }),
    ...when(config.embedded_auth_server_config, upstreamToken),
    ...when(config.token_exchange_config, (exchange) =>
      middleware('tokenexchange', { token_exchange_config: exchange }),
    ),
    ...when(tools, (parameters) => middleware('tool-filter', parameters)),
    ...when(tools, (parameters) => middleware('tool-call-filter', parameters)),
    middleware('mcp-parser', {}),
    ...when(config.telemetry_config, (telemetry) => middleware('telemetry', { config: telemetry, ...from })),
    ...when(rateLimit, (parameters) => middleware('ratelimit', parameters)),
    ...when(config.mutating_webhooks, (webhooks) => middleware('mutating-webhook', { webhooks, ...from })),
    ...when(config.validating_webhooks, (webhooks) => middleware('validating-webhook', { webhooks, ...from })),
    ...(options.usageMetrics ? [middleware('usagemetrics', {})] : []),
    ...when(config.authz_config, (authz) =>
      middleware('authorization', { config_data: withProvider(authz, config.embedded_auth_server_config) }),
    ),
    ...when(config.aws_sts_config, (sts) =>
      middleware('awssts', { aws_sts_config: sts, target_url: config.remote_url ?? '' }),
    ),
    // Headers from Secrets are known to the runner only; it adds a link of its own for them.
    ...when(config.remote_url && config.header_forward?.add_plaintext_headers, (headers) =>
      middleware('header-forward', { add_headers: headers }),
    ),
    ...(config.additional_middleware_configs ?? []),
    middleware('recovery', null),
  ];
}

function middleware(type: string, parameters: MiddlewareSection['parameters']): MiddlewareSection {
  return { type, parameters };
}

function when<T>(section: T | undefined | '', make: (section: T) => MiddlewareSection): readonly MiddlewareSection[] {
  return section === undefined || section === '' ? [] : [make(section)];
}

function requireCompatible(config: MiddlewareSource): void {
  if (config.aws_sts_config !== undefined && !config.remote_url) {
    throw new SpecError(
      'AWS STS middleware requires a remote URL: SigV4 signing is only meaningful for remote MCP servers',
    );
  }
  if (config.rate_limit_config !== undefined && config.scaling_config?.session_redis === undefined) {
    throw new SpecError('rate limiting requires sessionStorage with provider redis');
  }
  if (config.embedded_auth_server_config?.disable_upstream_token_injection !== true) return;
  const cannot = 'disableUpstreamTokenInjection cannot be combined with';
  if (config.token_exchange_config !== undefined) {
    throw new SpecError(
      `${cannot} token exchange: token exchange would re-add an Authorization header after strip-auth removes it`,
    );
  }
  if (config.aws_sts_config !== undefined) {
    throw new SpecError(`${cannot} AWS STS: SigV4 signing would re-add credentials after strip-auth removes them`);
  }
}

function upstreamToken(server: EmbeddedAuthServerSection): MiddlewareSection {
  if (server.disable_upstream_token_injection === true) return middleware('strip-auth', {});
  return middleware('upstreamswap', { config: { provider_name: firstProvider(server) } });
}

const firstProvider = (server: EmbeddedAuthServerSection): string => server.upstreams[0]?.name ?? 'default';

/** Cedar policies behind an embedded server judge the claims of its first upstream. */
function withProvider(authz: AuthzSection, server: EmbeddedAuthServerSection | undefined): AuthzSection {
  const cedar = authz['cedar'];
  if (server === undefined || typeof cedar !== 'object' || cedar === null) return authz;
  return { ...authz, cedar: { ...cedar, primary_upstream_provider: firstProvider(server) } };
}

function toolParameters({
  tools_filter,
  tools_override,
}: MiddlewareSource): MiddlewareSection['parameters'] | undefined {
  if (tools_filter === undefined && tools_override === undefined) return undefined;
  return { filter_tools: tools_filter ?? null, tools_override: complete(tools_override ?? {}) };
}

/** Here both fields of an override are written, even when empty. */
function complete(overrides: ToolsOverrideSection): Record<string, { name: string; description: string }> {
  return Object.fromEntries(
    Object.entries(overrides).map(([tool, { name = '', description = '' }]) => [tool, { name, description }]),
  );
}

function rateLimitParameters(config: MiddlewareSource): MiddlewareSection['parameters'] | undefined {
  const redis = config.scaling_config?.session_redis;
  if (config.rate_limit_config === undefined || redis === undefined) return undefined;
  return {
    namespace: config.rate_limit_namespace ?? '',
    server_name: config.name,
    config: config.rate_limit_config,
    redis_addr: redis.address,
    ...(redis.db && { redis_db: redis.db }),
  };
}
