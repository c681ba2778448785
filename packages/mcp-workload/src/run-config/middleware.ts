import { SpecError } from '@trueup/core';
import type { AuthServerRunConfig } from '@trueup/mcp-auth-server';
import { withPrimaryUpstreamProvider } from '@trueup/mcp-authz-config';
import type { RunConfig } from './run-config.js';
import type { AuthzSection, MiddlewareSection, ToolsOverrideSection } from './sections.js';

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
  if (config.token_exchange_config !== undefined) throw new SpecError(strippedTokenProblem('tokenExchange'));
  if (config.aws_sts_config !== undefined) throw new SpecError(strippedTokenProblem('awsSts'));
}

/** Says why a proxy cannot authenticate like this when its authorization server takes the caller's token away. */
export function strippedTokenProblem(added: keyof typeof ADDED_AGAIN): string {
  return `disableUpstreamTokenInjection cannot be combined with ${ADDED_AGAIN[added]}`;
}

/** What would put back the header that was taken away. */
const ADDED_AGAIN = {
  tokenExchange: 'token exchange: token exchange would re-add an Authorization header after strip-auth removes it',
  awsSts: 'AWS STS: SigV4 signing would re-add credentials after strip-auth removes them',
} as const;

function upstreamToken(server: AuthServerRunConfig): MiddlewareSection {
  if (server.disable_upstream_token_injection === true) return middleware('strip-auth', {});
  return middleware('upstreamswap', { config: { provider_name: firstProvider(server) } });
}

const firstProvider = (server: AuthServerRunConfig): string => server.upstreams[0]?.name ?? 'default';

/**
 * Cedar policies behind an embedded server judge the claims of its first upstream. This copy is written in the runner's own
 * order, wherever the policies come from.
 */
function withProvider(authz: AuthzSection, server: AuthServerRunConfig | undefined): AuthzSection {
  if (server === undefined) return authz;
  const { version, type, cedar } = withPrimaryUpstreamProvider(authz, firstProvider(server));
  if (type !== 'cedarv1' || typeof cedar !== 'object' || cedar === null) return authz;
  const { policies, entities_json, primary_upstream_provider, ...claims }: Record<string, unknown> = { ...cedar };
  return { version, type, cedar: { policies, entities_json, ...claims, primary_upstream_provider } };
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
