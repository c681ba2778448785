import { describe, expect, it } from '@jest/globals';
import {
  verdict,
  type ConfigObject,
  type ConfigRef,
  type Context,
  type Kind,
  type KubernetesObject,
  type ResolvedReference,
} from '@trueup/core';
import { AuthorizerRegistry, CedarBackend, HttpPdpBackend, MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig } from '@trueup/mcp-tool-config';
import { MCPWebhookConfig } from '@trueup/mcp-webhook-config';
import {
  formatRunConfig,
  inlineAuthzSection,
  runConfigMap,
  sessionRedis,
  WorkloadSettings,
} from '@trueup/mcp-workload';
import { serverConfigs, type ServerConfigs } from './configs.js';
import { serverDeployment } from './deployment.js';
import { MCPServer } from './resource.js';
import { serverRunConfig } from './run-config.js';

const services = {
  obo: new OboHandler(),
  authorizers: new AuthorizerRegistry([new CedarBackend(), new HttpPdpBackend()]),
};
const settings = new WorkloadSettings({ runnerImage: 'runner:v1' });
const namespace = 'toolhive-system';

function aServer(name: string, spec: object): MCPServer {
  return {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'MCPServer',
    metadata: { name, namespace, generation: 1 },
    spec: MCPServer.definition.spec.parse({ image: 'ghcr.io/stackloklabs/gofetch/server', ...spec }),
  };
}

/** A config with the defaults that the API server would fill in. */
function aConfig(kind: Kind, name: string, spec: unknown): ConfigObject {
  const { group, version } = kind.resource;
  return {
    apiVersion: `${group}/${version}`,
    kind: kind.resource.kind,
    metadata: { name, namespace },
    spec: kind.definition.spec.parse(spec),
  };
}

/** All references of an object as they are when these configs exist and are valid. */
function referencesTo(consumer: KubernetesObject, configs: readonly ConfigObject[]): Pick<Context, 'reference'> {
  const resolve = (ref: ConfigRef): ResolvedReference => {
    const name = ref.name(consumer);
    const config = configs.find(({ kind, metadata }) => kind === ref.to.resource.kind && metadata.name === name);
    if (name === undefined || config === undefined) return { state: 'none' };
    return { state: 'usable', name, config, verdict: verdict.true('Valid') };
  };
  // What is found is of the kind that the reference points at.
  return { reference: resolve as Context['reference'] };
}

const brought = (server: MCPServer, ...configs: readonly ConfigObject[]): ServerConfigs =>
  serverConfigs(server, referencesTo(server, configs), services);

function sources(server: MCPServer, configs: ServerConfigs) {
  const redis = sessionRedis(server.spec.sessionStorage, undefined);
  return { settings, configs, authz: undefined, redis, profileMap: undefined };
}

function runConfigOf(server: MCPServer, ...configs: readonly ConfigObject[]) {
  return serverRunConfig(server, sources(server, brought(server, ...configs)));
}

const corp = (inline: object = {}) =>
  aConfig(MCPOIDCConfig, 'corp', {
    type: 'inline',
    inline: {
      issuer: 'https://auth.example.com',
      jwksUrl: 'https://auth.example.com/.well-known/jwks.json',
      clientId: 'toolhive-client',
      clientSecretRef: { name: 'oidc-secret', key: 'client-secret' },
      caBundleRef: { configMapRef: { name: 'corp-ca', key: 'ca.crt' } },
      ...inline,
    },
  });
const otel = aConfig(MCPTelemetryConfig, 'otel', {
  openTelemetry: {
    enabled: true,
    endpoint: 'https://otel-collector.monitoring.svc.cluster.local:4318',
    headers: { 'x-tenant': 'acme' },
    resourceAttributes: { 'deployment.environment': 'prod' },
    tracing: { enabled: true, samplingRate: '0.10' },
    metrics: { enabled: true },
    caBundleRef: { configMapRef: { name: 'otel-ca', key: 'ca.crt' } },
  },
  prometheus: { enabled: true },
});
const hooks = aConfig(MCPWebhookConfig, 'hooks', {
  validating: [
    {
      name: 'val1',
      url: 'https://val1',
      timeout: '10s',
      failurePolicy: 'fail',
      hmacSecretRef: { name: 'hmac-secret', key: 'key' },
    },
  ],
  mutating: [
    {
      name: 'mut1',
      url: 'https://mut1',
      failurePolicy: 'ignore',
      tlsConfig: {
        caSecretRef: { name: 'ca-secret', key: 'ca.crt' },
        clientCertSecretRef: { name: 'client-secret', key: 'tls.crt' },
        clientKeySecretRef: { name: 'client-secret', key: 'tls.key' },
      },
    },
  ],
});
const tools = (spec: object) => aConfig(MCPToolConfig, 'tools', spec);

describe('the run configuration of a server', () => {
  it.each<[string, MCPServer, ConfigObject, string]>([
    [
      'an MCPOIDCConfig, with the resource URL that used to be the default',
      aServer('fetch-oidc', {
        transport: 'streamable-http',
        mcpPort: 8081,
        oidcConfigRef: {
          name: 'corp',
          audience: 'fetch-server',
          scopes: ['openid'],
          resourceUrl: 'http://fetch-oidc.toolhive-system.svc.cluster.local:8080',
        },
      }),
      corp(),
      '776d2df7d37fb18dbf5c7fc790732ddcb187d4fba3d5fbcb11dc32551f1d1907',
    ],
    [
      'an MCPToolConfig',
      aServer('fetch-tools', { transport: 'sse', toolConfigRef: { name: 'tools' } }),
      tools({
        toolsFilter: ['fetch_page', 'search'],
        toolsOverride: {
          fetch: { name: 'fetch_page', description: 'Fetch a web page' },
          search: { description: 'Search the web' },
        },
      }),
      '65e2ca4c90478c83b9352b8d99559d29e810df1919563b907db3482b43b36cd1',
    ],
    [
      'an MCPTelemetryConfig',
      aServer('fetch-otel', {
        transport: 'streamable-http',
        telemetryConfigRef: { name: 'otel', serviceName: 'mcp-fetch-server' },
      }),
      otel,
      'e83570909b443873c9944389433e940d070628e93b6927d3c384dbb082c24947',
    ],
    [
      'an MCPWebhookConfig',
      aServer('fetch-wh', { webhookConfigRef: { name: 'hooks' } }),
      hooks,
      'b0e32e137b3d486bf97c2277eefc35673ec608c6a4be6d264c630f72e7897f1e',
    ],
  ])('that refers to %s is byte for byte what runs today', (_, server, config, checksum) => {
    expect(runConfigMap(runConfigOf(server, config), 'mcp-server').checksum).toBe(checksum);
  });

  it('that embeds an authorization server is byte for byte what runs today', () => {
    const upstream = {
      issuerUrl: 'https://idp.acme.example',
      clientId: 'toolhive',
      clientSecretRef: { name: 'acme-idp', key: 'secret' },
      scopes: ['openid', 'email'],
    };
    const authServer = aConfig(MCPExternalAuthConfig, 'embedded-as', {
      type: 'embeddedAuthServer',
      embeddedAuthServer: {
        issuer: 'https://mcp.example.com',
        signingKeySecretRefs: [
          { name: 'as-keys', key: 'current.pem' },
          { name: 'as-keys', key: 'previous.pem' },
        ],
        hmacSecretRefs: [{ name: 'as-hmac', key: 'hmac' }],
        tokenLifespans: { accessTokenLifespan: '30m' },
        upstreamProviders: [{ name: 'acme-idp', type: 'oidc', oidcConfig: upstream }],
        storage: {
          type: 'redis',
          redis: {
            sentinelConfig: { masterName: 'mymaster', sentinelService: { name: 'rfs-redis', namespace: 'redis' } },
            aclUserConfig: {
              usernameSecretRef: { name: 'redis-acl', key: 'username' },
              passwordSecretRef: { name: 'redis-acl', key: 'password' },
            },
          },
        },
      },
    });
    const self = aConfig(MCPOIDCConfig, 'self', { type: 'inline', inline: { issuer: 'https://mcp.example.com' } });
    const resourceUrl = 'https://mcp.example.com/fetch';
    const policies = { policies: ['permit(principal, action, resource);'] };
    const server = aServer('fetch-as', {
      transport: 'streamable-http',
      authServerRef: { kind: 'MCPExternalAuthConfig', name: 'embedded-as' },
      oidcConfigRef: { name: 'self', audience: resourceUrl, resourceUrl },
    });
    const third = { ...server, metadata: { ...server.metadata, generation: 3 } };
    const config = serverRunConfig(third, {
      ...sources(third, brought(third, authServer, self)),
      authz: inlineAuthzSection(policies),
    });
    expect(runConfigMap(config, 'mcp-server').checksum).toBe(
      '69ba7c51aa3408b57c0a008e6b35dca77a0eb5929a2bb0293021bfc91c827103',
    );
  });

  it('names the Service of the proxy as its resource, and permits private addresses when either option does', () => {
    const server = aServer('fetch', { oidcConfigRef: { name: 'corp', audience: 'a' }, proxyPort: 9000 });
    const { oidc_config } = runConfigOf(server, corp({ protectedResourceAllowPrivateIP: true }));
    expect(oidc_config).toMatchObject({
      ResourceURL: 'http://mcp-fetch-proxy.toolhive-system.svc.cluster.local:9000',
      AllowPrivateIP: true,
      Scopes: null,
    });
  });

  it('tells where the values of sensitive headers are, and not what they are', () => {
    const config = aConfig(MCPTelemetryConfig, 'otel', {
      openTelemetry: {
        enabled: true,
        sensitiveHeaders: [{ name: 'X-Api-Key', secretKeyRef: { name: 'otel-sec', key: 'key' } }],
      },
    });
    const server = aServer('fetch', { telemetryConfigRef: { name: 'otel' } });
    expect(runConfigOf(server, config).telemetry_config).toEqual({
      serviceName: 'fetch',
      tracingEnabled: false,
      metricsEnabled: false,
      sensitiveHeaders: { 'X-Api-Key': 'TOOLHIVE_OTEL_HEADER_X_API_KEY' },
      useLegacyAttributes: true,
    });
  });

  it.each([
    ['cedarv1', 'cedar', { policies: ['permit(principal, action, resource);'], entities_json: '[]' }],
    ['httpv1', 'pdp', { http: { url: 'https://pdp.example.com' }, claim_mapping: 'standard' }],
  ])('carries an MCPAuthzConfig of type %s, whatever the order of its members', (type, key, config) => {
    const server = aServer('fetch', { authzConfigRef: { name: 'policies' } });
    const reordered = Object.fromEntries(Object.entries(config).reverse());
    const made = runConfigOf(server, aConfig(MCPAuthzConfig, 'policies', { type, config }));
    const authz = { [key]: config, type, version: '1.0' };
    expect(made.authz_config).toEqual(authz);
    expect(made.middleware_configs).toContainEqual({ type: 'authorization', parameters: { config_data: authz } });
    expect(formatRunConfig(runConfigOf(server, aConfig(MCPAuthzConfig, 'policies', { type, config: reordered })))).toBe(
      formatRunConfig(made),
    );
  });

  it('is the same for a filter in another order, and leaves out overrides that the proxy cannot apply', () => {
    const server = aServer('fetch', { toolConfigRef: { name: 'tools' } });
    const toolsOverride = { rm: { annotations: { destructiveHint: true } } };
    const one = runConfigOf(server, tools({ toolsFilter: ['a', 'b'], toolsOverride }));
    const other = runConfigOf(server, tools({ toolsFilter: ['b', 'a'] }));
    expect(formatRunConfig(one)).toBe(formatRunConfig(other));
  });
});

describe('the proxies of a server', () => {
  const server = aServer('github', {
    transport: 'streamable-http',
    volumes: [{ name: 'data', hostPath: '/srv', mountPath: '/data' }],
    permissionProfile: { type: 'configmap', name: 'profile', key: 'p' },
    oidcConfigRef: { name: 'corp', audience: 'gh' },
    externalAuthConfigRef: { name: 'tx' },
    telemetryConfigRef: { name: 'otel', serviceName: 'gh-svc' },
    webhookConfigRef: { name: 'hooks' },
    sessionStorage: { provider: 'redis', address: 'redis:6379', passwordRef: { name: 'redis-sec', key: 'pw' } },
    resourceOverrides: { proxyDeployment: { env: [{ name: 'TOOLHIVE_DEBUG', value: 'true' }] } },
  });
  const configs = brought(
    server,
    corp(),
    hooks,
    aConfig(MCPExternalAuthConfig, 'tx', {
      type: 'tokenExchange',
      tokenExchange: { tokenUrl: 'https://o', audience: 'a', clientSecretRef: { name: 'oauth', key: 'cs' } },
    }),
    aConfig(MCPTelemetryConfig, 'otel', {
      openTelemetry: {
        sensitiveHeaders: [{ name: 'X-Api-Key', secretKeyRef: { name: 'otel-sec', key: 'key' } }],
        caBundleRef: { configMapRef: { name: 'otel-ca', key: 'ca.crt' } },
      },
    }),
  );
  const asked: string[][] = [];
  const deployment = serverDeployment(server, {
    ...sources(server, configs),
    openShift: false,
    checksum: 'sum',
    restart: { deployment: {}, podTemplate: {} },
    live: undefined,
    fieldManager: 'mcpserver-controller',
    contents: (refs) => {
      asked.push(refs.map(({ name, key }) => `${name}/${key}`));
      return { digest: `digest-${asked.length}` };
    },
  });
  const { template } = (deployment as unknown as { spec: { template: Template } }).spec;
  interface Template {
    readonly metadata: { readonly annotations: Record<string, string> };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly volumes: readonly { readonly name: string }[];
    };
  }
  interface Container {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly volumeMounts: readonly { readonly mountPath: string }[];
    readonly args: readonly string[];
  }
  const [proxy] = template.spec.containers;

  it('get their environment in an order that makes the operator win', () => {
    expect(proxy?.env.map(({ name }) => name)).toEqual([
      'OTEL_RESOURCE_ATTRIBUTES',
      'TOOLHIVE_OTEL_HEADER_X_API_KEY',
      'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET',
      'TOOLHIVE_OIDC_CLIENT_SECRET',
      'TOOLHIVE_DEBUG',
      'THV_SESSION_REDIS_PASSWORD',
      'THV_MCPSERVER_GENERATION',
      'XDG_CONFIG_HOME',
      'HOME',
      'TOOLHIVE_RUNTIME',
      'UNSTRUCTURED_LOGS',
    ]);
    expect(proxy?.env[0]?.value).toBe('service.name=gh-svc,service.namespace=toolhive-system');
  });

  it('get the files of webhooks first, and CA bundles last', () => {
    expect(template.spec.volumes.map(({ name }) => name)).toEqual([
      'runconfig',
      expect.stringMatching(/^whsec-/),
      expect.stringMatching(/^whsec-/),
      expect.stringMatching(/^whsec-/),
      'whsec-56363259',
      'data',
      'permission-profile',
      'oidc-ca-bundle-corp-ca',
      'otel-ca-bundle-otel-ca',
    ]);
    expect(proxy?.volumeMounts.slice(-2).map(({ mountPath }) => mountPath)).toEqual([
      '/config/certs/corp-ca',
      '/config/certs/otel/otel-ca',
    ]);
  });

  it('carry a digest of what they take in only when they start, and the backend one of its own', () => {
    expect(asked[1]).toEqual([
      'otel-sec/key',
      'oauth/cs',
      'oidc-secret/client-secret',
      'redis-sec/pw',
      'ca-secret/ca.crt',
      'client-secret/tls.crt',
      'client-secret/tls.key',
      'hmac-secret/key',
    ]);
    expect(template.metadata.annotations['toolhive.stacklok.dev/secrets-digest']).toBe('digest-2');
    expect(proxy?.args[1]).toContain('"annotations":{"toolhive.stacklok.dev/secrets-digest":"digest-1"}');
  });
});
