import type { Stored } from '@trueup/core';
import { describe, expect, it } from '@jest/globals';
import { claimsMatcherProblem } from '../claims-matcher.js';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { under } from './auth-server-problem.js';
import { authServerProblem, isPlainHttpIssuer } from './server-problem.js';

type Server = Stored<EmbeddedAuthServer>;
type Upstream = NonNullable<Server['upstreamProviders']>[number];
type Issuer = NonNullable<Server['trustedIssuers']>[number];
type Redis = NonNullable<NonNullable<Server['storage']>['redis']>;

const secret = { name: 'oauth', key: 'cs' };
const okta: Upstream = {
  name: 'okta',
  type: 'oidc',
  oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
};
const endpoints = { authorizationEndpoint: 'https://gh.example.com/a', tokenEndpoint: 'https://gh.example.com/t' };
const github = (oauth2Config: object): Upstream => ({
  name: 'gh',
  type: 'oauth2',
  oauth2Config: { ...endpoints, clientId: 'c', ...oauth2Config },
});
const registering = (dcrConfig: object, oauth2Config: object = {}): Upstream =>
  github({ clientId: '', dcrConfig, ...oauth2Config });
const entra = (oidcConfig: object): Upstream => ({ ...okta, oidcConfig: { ...okta.oidcConfig, ...oidcConfig } });

const server = (fields: Server = {}): Server => ({
  issuer: 'https://mcp.example.com',
  upstreamProviders: [okta],
  ...fields,
});
const upstreams = (...upstreamProviders: Upstream[]) => server({ upstreamProviders });
const trusting = (...trustedIssuers: Issuer[]) => server({ trustedIssuers });
const delegating = { expectedAudience: 'a', allowedDelegateClients: ['c'] };
const issuer = (fields: Issuer): Issuer => ({ issuerUrl: 'https://ti.example.com', ...fields });
const delegator = (fields: Issuer) => trusting(issuer({ ...delegating, ...fields }));
const resource = 'https://r.example.com';
const granting = (grant: object, fields: Issuer = {}): Server =>
  trusting(
    issuer({
      jwtBearerGrant: {
        maxAssertionAge: '5m',
        subjectBindings: [{ subject: 'ci', allowedResources: [resource] }],
        ...grant,
      },
      ...fields,
    }),
  );
const bound = (subject: string, ...allowedResources: string[]) =>
  granting({ subjectBindings: [{ subject, allowedResources }] });
const delegate = {
  clientId: 'agent',
  clientSecretRef: secret,
  scopes: ['openid'],
  audiences: ['https://a.example.com'],
};
const redis = (fields: Redis): Server =>
  server({ storage: { type: 'redis', redis: { aclUserConfig: { passwordSecretRef: secret }, ...fields } } });
const confidential = (fields: Server) => server({ allowConfidentialClientRegistration: true, ...fields });

const ti = 'trustedIssuers: issuer_url "https://ti.example.com": ';
const cleartext = 'confidential clients would send secrets over cleartext HTTP';
const shape =
  "type must be 'oidc' or 'oauth2'; oidcConfig must be set when type is 'oidc' and oauth2Config must be set when type is 'oauth2' (and the other must not be set)";

const VALID: readonly (readonly [string, Server])[] = [
  ['a single upstream', server()],
  ['several upstreams', upstreams(okta, github({}))],
  ['a single upstream by the name that others must not have', upstreams({ ...okta, name: 'default' })],
  ['an upstream that clients are registered with', upstreams(registering({ discoveryUrl: 'https://x.example.com/d' }))],
  ['an upstream on this machine without TLS', upstreams(github({ tokenEndpoint: 'http://127.0.0.1:9000/t' }))],
  [
    'an upstream without TLS that is asked for',
    upstreams(
      github({ tokenEndpoint: 'http://idp.corp/t', insecureAllowHTTP: true, redirectUri: 'http://mcp.corp/cb' }),
    ),
  ],
  ['a redirect URI below localhost', upstreams(entra({ redirectUri: 'http://app.localhost:3000/cb' }))],
  ['an issuer on this machine', server({ issuer: 'http://127.0.0.1:8080' })],
  ['an issuer at [::1]', server({ issuer: 'http://[::1]:8080' })],
  ['an issuer without TLS that is asked for', server({ issuer: 'http://as.example.com', insecureAllowHTTP: true })],
  [
    'confidential clients on this machine that are asked for',
    confidential({ issuer: 'http://localhost:8080', insecureAllowConfidentialOverLoopbackHTTP: true }),
  ],
  ['forced confidential clients', confidential({ forceConfidentialRedirectUris: ['https://x.example.com/cb?a=b'] })],
  ['a trusted issuer', delegator({ actorMatcher: 'claims.azp == "app"', actorClaim: 'azp' })],
  ['any delegate client', delegator({ allowedDelegateClients: ['*'] })],
  ['keys at a private address that is named', delegator({ allowPrivateIPs: true, jwksUrl: 'https://10.0.0.1/keys' })],
  [
    'keys without TLS that are asked for',
    delegator({ insecureAllowHTTP: true, jwksUrl: 'http://ti.example.com/keys' }),
  ],
  [
    'a trusted issuer with a slash at the end',
    trusting(issuer({ ...delegating, issuerUrl: 'https://ti.example.com/' })),
  ],
  ['a JWT-bearer grant', granting({ acceptedAudiences: ['https://mcp.example.com/oauth/token'] })],
  ['delegate clients', server({ delegateClients: [delegate] })],
  ['a Redis', redis({ addr: 'redis:6379' })],
  ['a Redis behind sentinels', redis({ sentinelConfig: { masterName: 'm', sentinelService: { name: 's' } } })],
  [
    'lifespans at their bounds',
    server({ tokenLifespans: { accessTokenLifespan: '1m', refreshTokenLifespan: '720h', authCodeLifespan: '30s' } }),
  ],
  ['settings of what is switched off', server({ cimd: { enabled: false, cacheFallbackTtl: 'never' } })],
];

/** Rules in the order of the specification: what they say, and where. */
const INVALID: readonly (readonly [Server, path: string, message: string])[] = [
  [upstreams(), 'upstreamProviders', 'at least one upstream provider is required'],
  [{}, 'upstreamProviders', 'at least one upstream provider is required'],

  // Confidential clients need TLS.
  [
    confidential({ insecureAllowHTTP: true }),
    'allowConfidentialClientRegistration',
    `allow_confidential_client_registration cannot be combined with insecure_allow_http: ${cleartext}`,
  ],
  [
    server({ delegateClients: [delegate], insecureAllowHTTP: true }),
    'delegateClients',
    `delegate_clients cannot be combined with insecure_allow_http: ${cleartext}`,
  ],
  ...['http://LOCALHOST:8080', 'http://127.9.9.9', 'http://[::1]:8080'].map(
    (url) =>
      [
        confidential({ issuer: url }),
        'allowConfidentialClientRegistration',
        `allow_confidential_client_registration cannot be combined with a plain-HTTP loopback issuer ("${url}") unless insecure_allow_confidential_over_loopback_http is set: ${cleartext}`,
      ] as const,
  ),
  [
    server({ delegateClients: [delegate], issuer: 'http://localhost' }),
    'delegateClients',
    `delegate_clients cannot be combined with a plain-HTTP loopback issuer ("http://localhost") unless insecure_allow_confidential_over_loopback_http is set: ${cleartext}`,
  ],

  // Clients that are made confidential.
  [
    server({ forceConfidentialRedirectUris: ['https://x.example.com/cb'] }),
    'forceConfidentialRedirectUris',
    'force_confidential_redirect_uris requires allow_confidential_client_registration to be true',
  ],
  ...(
    [
      ['ftp://x/cb', ': redirect_uri must use http (for loopback) or https scheme'],
      ['http://x.example.com/cb', ': redirect_uri must use http (for loopback) or https scheme'],
      ['/cb', ': redirect_uri must be an absolute URI without a fragment'],
      ['https://x.example.com/cb#a', ': redirect_uri must be an absolute URI without a fragment'],
      [`https://x.example.com/${'c'.repeat(2048)}`, ': redirect_uri too long (maximum 2048 characters)'],
      [
        'https://x.example.com/%zz',
        ': invalid redirect_uri format: it has characters or escapes that no URI has, or a malformed scheme, host or port',
      ],
      [
        'https://localhost/cb',
        ' must not be a loopback redirect URI; a loopback client is a public client by construction and must not be issued a secret',
      ],
      [
        'http://127.0.0.1:80/cb',
        ' must not be a loopback redirect URI; a loopback client is a public client by construction and must not be issued a secret',
      ],
    ] as const
  ).map(
    ([uri, message]) =>
      [
        confidential({ forceConfidentialRedirectUris: ['https://ok.example.com', uri] }),
        'forceConfidentialRedirectUris[1]',
        `force_confidential_redirect_uris: "${uri}"${message}`,
      ] as const,
  ),

  // Trusted issuers, rules 1 to 20 and 22; 21 takes a workload.
  [trusting({}), 'trustedIssuers[0]', 'trustedIssuers: issuer_url is required'],
  [trusting(issuer({})), 'trustedIssuers[0]', `${ti}expected_audience is required when JWT-bearer grant is disabled`],
  [
    trusting({ ...delegating, issuerUrl: 'https://mcp.example.com' }),
    'trustedIssuers[0]',
    `trustedIssuers: issuer_url "https://mcp.example.com": must not equal the authorization server's own issuer; self-issued tokens are already handled separately`,
  ],
  [trusting(issuer(delegating), issuer(delegating)), 'trustedIssuers[1]', `${ti}configured more than once`],
  ...['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'name', 'email', 'scope', 'scp', 'may_act'].map(
    (claim) =>
      [
        delegator({ actorClaim: claim }),
        'trustedIssuers[0]',
        `${ti}actor_claim "${claim}" is not supported (use "client_id" or a non-registered claim such as "azp", "appid", "cid")`,
      ] as const,
  ),
  [
    delegator({ actorMatcher: 'this is not cel (' }),
    'trustedIssuers[0]',
    `${ti}invalid actor_matcher: Unexpected character: 's'`,
  ],
  ...[{ actorClaim: 'azp' }, { actorMatcher: 'true' }, { allowMayAct: true }, { allowedActors: ['app'] }].map(
    (fields) =>
      [
        granting({}, fields),
        'trustedIssuers[0]',
        `${ti}expected_audience is required when actor_claim, actor_matcher, allow_may_act, or allowed_actors is set`,
      ] as const,
  ),
  [
    trusting(issuer({ expectedAudience: 'a' })),
    'trustedIssuers[0]',
    `${ti}allowed_delegate_clients is required; set it to ["*"] to permit any ToolHive confidential client holding the token-exchange grant, or list specific client IDs to bind delegation to them — an issuer with no entries can never authorize a delegated exchange`,
  ],
  [
    delegator({ allowedDelegateClients: ['c', ''] }),
    'trustedIssuers[0]',
    `${ti}allowed_delegate_clients must not contain an empty client ID`,
  ],
  [
    delegator({ allowedDelegateClients: ['*', 'c'] }),
    'trustedIssuers[0]',
    `${ti}allowed_delegate_clients must not combine the wildcard "*" with specific client IDs`,
  ],
  [
    delegator({ allowedDelegateClients: ['*'], allowMayAct: true }),
    'trustedIssuers[0]',
    `${ti}allow_may_act must not be enabled when allowed_delegate_clients contains the wildcard "*"`,
  ],
  ...[undefined, '', '5', '0s', '-5m'].map(
    (maxAssertionAge) =>
      [
        granting({ maxAssertionAge }),
        'trustedIssuers[0]',
        `${ti}jwt_bearer_grant.max_assertion_age must be a positive duration`,
      ] as const,
  ),
  [granting({ subjectBindings: [] }), 'trustedIssuers[0]', `${ti}jwt_bearer_grant.subject_bindings is required`],
  ...['', '*'].map(
    (subject) =>
      [
        bound(subject, resource),
        'trustedIssuers[0]',
        `${ti}jwt_bearer_grant.subject_bindings contains an empty or wildcard subject`,
      ] as const,
  ),
  [
    granting({
      subjectBindings: [
        { subject: 'ci', allowedResources: [resource] },
        { subject: 'ci', allowedResources: [resource] },
      ],
    }),
    'trustedIssuers[0]',
    `${ti}jwt_bearer_grant.subject_bindings contains duplicate subject "ci"`,
  ],
  [bound('a'), 'trustedIssuers[0]', `${ti}jwt_bearer_grant subject "a" has no allowed_resources`],
  [bound('a', ''), 'trustedIssuers[0]', `${ti}jwt_bearer_grant subject "a" has an empty or wildcard resource`],
  [bound('a', '*'), 'trustedIssuers[0]', `${ti}jwt_bearer_grant subject "a" has an empty or wildcard resource`],
  ...(
    [
      ['r', 'Resource must be an absolute URI'],
      ['https:///r', 'Resource must include a host'],
      ['https://r#f', 'Resource must not contain a fragment'],
      ['ftp://r', 'Resource must use http or https scheme'],
      ['https://r:x/', 'Resource parameter is not a valid URI: https://r:x/'],
    ] as const
  ).flatMap(([uri, hint]) => [
    [
      bound('a', uri),
      'trustedIssuers[0]',
      `${ti}jwt_bearer_grant subject "a" resource "${uri}" is invalid: invalid_target: ${hint}`,
    ] as const,
    [
      granting({ acceptedAudiences: [uri] }),
      'trustedIssuers[0]',
      `${ti}jwt_bearer_grant.accepted_audiences value "${uri}" is invalid: invalid_target: ${hint}`,
    ] as const,
  ]),
  [
    granting({ acceptedAudiences: [''] }),
    'trustedIssuers[0]',
    `${ti}jwt_bearer_grant.accepted_audiences must not contain an empty value`,
  ],
  [
    delegator({ allowPrivateIPs: true }),
    'trustedIssuers[0]',
    `${ti}allow_private_ips requires jwks_url to be set explicitly; otherwise OIDC discovery — fetched from the external issuer — would choose the private target`,
  ],

  // Upstreams.
  [upstreams(okta, okta), 'upstreamProviders[1]', 'upstreamProviders[1]: duplicate name "okta"'],
  [upstreams({ name: 'a', type: 'oidc' }), 'upstreamProviders[0]', `upstreamProviders[0]: ${shape}`],
  [upstreams({ ...github({}), type: 'oidc' }), 'upstreamProviders[0]', `upstreamProviders[0]: ${shape}`],
  [upstreams({ ...github({}), ...okta, type: 'oauth2' }), 'upstreamProviders[0]', `upstreamProviders[0]: ${shape}`],
  [upstreams({ name: 'a' }), 'upstreamProviders[0]', `upstreamProviders[0]: ${shape}`],
  ...(
    [
      [github({ clientId: '' }), ': exactly one of clientId or dcrConfig must be set'],
      [github({ dcrConfig: {} }), ': exactly one of clientId or dcrConfig must be set'],
      [
        registering({ discoveryUrl: 'https://x' }, { clientSecretRef: secret }),
        ': clientSecretRef must not be set when dcrConfig is set; the client_secret is obtained at runtime via Dynamic Client Registration',
      ],
      [registering({}), '.dcrConfig: exactly one of discoveryUrl or registrationEndpoint must be set'],
      [
        registering({ discoveryUrl: 'https://x', registrationEndpoint: 'https://x' }),
        '.dcrConfig: exactly one of discoveryUrl or registrationEndpoint must be set',
      ],
      [
        registering({ discoveryUrl: `https://${'x'.repeat(2048)}` }),
        '.dcrConfig.discoveryUrl: length 2056 exceeds maximum 2048',
      ],
      [
        registering({ registrationEndpoint: `https://${'x'.repeat(2048)}` }),
        '.dcrConfig.registrationEndpoint: length 2056 exceeds maximum 2048',
      ],
      [
        registering({ discoveryUrl: 'https://x', softwareStatement: 'x'.repeat(16385) }),
        '.dcrConfig.softwareStatement: length 16385 exceeds maximum 16384',
      ],
      [
        github({ identityFromToken: { subjectPath: '' } }),
        '.identityFromToken.subjectPath must not be empty when identityFromToken is set',
      ],
    ] as const
  ).map(
    ([upstream, message]) =>
      [upstreams(okta, upstream), 'upstreamProviders[1]', `upstreamProviders[1]: oauth2Config${message}`] as const,
  ),
  ...[
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'code_challenge',
    'code_challenge_method',
    'nonce',
  ].map(
    (parameter) =>
      [
        upstreams(entra({ additionalAuthorizationParams: { prompt: 'login', [parameter]: 'x' } })),
        'upstreamProviders[0].additionalAuthorizationParams',
        `upstreamProviders[0].additionalAuthorizationParams: reserved parameter "${parameter}" is managed by the framework and cannot be overridden`,
      ] as const,
  ),
  [
    upstreams(github({ additionalAuthorizationParams: { state: 'x', nonce: 'y' } })),
    'upstreamProviders[0].additionalAuthorizationParams',
    'upstreamProviders[0].additionalAuthorizationParams: reserved parameter "nonce" is managed by the framework and cannot be overridden',
  ],

  // What a pod would not start with: the URLs of the server itself.
  ...(
    [
      ['', 'issuer is required'],
      ['mcp.example.com', 'scheme is required'],
      ['https:///x', 'host is required'],
      ['https://mcp.example.com?a', 'must not contain query component'],
      ['https://mcp.example.com#a', 'must not contain fragment component'],
      ['https://u:p@mcp.example.com', 'must not contain userinfo (credentials in the URL)'],
      ['ftp://mcp.example.com', 'scheme must be https (or http for localhost)'],
      ['http://as.example.com:80', 'http scheme is only allowed for localhost, use https for as.example.com:80'],
      ['https://mcp.example.com/', 'must not have trailing slash'],
      [
        'https://mcp example.com',
        'invalid URL: it has characters or escapes that no URI has, or a malformed scheme, host or port',
      ],
    ] as const
  ).flatMap(([url, message]) => [
    [server({ issuer: url }), 'issuer', `issuer: ${message}`] as const,
    ...(url === ''
      ? []
      : [
          [
            server({ authorizationEndpointBaseUrl: url }),
            'authorizationEndpointBaseUrl',
            `authorization_endpoint_base_url: ${message}`,
          ] as const,
        ]),
  ]),

  // The names of upstreams.
  [
    upstreams(okta, { ...github({}), name: '' }),
    'upstreamProviders[1].name',
    'upstream[1]: name must be explicitly set when multiple upstreams are configured',
  ],
  [
    upstreams({ ...okta, name: 'default' }, github({})),
    'upstreamProviders[0].name',
    'upstream[0]: name "default" is reserved for single-upstream configs; use a descriptive name',
  ],
  [
    upstreams({ ...okta, name: 'Okta' }),
    'upstreamProviders[0].name',
    'upstream[0]: name "Okta" must match ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ (lowercase alphanumeric and hyphens)',
  ],

  // The settings of upstreams.
  ...(
    [
      [entra({ issuerUrl: '' }), 'issuer is required for OIDC providers'],
      [
        entra({ issuerUrl: 'http://idp.example.com' }),
        'invalid issuer URL: endpoint must use HTTPS: http://idp.example.com',
      ],
      [entra({ issuerUrl: 'https://' }), 'invalid issuer URL: endpoint must be an absolute URL with a host: https://'],
      [
        entra({ subjectClaim: '1x' }),
        'subject_claim "1x" must be a claim name: start with a letter or underscore and use only letters, digits, and underscores',
      ],
      [entra({ clientId: '' }), 'client_id is required'],
      [entra({ scopes: ['email'] }), 'openid scope is required for OIDC provider; add it to oidcConfig.scopes'],
      [
        entra({ redirectUri: 'http://mcp.example.com/cb' }),
        'redirect_uri must use http (for loopback) or https scheme',
      ],
      [github({ authorizationEndpoint: '' }), 'authorization_endpoint is required for OAuth2 providers'],
      [github({ tokenEndpoint: undefined }), 'token_endpoint is required for OAuth2 providers'],
      [
        github({ authorizationEndpoint: 'http://x/a' }),
        'invalid authorization_endpoint: endpoint must use HTTPS: http://x/a',
      ],
      [github({ tokenEndpoint: 'http://x/t' }), 'invalid token_endpoint: endpoint must use HTTPS: http://x/t'],
      [github({ userInfo: {} }), 'invalid userinfo config: endpoint_url is required'],
      [
        github({ userInfo: { endpointUrl: 'https://x/%' } }),
        'invalid userinfo config: endpoint_url must be a valid URL',
      ],
      [
        github({ userInfo: { endpointUrl: '/me' } }),
        'invalid userinfo config: endpoint_url must be an absolute URL with scheme and host',
      ],
      [
        github({ userInfo: { endpointUrl: 'ftp://x/me' } }),
        'invalid userinfo config: endpoint_url must use http or https scheme',
      ],
      [
        github({ userInfo: { endpointUrl: 'http://x/me' }, insecureAllowHTTP: true }),
        'invalid userinfo config: endpoint_url with http scheme requires loopback address (127.0.0.1, ::1, or localhost)',
      ],
      [
        github({ userInfo: { endpointUrl: 'https://x/me', httpMethod: 'PUT' } }),
        'invalid userinfo config: http_method must be GET or POST',
      ],
      [
        github({ tokenResponseMapping: {} }),
        'token_response_mapping.access_token_path is required when token_response_mapping is set',
      ],
      [github({ redirectUri: 'app://cb', insecureAllowHTTP: true }), 'redirect_uri must use http or https scheme'],
    ] as const
  ).map(
    ([upstream, message]) => [upstreams(upstream), 'upstreamProviders[0]', `upstreamProviders[0]: ${message}`] as const,
  ),

  // Delegate clients, as far as no workload is needed.
  ...(
    [
      [{ clientId: '' }, 'client_id is required'],
      [
        { clientSecretRef: { name: 'x', key: '' } },
        'client_id "agent": client_secret_file or client_secret_env_var is required',
      ],
      [
        { clientId: 'synthetic:a' },
        'client_id "synthetic:a": begins with "synthetic:", as only clients do that the server makes up',
      ],
      [{ scopes: [] }, 'client_id "agent": scopes is required'],
      [{ audiences: [] }, 'client_id "agent": audiences is required'],
    ] as const
  ).map(
    ([fields, message]) =>
      [
        server({ delegateClients: [{ ...delegate, ...fields }] }),
        'delegateClients[0]',
        `delegate_clients: ${message}`,
      ] as const,
  ),
  [
    server({ delegateClients: [delegate, delegate] }),
    'delegateClients[1]',
    'delegate_clients: duplicate client_id "agent"',
  ],

  // The URLs of trusted issuers.
  [
    trusting(issuer({ ...delegating, issuerUrl: 'http://localhost' })),
    'trustedIssuers[0]',
    'trustedIssuers: issuer_url "http://localhost": http scheme is only allowed for localhost, use https for localhost',
  ],
  ...(
    [
      ['https://', 'host is required'],
      ['https://u@x', 'must not contain userinfo (credentials in the URL)'],
      ['http://x', 'must use HTTPS, got "http"'],
      ['x', 'host is required'],
      ['https://10.1.2.3/keys', 'must not point to a private or loopback address'],
      ['https://[fd00::1]/keys', 'must not point to a private or loopback address'],
      ['https://127.0.0.1/keys', 'must not point to a private or loopback address'],
      ['https://x:y', 'invalid URL: it has characters or escapes that no URI has, or a malformed scheme, host or port'],
    ] as const
  ).map(
    ([jwksUrl, message]) =>
      [delegator({ jwksUrl }), 'trustedIssuers[0]', `trustedIssuers: jwks_url "${jwksUrl}": ${message}`] as const,
  ),

  // Times.
  ...(
    [
      ['accessTokenLifespan', '59s', 'access token lifespan must be between 1m0s and 24h0m0s'],
      ['accessTokenLifespan', '24h1s', 'access token lifespan must be between 1m0s and 24h0m0s'],
      ['refreshTokenLifespan', '30m', 'refresh token lifespan must be between 1h0m0s and 720h0m0s'],
      ['refreshTokenLifespan', '721h', 'refresh token lifespan must be between 1h0m0s and 720h0m0s'],
      ['authCodeLifespan', '1s', 'authorization code lifespan must be between 30s and 10m0s'],
      ['authCodeLifespan', '11m', 'authorization code lifespan must be between 30s and 10m0s'],
      ['authCodeLifespan', 'soon', 'invalid auth code lifespan: "soon" is not a duration like 1h30m'],
    ] as const
  ).map(
    ([field, lifespan, message]) =>
      [server({ tokenLifespans: { [field]: lifespan } }), `tokenLifespans.${field}`, message] as const,
  ),
  [
    server({ cimd: { enabled: true, cacheMaxSize: -1 } }),
    'cimd.cacheMaxSize',
    'cimd: cache_max_size must be non-negative when CIMD is enabled, got -1',
  ],
  [
    server({ cimd: { enabled: true, cacheFallbackTtl: '0s' } }),
    'cimd.cacheFallbackTtl',
    'cimd: cache_fallback_ttl must be positive when CIMD is enabled, got 0s',
  ],
  [
    server({ cimd: { enabled: true, cacheFallbackTtl: 'never' } }),
    'cimd.cacheFallbackTtl',
    'cimd: cache_fallback_ttl: "never" is not a duration like 5m',
  ],

  // Storage.
  ...(
    [
      [server({ storage: { type: 'redis' } }), 'redis config is required when storage type is redis'],
      [
        redis({ addr: 'r:1', sentinelConfig: { masterName: 'm' } }),
        'addr and sentinelConfig are mutually exclusive for Redis storage',
      ],
      [redis({}), 'one of addr (standalone or cluster) or sentinelConfig (Sentinel) is required for Redis storage'],
      [redis({ addr: 'r:1', aclUserConfig: {} }), 'ACL user config is required for Redis storage'],
      [
        redis({ sentinelConfig: { masterName: 'm' } }),
        'failed to resolve sentinel addresses: either sentinelAddrs or sentinelService must be specified',
      ],
    ] as const
  ).map(([given, message]) => [given, 'storage', `storage: ${message}`] as const),
];

describe('authServerProblem', () => {
  it.each(VALID)('has nothing against %s', (_, given) => {
    expect(authServerProblem(given)).toBeUndefined();
  });

  it.each(INVALID.map(([given, path, message]) => ({ given, path, message })))(
    'says at $path: $message',
    ({ given, path, message }) => {
      expect(authServerProblem(given)).toEqual({ path, message });
    },
  );

  it('refuses a storage of a type there is not', () => {
    const storage: object = { type: 'disk' };
    expect(authServerProblem(server({ storage }))?.message).toBe('storage: unsupported storage type: disk');
  });
});

describe('under', () => {
  it.each([
    [upstreams(okta, okta), 'spec.authServerConfig.upstreamProviders[1]: duplicate name "okta"'],
    [upstreams(), 'spec.authServerConfig: at least one upstream provider is required'],
    [
      server({ issuer: 'http://x' }),
      'spec.authServerConfig.issuer: http scheme is only allowed for localhost, use https for x',
    ],
  ])('says where in a larger spec the problem is (%#)', (given, message) => {
    const problem = authServerProblem(given);
    expect(problem && under('spec.authServerConfig', problem)).toBe(message);
  });
});

describe('isPlainHttpIssuer', () => {
  it.each([
    [{ issuer: 'http://as.example.com' }, true],
    [{ issuer: 'http://as.example.com', insecureAllowHTTP: true }, false],
    [{ issuer: 'http://localhost:8080' }, false],
    [{ issuer: 'https://as.example.com' }, false],
    [{}, false],
  ])('of %j is %s', (given, expected) => {
    expect(isPlainHttpIssuer(given)).toBe(expected);
  });
});

describe('claimsMatcherProblem', () => {
  it.each([
    'true',
    'claims["sub"] == "ci"',
    'has(claims.groups) && claims.groups.exists(g, g.startsWith("team-"))',
    'claims.email.matches("^[a-z]+@example[.]com$")',
    'claims.is_admin',
    'timestamp(claims.iat) < timestamp("2030-01-01T00:00:00Z")',
  ])('accepts %s', (expression) => {
    expect(claimsMatcherProblem(expression)).toBeUndefined();
  });

  it.each([
    ['', 'Unexpected token: EOF'],
    ['claims.sub = "x"', 'Unexpected character: ='],
    ['subject == "x"', 'Unknown variable: subject'],
    ['size(claims.groups)', 'expression must result in a bool, not in int'],
    ['"yes"', 'expression must result in a bool, not in string'],
    ['1 + true', 'no such overload: int + bool'],
    ['nonsense(claims)', expect.stringContaining('nonsense')],
    ['('.repeat(4_000), 'Exceeded maxDepth (250)'],
    ['!'.repeat(4_000) + 'true', 'expression is nested too deeply'],
    ['true && '.repeat(10_000), 'expression is longer than 32768 characters'],
  ])('says what is wrong with %#', (expression, problem) => {
    expect(claimsMatcherProblem(expression)).toEqual(problem);
  });
});
