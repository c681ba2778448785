import { describe, expect, it } from '@jest/globals';
import { buildRunConfig, type ContainerBackend, type RunConfigParts } from './build-run-config.js';
import { inlineAuthzSection } from './authz.js';
import { builtinProfile } from './permission-profile.js';
import { rateLimitSection } from './rate-limit.js';
import { runConfigMap } from './run-config-map.js';
import { scalingSection } from './scaling.js';
import type { OidcSection, TelemetrySection, WebhookSection } from './sections.js';

/*
 * Run configurations that users have in their clusters, by the SHA-256 of their text: every byte must be the same, or an
 * upgrade of the operator would restart every workload.
 */

const IMAGE = 'ghcr.io/stackloklabs/gofetch/server';

type ServerParts = Partial<Omit<RunConfigParts, 'backend'>> & { readonly backend?: Partial<ContainerBackend> };

function server(name: string, parts: ServerParts = {}): RunConfigParts {
  const { backend, ...rest } = parts;
  return {
    name,
    namespace: 'toolhive-system',
    transport: 'stdio',
    host: '0.0.0.0',
    proxyPort: 8080,
    usageMetrics: true,
    backend: { kind: 'container', image: IMAGE, generation: 1, port: 8080, ...backend },
    ...rest,
  };
}

function remote(name: string, url: string, parts: Partial<RunConfigParts> = {}): RunConfigParts {
  return { ...server(name), transport: 'streamable-http', backend: { kind: 'remote', url }, ...parts };
}

const oidc = (values: Partial<OidcSection>): OidcSection => ({
  Issuer: '',
  Audience: '',
  JWKSURL: '',
  ClientID: '',
  ClientSecret: '',
  CACertPath: '',
  AuthTokenFile: '',
  AllowPrivateIP: false,
  InsecureAllowHTTP: false,
  IntrospectionURL: '',
  ResourceURL: '',
  Scopes: null,
  ...values,
});

const serviceAccountOidc = {
  Issuer: 'https://kubernetes.default.svc',
  CACertPath: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
  AuthTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
  AllowPrivateIP: true,
};

const telemetry: TelemetrySection = {
  endpoint: 'otel-collector.monitoring.svc.cluster.local:4318',
  serviceName: 'mcp-fetch-server',
  tracingEnabled: true,
  metricsEnabled: true,
  samplingRate: '0.1',
  headers: { 'x-tenant': 'acme' },
  enablePrometheusMetricsPath: true,
  customAttributes: { 'deployment.environment': 'prod' },
  useLegacyAttributes: true,
  caCertPath: '/config/certs/otel/otel-ca/ca.crt',
};

const HOOKS = '/etc/toolhive/webhooks';
const validating: WebhookSection = {
  name: 'val1',
  url: 'https://val1',
  timeout: 10_000_000_000,
  failure_policy: 'fail',
  hmac_secret_ref: `${HOOKS}/webhook_validating_val1_hmac_a326e02d/hmac`,
};
const mutating: WebhookSection = {
  name: 'mut1',
  url: 'https://mut1',
  timeout: 0,
  failure_policy: 'ignore',
  tls_config: {
    ca_bundle_path: `${HOOKS}/webhook_mutating_mut1_tls_ca_c65e8f28/ca.crt`,
    client_cert_path: `${HOOKS}/webhook_mutating_mut1_tls_client_cert_d8d24b1a/tls.crt`,
    client_key_path: `${HOOKS}/webhook_mutating_mut1_tls_client_key_3484f72e/tls.key`,
  },
};

const cases: readonly (readonly [string, RunConfigParts, string])[] = [
  ['a minimal server', server('fetch'), '67b4350b7db5358a93ddca4654588ba312373cc8db0eed61c35c8edab3ec1d14'],
  [
    'a server with inline OIDC and a CA bundle',
    server('fetch-oidc', {
      transport: 'streamable-http',
      backend: { port: 8081 },
      oidc: oidc({
        Issuer: 'https://auth.example.com',
        Audience: 'fetch-server',
        JWKSURL: 'https://auth.example.com/.well-known/jwks.json',
        ClientID: 'toolhive-client',
        CACertPath: '/config/certs/corp-ca/ca.crt',
        ResourceURL: 'http://fetch-oidc.toolhive-system.svc.cluster.local:8080',
        Scopes: ['openid'],
      }),
    }),
    '776d2df7d37fb18dbf5c7fc790732ddcb187d4fba3d5fbcb11dc32551f1d1907',
  ],
  [
    'a token exchange',
    server('authenticated-fetch', {
      transport: 'streamable-http',
      tokenExchange: {
        token_url: 'https://keycloak.example.com/realms/myrealm/protocol/openid-connect/token',
        client_id: 'toolhive-client',
        client_secret: '',
        audience: 'mcp-backend',
        scopes: ['openid', 'profile'],
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        header_strategy: 'custom',
        external_token_header_name: 'X-Upstream-Authorization',
      },
    }),
    'e268867d41b121286199eec4d3b72f5ef409c85790e118dc1197d5fd42623ee1',
  ],
  [
    'inline Cedar policies and audit',
    server('fetch-authz', {
      audit: true,
      authz: inlineAuthzSection(
        { policies: ['permit(principal, action == Action::"call_tool", resource == Tool::"fetch");'] },
        { groupClaimName: 'https://example.com/groups' },
      ),
    }),
    'b9b26d358c73cdb769b4668a6cc8f56987b5cd9f88eb7da1c1934697334ab555',
  ],
  [
    'a tool filter and overrides',
    server('fetch-tools', {
      transport: 'sse',
      tools: {
        filter: ['fetch_page', 'search'],
        override: {
          fetch: { name: 'fetch_page', description: 'Fetch a web page' },
          search: { description: 'Search the web' },
        },
      },
    }),
    '65e2ca4c90478c83b9352b8d99559d29e810df1919563b907db3482b43b36cd1',
  ],
  [
    'telemetry',
    server('fetch-otel', { transport: 'streamable-http', telemetry }),
    'e83570909b443873c9944389433e940d070628e93b6927d3c384dbb082c24947',
  ],
  [
    'an embedded authorization server with authorization behind it',
    server('fetch-as', {
      transport: 'streamable-http',
      backend: { generation: 3 },
      oidc: oidc({
        Issuer: 'https://mcp.example.com',
        Audience: 'https://mcp.example.com/fetch',
        ResourceURL: 'https://mcp.example.com/fetch',
      }),
      authz: inlineAuthzSection({ policies: ['permit(principal, action, resource);'] }),
      embeddedAuthServer: {
        schema_version: 'v0.1.0',
        issuer: 'https://mcp.example.com',
        signing_key_config: {
          key_dir: '/etc/toolhive/authserver/keys',
          signing_key_file: 'key-0.pem',
          fallback_key_files: ['key-1.pem'],
        },
        hmac_secret_files: ['/etc/toolhive/authserver/hmac/hmac-0'],
        token_lifespans: { access_token_lifespan: '30m' },
        upstreams: [
          {
            name: 'acme-idp',
            type: 'oidc',
            oidc_config: {
              issuer_url: 'https://idp.acme.example',
              client_id: 'toolhive',
              client_secret_env_var: 'TOOLHIVE_UPSTREAM_CLIENT_SECRET_ACME_IDP',
              redirect_uri: 'https://mcp.example.com/fetch/oauth/callback',
              scopes: ['openid', 'email'],
            },
          },
        ],
        allowed_audiences: ['https://mcp.example.com/fetch'],
        storage: {
          type: 'redis',
          redis_config: {
            sentinel_config: { master_name: 'mymaster', sentinel_addrs: ['rfs-redis.redis.svc.cluster.local:26379'] },
            auth_type: 'aclUser',
            acl_user_config: {
              username_env_var: 'TOOLHIVE_AUTH_SERVER_REDIS_USERNAME',
              password_env_var: 'TOOLHIVE_AUTH_SERVER_REDIS_PASSWORD',
            },
            key_prefix: 'thv:auth:{toolhive-system:fetch-as}:',
            dial_timeout: '5s',
            read_timeout: '3s',
            write_timeout: '3s',
          },
        },
      },
    }),
    '69ba7c51aa3408b57c0a008e6b35dca77a0eb5929a2bb0293021bfc91c827103',
  ],
  [
    'rate limits, sessions in Redis, replicas of the backend and OIDC of the cluster',
    server('fetch-rl', {
      transport: 'streamable-http',
      backend: { generation: 2 },
      oidc: oidc({
        ...serviceAccountOidc,
        Audience: 'fetch-rl',
        ResourceURL: 'http://fetch-rl.toolhive-system.svc.cluster.local:8080',
      }),
      rateLimit: rateLimitSection({
        shared: { maxTokens: 100, refillPeriod: '60s' },
        perUser: { maxTokens: 10, refillPeriod: '30s' },
        tools: [{ name: 'fetch', shared: { maxTokens: 5, refillPeriod: '1s' } }],
      }),
      scaling: scalingSection({ address: 'redis:6379', db: 1, keyPrefix: 'thv:' }, 3),
    }),
    '885fd27bf72a894c0020d7c0cf9b838b00578c371e87e09925e187a96c4d4c47',
  ],
  [
    'webhooks',
    server('fetch-wh', { webhooks: { validating: [validating], mutating: [mutating] } }),
    'b0e32e137b3d486bf97c2277eefc35673ec608c6a4be6d264c630f72e7897f1e',
  ],
  [
    'every plain option',
    server('full', {
      proxyPort: 9095,
      trustProxyHeaders: true,
      endpointPrefix: '/mcp-a',
      backend: {
        generation: 4,
        port: 8081,
        proxyMode: 'sse',
        args: ['--verbose'],
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'MCP_TRANSPORT', value: 'ignored' },
        ],
        volumes: [
          { name: 'config', hostPath: '/srv/config', mountPath: '/app/config', readOnly: true },
          { name: 'data', hostPath: '/srv/data', mountPath: '/app/data' },
        ],
        profile: { name: 'none', permissions: builtinProfile('none') },
      },
    }),
    '7b18e306776fc40046c46b0208f8f584bbf7ef3f623f9ed5e4b7513c4f1519f9',
  ],
  [
    'a minimal remote proxy',
    remote('remote', 'https://mcp.example.com/v1/server'),
    'd82136df789b653e2525927686cd25dcbde2e74d90ffd915610867e2880dc53c',
  ],
  [
    'a remote proxy with a bearer token and forwarded headers',
    remote('remote-b', 'https://api.example.com/sse', {
      transport: 'sse',
      proxyPort: 9090,
      backend: {
        kind: 'remote',
        url: 'https://api.example.com/sse',
        headerForward: {
          add_plaintext_headers: { 'X-Tenant-ID': 'tenant-42' },
          add_headers_from_secret: { 'X-API-Key': 'HEADER_FORWARD_X_API_KEY_REMOTE_B' },
        },
      },
      remoteAuth: {
        use_pkce: false,
        bearer_token: 'api-bearer-token,target=bearer_token',
        cached_token_expiry: '0001-01-01T00:00:00Z',
        cached_secret_expiry: '0001-01-01T00:00:00Z',
      },
      oidc: oidc({
        ...serviceAccountOidc,
        Audience: 'remote-b',
        ResourceURL: 'http://remote-b.toolhive-system.svc.cluster.local:9090',
      }),
    }),
    '344a04610e59b2a0378d3035e0b6c81a25fbe5704525671ef7006cf36645f1f6',
  ],
];

describe('the run configuration', () => {
  it.each(cases)('of %s is byte for byte what runs today', (_, parts, checksum) => {
    const component = parts.backend.kind === 'container' ? 'mcp-server' : 'mcp-remote-proxy';
    expect(runConfigMap(buildRunConfig(parts), component).checksum).toBe(checksum);
  });
});
