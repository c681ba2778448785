import { describe, expect, it } from '@jest/globals';
import { baselineScopesProblem, baselineScopesVerdict } from './baseline-scopes.js';
import { identitySynthesizedVerdict } from './identity-synthesized.js';
import { authServerIntegrationProblem, type AuthServerIntegration } from './integration-problem.js';
import { keyMaterialProblem, keyMaterialVerdict } from './key-material.js';
import { redirectUriVerdict } from './redirect-reachability.js';

const absent = { kind: 'absent' };
const endpoints = { authorizationEndpoint: 'https://gh/a', tokenEndpoint: 'https://gh/t', clientId: 'c' };
const oauth2 = (name: string, fields: object = {}) => ({
  name,
  type: 'oauth2' as const,
  oauth2Config: { ...endpoints, ...fields },
});
const oidc = (name: string, fields: object = {}) => ({ name, type: 'oidc' as const, oidcConfig: fields });

describe('BaselineScopesValid', () => {
  it.each([
    [['offline_access'], [], undefined],
    [['offline_access'], undefined, undefined],
    [
      ['offline_access'],
      ['openid', 'email'],
      'baselineClientScopes contains "offline_access" which is not in the supported scopes [openid email]',
    ],
    [['offline_access'], ['openid', 'offline_access'], undefined],
    [
      ['repo'],
      [],
      'baselineClientScopes contains "repo" which is not in the supported scopes [openid profile email offline_access]',
    ],
    [
      ['b', 'openid', 'a'],
      ['openid', 'profile'],
      'baselineClientScopes contains "b", "a" which are not in the supported scopes [openid profile]',
    ],
    [[], ['openid'], undefined],
  ])('of %j with %j supported says %s', (baselineClientScopes, supported, problem) => {
    expect(baselineScopesProblem({ baselineClientScopes }, supported)).toBe(problem);
  });

  it.each([
    [undefined, absent],
    [{}, absent],
    [{ baselineClientScopes: [] }, absent],
    [
      { baselineClientScopes: ['openid'] },
      {
        status: 'True',
        reason: 'BaselineScopesSupported',
        message: 'All baselineClientScopes are in the supported scopes',
      },
    ],
    [
      { baselineClientScopes: ['repo'] },
      {
        status: 'False',
        reason: 'BaselineScopeNotSupported',
        message: 'baselineClientScopes contains "repo" which is not in the supported scopes [openid]',
      },
    ],
  ])('of %j is %j', (server, expected) => {
    expect(baselineScopesVerdict(server, ['openid'])).toMatchObject(expected);
  });
});

describe('IdentitySynthesized', () => {
  it.each([
    [
      'names the upstreams that nobody asks about users, sorted',
      [oauth2('b'), oauth2('a')],
      'True',
      '[a b] have no userInfo',
    ],
    [
      'is False for OpenID Connect',
      [oidc('okta')],
      'False',
      'All OAuth2 upstreams have userInfo configured; user identity is resolved from the upstream',
    ],
    ['is False with a userinfo endpoint', [oauth2('a', { userInfo: { endpointUrl: 'https://gh/u' } })], 'False', 'All'],
    [
      'is False with an identity in the token',
      [oauth2('a', { identityFromToken: { subjectPath: 'id' } })],
      'False',
      'All',
    ],
    ['is False without any upstream', [], 'False', 'All'],
  ])('%s', (_, upstreamProviders, status, message) => {
    expect(identitySynthesizedVerdict({ upstreamProviders })).toMatchObject({
      status,
      message: expect.stringContaining(message),
    });
  });

  it('is absent without a server', () => {
    expect(identitySynthesizedVerdict(undefined)).toEqual(absent);
  });
});

describe('AuthServerKeyMaterial', () => {
  const ref = { name: 'keys', key: 'k' };
  const both = { signingKeySecretRefs: [ref], hmacSecretRefs: [ref] };
  const field = 'spec.authServerConfig';
  const message =
    'spec.authServerConfig has no signingKeySecretRefs or hmacSecretRefs; tokens are lost on restart and cannot be shared between replicas';

  it.each([{}, { signingKeySecretRefs: [ref] }, { hmacSecretRefs: [ref] }])('warns of %j', (server) => {
    expect(keyMaterialVerdict(server, field)).toMatchObject({ status: 'False', reason: 'EphemeralKeys', message });
  });

  it.each([undefined, both])('has nothing to say about %j', (server) => {
    expect(keyMaterialVerdict(server, field)).toEqual(absent);
  });

  it.each([
    [{}, undefined, undefined],
    [{}, 1, undefined],
    [{}, 2, message],
    [{ storage: { type: 'redis' as const, redis: {} } }, 1, message],
    [both, 2, undefined],
  ])('makes %j with %j replicas a problem only where keys must be shared', (server, replicas, problem) => {
    expect(keyMaterialProblem(server, replicas, field)).toBe(problem);
  });
});

describe('UpstreamRedirectURIReachable', () => {
  const upstreamProviders = [oidc('a'), oidc('b', { redirectUri: 'https://x/cb' }), oauth2('c')];

  it('names the upstreams whose default stands below a path of the resource', () => {
    expect(redirectUriVerdict({ upstreamProviders }, 'https://mcp.example.com/mcp/')).toMatchObject({
      status: 'Unknown',
      reason: 'DefaultRedirectURIHasPath',
      message: expect.stringContaining('[a c] send users back to /mcp/oauth/callback'),
    });
  });

  it.each([
    [{ upstreamProviders }, 'https://mcp.example.com/'],
    [{ upstreamProviders: [oidc('b', { redirectUri: 'https://x/cb' })] }, 'https://mcp.example.com/mcp'],
    [{ upstreamProviders }, undefined],
    [undefined, 'https://mcp.example.com/mcp'],
  ])('is absent where the default is where the server listens (%#)', (server, resourceUrl) => {
    expect(redirectUriVerdict(server, resourceUrl)).toEqual(absent);
  });
});

describe('authServerIntegrationProblem', () => {
  const fits: AuthServerIntegration = {
    runConfig: {
      issuer: 'https://mcp.example.com',
      upstreams: [{ name: 'okta' }],
      allowed_audiences: ['https://mcp.example.com/mcp'],
    },
    incomingOidc: { issuer: 'https://mcp.example.com', audience: 'https://mcp.example.com/mcp' },
    upstreamInjects: [{ backend: 'gh', providerName: 'okta' }],
  };
  const { runConfig } = fits;

  it.each<[string, AuthServerIntegration]>([
    ['all agrees', fits],
    ['there is neither a server nor a use for one', { upstreamInjects: [] }],
    ['tokens are checked for no audience', { ...fits, incomingOidc: { issuer: 'https://mcp.example.com' } }],
    [
      'the only upstream has no name',
      {
        ...fits,
        runConfig: {
          issuer: 'https://mcp.example.com',
          allowed_audiences: ['https://mcp.example.com/mcp'],
          upstreams: [{}],
        },
        upstreamInjects: [{ backend: 'gh', providerName: 'default' }],
      },
    ],
  ])('has nothing to say when %s', (_, integration) => {
    expect(authServerIntegrationProblem(integration)).toBeUndefined();
  });

  it.each([
    [{ runConfig: undefined }, 'upstream_inject requires an embedded auth server (authServer must be configured)'],
    [{ runConfig: { ...runConfig, issuer: '' } }, 'auth server issuer is required'],
    [{ runConfig: { ...runConfig, upstreams: [] } }, 'auth server requires at least one upstream'],
    [
      { runConfig: { ...runConfig, allowed_audiences: [] } },
      'auth server requires at least one allowed audience (MCP clients must send RFC 8707 resource parameter)',
    ],
    [{ incomingOidc: undefined }, 'embedded auth server requires OIDC incoming auth'],
    [
      {
        upstreamInjects: [
          { backend: 'gh', providerName: 'gitlab' },
          { backend: '<default-strategy>', providerName: 'x' },
        ],
      },
      'backend "gh": upstream_inject providerName "gitlab" not found in auth server upstreams',
    ],
    [
      { incomingOidc: { issuer: 'https://mcp.example.com/', audience: 'https://mcp.example.com/mcp' } },
      'auth server issuer mismatch: auth server issuer "https://mcp.example.com" != incomingAuth.oidc.issuer "https://mcp.example.com/"',
    ],
    [
      { incomingOidc: { issuer: 'https://mcp.example.com', audience: 'vmcp' } },
      `incomingAuth.oidc.audience "vmcp" not in auth server's allowed audiences [https://mcp.example.com/mcp]`,
    ],
  ])('says of %j: %s', (difference, problem) => {
    expect(authServerIntegrationProblem({ ...fits, ...difference } as AuthServerIntegration)).toBe(problem);
  });
});
