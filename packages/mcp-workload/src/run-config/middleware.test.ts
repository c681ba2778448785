import { describe, expect, it } from '@jest/globals';
import type { AuthServerRunConfig } from '@trueup/mcp-auth-server';
import { middlewareChain, type MiddlewareSource } from './middleware.js';

const base: MiddlewareSource = {
  schema_version: 'v0.1.0',
  image: 'i',
  name: 'fetch',
  transport: 'sse',
  host: '0.0.0.0',
  port: 8080,
  permission_profile: {},
};
const exchange = {
  token_url: 'u',
  client_id: '',
  client_secret: '',
  audience: 'a',
  header_strategy: 'replace',
} as const;
const server: AuthServerRunConfig = {
  schema_version: 'v0.1.0',
  issuer: 'https://i',
  upstreams: [{ name: 'okta', type: 'oidc' }],
  allowed_audiences: [],
};

const types = (config: Partial<MiddlewareSource>, usageMetrics = false) =>
  middlewareChain({ ...base, ...config }, { usageMetrics }).map(({ type }) => type);

describe('middlewareChain', () => {
  it('always has the links that every proxy needs', () => {
    expect(types({})).toEqual(['bodylimit', 'auth', 'mcp-parser', 'recovery']);
    expect(types({}, true)).toEqual(['bodylimit', 'auth', 'mcp-parser', 'usagemetrics', 'recovery']);
  });

  it('puts every link into its place', () => {
    const chain = types(
      {
        remote_url: 'https://r',
        audit_config: { detectApplicationErrors: true, maxDataSize: 1 },
        embedded_auth_server_config: server,
        token_exchange_config: exchange,
        tools_filter: ['a'],
        telemetry_config: { tracingEnabled: true, metricsEnabled: true, useLegacyAttributes: true },
        rate_limit_config: {},
        scaling_config: { session_redis: { address: 'r' } },
        mutating_webhooks: [{ name: 'm', url: 'u', timeout: 0, failure_policy: 'fail' }],
        validating_webhooks: [{ name: 'v', url: 'u', timeout: 0, failure_policy: 'fail' }],
        authz_config: { version: '1.0', type: 'cedarv1' },
        aws_sts_config: { region: 'r', service: 's' },
        header_forward: { add_plaintext_headers: { a: 'b' } },
        additional_middleware_configs: [{ type: 'obo', parameters: null }],
      },
      true,
    );
    expect(chain).toEqual(
      (
        'bodylimit audit auth upstreamswap tokenexchange tool-filter tool-call-filter mcp-parser telemetry ratelimit ' +
        'mutating-webhook validating-webhook usagemetrics authorization awssts header-forward obo recovery'
      ).split(' '),
    );
  });

  it('strips credentials instead of swapping them where an embedded server is told to', () => {
    const quiet = { ...server, disable_upstream_token_injection: true };
    expect(types({ embedded_auth_server_config: quiet })).toContain('strip-auth');
  });

  it('has no link for headers that only the runner knows', () => {
    expect(types({ remote_url: 'https://r', header_forward: { add_headers_from_secret: { a: 'b' } } })).not.toContain(
      'header-forward',
    );
  });

  it.each([
    [{ aws_sts_config: { region: 'r', service: 's' } }, 'AWS STS middleware requires a remote URL'],
    [{ rate_limit_config: {} }, 'rate limiting requires sessionStorage with provider redis'],
    [
      {
        token_exchange_config: exchange,
        embedded_auth_server_config: { ...server, disable_upstream_token_injection: true },
      },
      'disableUpstreamTokenInjection cannot be combined with token exchange',
    ],
  ])('refuses %j', (config, message) => {
    expect(() => types(config)).toThrow(message);
  });
});
