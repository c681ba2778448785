import { describe, expect, it } from '@jest/globals';
import { isSpecError, type Stored } from '@trueup/core';
import { authServerEnv, authServerVolumeMounts, authServerVolumes } from '../pod-parts.js';
import { embeddedAuthServerSchema, type EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { AuthServerConfigError } from '../validation/auth-server-problem.js';
import { authServerRunConfig } from './build-run-config.js';
import type { AuthServerDeployment } from './deployment.js';

type Server = Stored<EmbeddedAuthServer>;

/** As the API server stores it: with its defaults. */
const stored = (spec: object): EmbeddedAuthServer => embeddedAuthServerSchema.parse(spec);

const at = (resourceUrl: string, scopesSupported?: readonly string[]): AuthServerDeployment => ({
  namespace: 'ai',
  name: 'gateway',
  allowedAudiences: [resourceUrl],
  resourceUrl,
  scopesSupported,
});
const MCP = at('https://mcp.example.com/mcp');

const google = {
  name: 'google',
  type: 'oidc' as const,
  oidcConfig: { issuerUrl: 'https://accounts.google.com', clientId: 'g' },
};
const oauth2 = (oauth2Config: object) => ({
  name: 'gh',
  type: 'oauth2',
  oauth2Config: {
    authorizationEndpoint: 'https://gh/a',
    tokenEndpoint: 'https://gh/t',
    clientId: 'c',
    ...oauth2Config,
  },
});
const minimal = (fields: object = {}): Server => ({
  issuer: 'https://mcp.example.com',
  upstreamProviders: [google],
  ...fields,
});
const secretVariable = (name: string, secret: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});

const TYPICAL = stored({
  issuer: 'https://mcp.example.com',
  signingKeySecretRefs: [
    { name: 'as-keys', key: 'current.pem' },
    { name: 'as-keys', key: 'previous.pem' },
  ],
  hmacSecretRefs: [{ name: 'as-hmac', key: 'current' }],
  tokenLifespans: { accessTokenLifespan: '30m', refreshTokenLifespan: '168h' },
  baselineClientScopes: ['openid', 'offline_access'],
  upstreamProviders: [
    {
      name: 'corp-idp',
      type: 'oidc',
      oidcConfig: {
        issuerUrl: 'https://login.example.com',
        clientId: 'mcp-gateway',
        clientSecretRef: { name: 'idp', key: 'secret' },
        subjectClaim: 'oid',
      },
    },
    {
      name: 'github',
      type: 'oauth2',
      oauth2Config: {
        authorizationEndpoint: 'https://github.com/login/oauth/authorize',
        tokenEndpoint: 'https://github.com/login/oauth/access_token',
        clientId: 'Iv1.abc',
        clientSecretRef: { name: 'gh', key: 'secret' },
        scopes: ['repo'],
        userInfo: {
          endpointUrl: 'https://api.github.com/user',
          additionalHeaders: { Accept: 'application/vnd.github+json' },
          fieldMapping: { subjectFields: ['id'], nameFields: ['name', 'login'] },
        },
      },
    },
  ],
  storage: {
    type: 'redis',
    redis: {
      sentinelConfig: { masterName: 'mymaster', sentinelService: { name: 'redis-sentinel' } },
      aclUserConfig: {
        usernameSecretRef: { name: 'redis', key: 'user' },
        passwordSecretRef: { name: 'redis', key: 'pass' },
      },
      tls: { caCertSecretRef: { name: 'redis-ca', key: 'ca.pem' } },
    },
  },
});

const DELEGATING = {
  issuer: 'https://mcp.example.com',
  allowConfidentialClientRegistration: true,
  forceConfidentialRedirectUris: ['https://www.perplexity.ai/rest/connections/oauth_callback'],
  cimd: { enabled: true, cacheFallbackTtl: '10m' },
  delegateClients: [
    {
      clientId: 'agent',
      clientSecretRef: { name: 'agent', key: 'secret' },
      scopes: ['openid'],
      audiences: ['https://mcp.example.com/mcp'],
    },
  ],
  trustedIssuers: [
    {
      issuerUrl: 'https://idp.example.com',
      expectedAudience: 'api://gateway',
      actorClaim: 'appid',
      allowedActors: ['app-1'],
      allowedDelegateClients: ['agent'],
      jwtBearerGrant: {
        maxAssertionAge: '5m',
        subjectBindings: [{ subject: 'robot', allowedResources: ['https://mcp.example.com/mcp'] }],
      },
    },
  ],
  upstreamProviders: [
    {
      name: 'vendor',
      type: 'oauth2',
      oauth2Config: {
        authorizationEndpoint: 'https://vendor.example/authorize',
        tokenEndpoint: 'https://vendor.example/token',
        dcrConfig: {
          registrationEndpoint: 'https://vendor.example/register',
          initialAccessTokenRef: { name: 'vendor', key: 'iat' },
        },
        identityFromToken: { subjectPath: 'authed_user.id' },
      },
    },
  ],
};

/** Compares the order of keys, too. */
const expectDocument = (server: Server, deployment: AuthServerDeployment, document: object): void => {
  expect(JSON.stringify(authServerRunConfig(server, deployment), undefined, 1)).toBe(
    JSON.stringify(document, undefined, 1),
  );
};

describe('authServerRunConfig', () => {
  it('writes a typical server in the order of the document', () => {
    expectDocument(TYPICAL, at('https://mcp.example.com/mcp', ['openid', 'profile', 'email', 'offline_access']), {
      schema_version: 'v0.1.0',
      issuer: 'https://mcp.example.com',
      signing_key_config: {
        key_dir: '/etc/toolhive/authserver/keys',
        signing_key_file: 'key-0.pem',
        fallback_key_files: ['key-1.pem'],
      },
      hmac_secret_files: ['/etc/toolhive/authserver/hmac/hmac-0'],
      token_lifespans: { access_token_lifespan: '30m', refresh_token_lifespan: '168h' },
      upstreams: [
        {
          name: 'corp-idp',
          type: 'oidc',
          oidc_config: {
            issuer_url: 'https://login.example.com',
            client_id: 'mcp-gateway',
            client_secret_env_var: 'TOOLHIVE_UPSTREAM_CLIENT_SECRET_CORP_IDP',
            redirect_uri: 'https://mcp.example.com/mcp/oauth/callback',
            subject_claim: 'oid',
          },
        },
        {
          name: 'github',
          type: 'oauth2',
          oauth2_config: {
            authorization_endpoint: 'https://github.com/login/oauth/authorize',
            token_endpoint: 'https://github.com/login/oauth/access_token',
            client_id: 'Iv1.abc',
            client_secret_env_var: 'TOOLHIVE_UPSTREAM_CLIENT_SECRET_GITHUB',
            redirect_uri: 'https://mcp.example.com/mcp/oauth/callback',
            scopes: ['repo'],
            userinfo: {
              endpoint_url: 'https://api.github.com/user',
              additional_headers: { Accept: 'application/vnd.github+json' },
              field_mapping: { subject_fields: ['id'], name_fields: ['name', 'login'] },
            },
          },
        },
      ],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      baseline_client_scopes: ['openid', 'offline_access'],
      allowed_audiences: ['https://mcp.example.com/mcp'],
      storage: {
        type: 'redis',
        redis_config: {
          sentinel_config: {
            master_name: 'mymaster',
            sentinel_addrs: ['redis-sentinel.ai.svc.cluster.local:26379'],
          },
          auth_type: 'aclUser',
          acl_user_config: {
            username_env_var: 'TOOLHIVE_AUTH_SERVER_REDIS_USERNAME',
            password_env_var: 'TOOLHIVE_AUTH_SERVER_REDIS_PASSWORD',
          },
          key_prefix: 'thv:auth:{ai:gateway}:',
          dial_timeout: '5s',
          read_timeout: '3s',
          write_timeout: '3s',
          tls: { ca_cert_file: '/etc/toolhive/authserver/redis-tls/ca.crt' },
        },
      },
    });
  });

  it('leaves out what is empty, and takes the slash off the resource for the callback only', () => {
    expectDocument(stored(minimal()), at('https://mcp.example.com/'), {
      schema_version: 'v0.1.0',
      issuer: 'https://mcp.example.com',
      upstreams: [
        {
          name: 'google',
          type: 'oidc',
          oidc_config: {
            issuer_url: 'https://accounts.google.com',
            client_id: 'g',
            redirect_uri: 'https://mcp.example.com/oauth/callback',
          },
        },
      ],
      allowed_audiences: ['https://mcp.example.com/'],
    });
  });

  it('writes delegation, confidential registration and client metadata', () => {
    expectDocument(stored(DELEGATING), MCP, {
      schema_version: 'v0.1.0',
      issuer: 'https://mcp.example.com',
      upstreams: [
        {
          name: 'vendor',
          type: 'oauth2',
          oauth2_config: {
            authorization_endpoint: 'https://vendor.example/authorize',
            token_endpoint: 'https://vendor.example/token',
            client_id: '',
            redirect_uri: 'https://mcp.example.com/mcp/oauth/callback',
            identity_from_token: { subject_path: 'authed_user.id' },
            dcr_config: {
              registration_endpoint: 'https://vendor.example/register',
              initial_access_token_env_var: 'TOOLHIVE_UPSTREAM_DCR_INITIAL_ACCESS_TOKEN_VENDOR',
            },
          },
        },
      ],
      allowed_audiences: ['https://mcp.example.com/mcp'],
      cimd: { enabled: true, cache_fallback_ttl: '10m' },
      trusted_issuers: [
        {
          issuer_url: 'https://idp.example.com',
          expected_audience: 'api://gateway',
          actor_claim: 'appid',
          allowed_actors: ['app-1'],
          allowed_delegate_clients: ['agent'],
          jwt_bearer_grant: {
            max_assertion_age: '5m0s',
            subject_bindings: [{ subject: 'robot', allowed_resources: ['https://mcp.example.com/mcp'] }],
          },
        },
      ],
      allow_confidential_client_registration: true,
      force_confidential_redirect_uris: ['https://www.perplexity.ai/rest/connections/oauth_callback'],
      delegate_clients: [
        {
          client_id: 'agent',
          client_secret_env_var: 'TOOLHIVE_DELEGATE_CLIENT_SECRET_0',
          scopes: ['openid'],
          audiences: ['https://mcp.example.com/mcp'],
        },
      ],
    });
  });

  it.each([
    ['an empty block of lifespans', { tokenLifespans: {} }, { token_lifespans: {} }],
    [
      'a storage in memory with settings of Redis',
      { storage: { type: 'memory', redis: { addr: 'r:1', aclUserConfig: {} } } },
      { storage: undefined },
    ],
    ['client metadata that is off', { cimd: { enabled: false, cacheMaxSize: 10 } }, { cimd: undefined }],
    [
      'an upstream that names its callback',
      { upstreamProviders: [{ ...google, oidcConfig: { ...google.oidcConfig, redirectUri: 'https://x/cb' } }] },
      { upstreams: [{ oidc_config: { redirect_uri: 'https://x/cb' } }] },
    ],
  ])('writes %s', (_, fields, document) => {
    const config = authServerRunConfig(minimal(fields), MCP);
    expect(JSON.parse(JSON.stringify(config))).toMatchObject(JSON.parse(JSON.stringify(document)) as object);
    for (const [key, value] of Object.entries(document))
      if (value === undefined) expect(config).not.toHaveProperty(key);
  });

  it.each([
    [
      { addr: 'redis:6379', clusterMode: true, tls: {} },
      { addr: 'redis:6379', cluster_mode: true, tls: {}, acl_user_config: { username_env_var: '' } },
    ],
    [
      {
        sentinelConfig: { masterName: 'm', sentinelAddrs: ['a:1'], sentinelService: { name: 's' }, db: 2 },
        sentinelTls: { insecureSkipVerify: true },
      },
      {
        sentinel_config: { master_name: 'm', sentinel_addrs: ['a:1'], db: 2 },
        sentinel_tls: { insecure_skip_verify: true },
      },
    ],
    [
      { sentinelConfig: { masterName: 'm', sentinelService: { name: 's', namespace: 'infra', port: 1 } } },
      { sentinel_config: { sentinel_addrs: ['s.infra.svc.cluster.local:1'] } },
    ],
  ])('writes the Redis %j', (redis, document) => {
    const storage = {
      type: 'redis',
      redis: { aclUserConfig: { passwordSecretRef: { name: 'r', key: 'p' } }, ...redis },
    };
    expect(authServerRunConfig(minimal({ storage }), MCP).storage?.redis_config).toMatchObject(document);
  });
});

describe('a document', () => {
  it('does not depend on the order in which a client wrote a map', () => {
    const upstreamProviders = [oauth2({ additionalAuthorizationParams: { prompt: 'login', hd: 'x', acr: 'y' } })];
    const [upstream] = authServerRunConfig(minimal({ upstreamProviders }), MCP).upstreams;
    expect(Object.keys(upstream?.oauth2_config?.additional_authorization_params ?? {})).toEqual([
      'acr',
      'hd',
      'prompt',
    ]);
  });
});

describe('a server that would not start in its workload', () => {
  const [delegate] = DELEGATING.delegateClients;
  const [trusted] = DELEGATING.trustedIssuers;
  const DELEGATION = 'invalid embedded auth server delegate clients or trusted issuers: ';
  const granting = (jwtBearerGrant: object) =>
    minimal({ trustedIssuers: [{ ...trusted, jwtBearerGrant: { ...trusted?.jwtBearerGrant, ...jwtBearerGrant } }] });
  const rows: readonly (readonly [object, string, AuthServerDeployment?])[] = [
    [
      minimal({ delegateClients: [delegate, { ...delegate, clientSecretRef: { name: 'a', key: '' } }] }),
      'delegateClients[1].clientSecretRef.name and clientSecretRef.key are required',
    ],
    [
      minimal({ upstreamProviders: [oauth2({ dcrConfig: { discoveryUrl: 'https://x' } })] }),
      'upstream "gh": oauth2Config: exactly one of clientId or dcrConfig must be set',
    ],
    [
      minimal({ storage: { type: 'redis' } }),
      'failed to build storage config: redis config is required when storage type is redis',
    ],
    [
      minimal({ delegateClients: [{ ...delegate, scopes: ['openid', 'admin'] }] }),
      `${DELEGATION}delegate_clients[agent].scopes contains "admin" which is not in scopes_supported`,
    ],
    [
      minimal({ delegateClients: [{ ...delegate, scopes: ['email'] }] }),
      `${DELEGATION}delegate_clients[agent].scopes contains "email" which is not in scopes_supported`,
      at('https://mcp.example.com/mcp', ['openid']),
    ],
    [
      minimal({ delegateClients: [{ ...delegate, audiences: ['https://elsewhere.example.com'] }] }),
      `${DELEGATION}delegate_clients: client_id "agent": audience "https://elsewhere.example.com" is not in allowed_audiences`,
    ],
    [minimal({ delegateClients: [delegate, delegate] }), `${DELEGATION}delegate_clients: duplicate client_id "agent"`],
    [
      minimal({ trustedIssuers: [{ ...trusted, issuerUrl: 'https://mcp.example.com' }] }),
      `${DELEGATION}trusted_issuers: issuer_url "https://mcp.example.com": must not equal the authorization server's own issuer; self-issued tokens are already handled separately`,
    ],
    [
      minimal({ trustedIssuers: [{ ...trusted, jwksUrl: 'http://idp.example.com/keys' }] }),
      `${DELEGATION}trusted_issuers: jwks_url "http://idp.example.com/keys": must use HTTPS, got "http"`,
    ],
    [
      granting({ acceptedAudiences: ['https://mcp.example.com/mcp'] }),
      `${DELEGATION}trusted_issuers: issuer_url "https://idp.example.com": jwt_bearer_grant.accepted_audiences value "https://mcp.example.com/mcp" must not also be a configured resource audience (allowed_audiences); accepted_audiences identifies this authorization server, not a resource, or a resource-scoped access token could be replayed as a JWT-bearer assertion`,
    ],
    [
      granting({ subjectBindings: [{ subject: 'robot', allowedResources: ['https://other.example.com'] }] }),
      `${DELEGATION}trusted_issuers: issuer_url "https://idp.example.com": jwt_bearer_grant subject "robot" resource "https://other.example.com" is not in allowed_audiences`,
    ],
    [
      DELEGATING,
      `${DELEGATION}allowed_audiences contains invalid audience "gateway": invalid_target: Resource must be an absolute URI`,
      at('gateway'),
    ],
    [
      minimal(),
      'invalid run config: allowed_audiences contains invalid audience "gateway": invalid_target: Resource must be an absolute URI',
      at('gateway'),
    ],
    [minimal(), 'invalid run config: allowed_audiences must not contain an empty audience', at('')],
    [
      minimal({ issuer: 'http://as.example.com' }),
      'invalid run config: issuer: http scheme is only allowed for localhost, use https for as.example.com',
    ],
    [
      minimal(),
      'upstream "google": redirect_uri is required',
      { namespace: 'ai', name: 'gateway', allowedAudiences: [] },
    ],
    [
      minimal(),
      'upstream "google": redirect_uri must use http (for loopback) or https scheme',
      at('http://gateway.ai.svc.cluster.local:8080'),
    ],
  ];

  it.each(rows.map(([server, message, deployment = MCP]) => ({ server, message, deployment })))(
    'is refused: $message',
    ({ server, message, deployment }) => {
      const build = () => authServerRunConfig(server, deployment);
      expect(build).toThrow(AuthServerConfigError);
      expect(build).toThrow(message);
    },
  );

  it('names the field in an error that only its author can mend', () => {
    try {
      authServerRunConfig(minimal({ tokenLifespans: { authCodeLifespan: '1h' } }), MCP);
    } catch (error) {
      expect(isSpecError(error)).toBe(true);
      expect(error).toMatchObject({ path: 'tokenLifespans.authCodeLifespan' });
    }
    expect.assertions(2);
  });

  it('may leave the callback to the registration', () => {
    const server = minimal({
      upstreamProviders: [oauth2({ clientId: '', dcrConfig: { discoveryUrl: 'https://gh/.well-known/x' } })],
    });
    expect(authServerRunConfig(server, { namespace: 'ai', name: 'g', allowedAudiences: [] }).upstreams).toHaveLength(1);
  });
});

describe('the pod of a server', () => {
  it('has its secrets in the environment, by provider, client and storage', () => {
    expect(authServerEnv(TYPICAL)).toEqual([
      secretVariable('TOOLHIVE_UPSTREAM_CLIENT_SECRET_CORP_IDP', 'idp', 'secret'),
      secretVariable('TOOLHIVE_UPSTREAM_CLIENT_SECRET_GITHUB', 'gh', 'secret'),
      secretVariable('TOOLHIVE_AUTH_SERVER_REDIS_USERNAME', 'redis', 'user'),
      secretVariable('TOOLHIVE_AUTH_SERVER_REDIS_PASSWORD', 'redis', 'pass'),
    ]);
    expect(authServerEnv(stored(DELEGATING))).toEqual([
      secretVariable('TOOLHIVE_UPSTREAM_DCR_INITIAL_ACCESS_TOKEN_VENDOR', 'vendor', 'iat'),
      secretVariable('TOOLHIVE_DELEGATE_CLIENT_SECRET_0', 'agent', 'secret'),
    ]);
  });

  it('has its keys and certificates in files that only the owner reads', () => {
    const file = (volume: string, secretName: string, key: string, path: string) => ({
      name: volume,
      secret: { secretName, items: [{ key, path }], defaultMode: 0o400 },
    });
    expect(authServerVolumes(TYPICAL)).toEqual([
      file('authserver-signing-key-0', 'as-keys', 'current.pem', 'key-0.pem'),
      file('authserver-signing-key-1', 'as-keys', 'previous.pem', 'key-1.pem'),
      file('authserver-hmac-secret-0', 'as-hmac', 'current', 'hmac-0'),
      file('redis-tls-ca-master', 'redis-ca', 'ca.pem', 'ca.crt'),
    ]);
    const mount = (name: string, directory: string, subPath: string) => ({
      name,
      mountPath: `/etc/toolhive/authserver/${directory}/${subPath}`,
      subPath,
      readOnly: true,
    });
    expect(authServerVolumeMounts(TYPICAL)).toEqual([
      mount('authserver-signing-key-0', 'keys', 'key-0.pem'),
      mount('authserver-signing-key-1', 'keys', 'key-1.pem'),
      mount('authserver-hmac-secret-0', 'hmac', 'hmac-0'),
      mount('redis-tls-ca-master', 'redis-tls', 'ca.crt'),
    ]);
  });

  it('has nothing of a Redis that is not used', () => {
    const server: Server = { ...TYPICAL, storage: { ...TYPICAL.storage, type: 'memory' } };
    expect(authServerVolumes(server).map(({ name }) => name)).not.toContain('redis-tls-ca-master');
    expect(authServerEnv(server)).toHaveLength(2);
  });

  it('tells providers apart whose names differ by a hyphen', () => {
    const oidcConfig = { ...google.oidcConfig, clientSecretRef: { name: 's', key: 'k' } };
    const upstreamProviders = ['a-b', 'a--b'].map((name) => ({ name, type: 'oidc' as const, oidcConfig }));
    expect(authServerEnv({ upstreamProviders }).map(({ name }) => name)).toEqual([
      'TOOLHIVE_UPSTREAM_CLIENT_SECRET_A_B',
      'TOOLHIVE_UPSTREAM_CLIENT_SECRET_A__B',
    ]);
  });
});
