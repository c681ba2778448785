import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { specProblem } from './spec-problem.js';

type Spec = Parameters<typeof specProblem>[0];
type Server = NonNullable<Spec['embeddedAuthServer']>;
type Upstream = NonNullable<Server['upstreamProviders']>[number];
type Issuer = NonNullable<Server['trustedIssuers']>[number];

const secret = { name: 'oauth', key: 'cs' };
const tokenExchange = { tokenUrl: 'https://oauth.example.com/token', audience: 'backend' };
const okta: Upstream = {
  name: 'okta',
  type: 'oidc',
  oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
};
const endpoints = { authorizationEndpoint: 'https://gh.example.com/a', tokenEndpoint: 'https://gh.example.com/t' };
const github = (oauth2Config: object): Upstream => ({
  name: 'gh',
  type: 'oauth2',
  oauth2Config: { ...endpoints, ...oauth2Config },
});

const embedded = (server: Partial<Server> = {}): Spec => ({
  type: 'embeddedAuthServer',
  embeddedAuthServer: { issuer: 'https://mcp.example.com', upstreamProviders: [okta], ...server },
});
const trusting = (...issuers: Issuer[]) => embedded({ trustedIssuers: issuers });
const ti = (issuer: Issuer): Issuer => ({ issuerUrl: 'https://ti.example.com', ...issuer });
const delegating = { expectedAudience: 'a', allowedDelegateClients: ['c'] };
const grant = (jwtBearerGrant: object): Issuer =>
  ti({
    jwtBearerGrant: {
      maxAssertionAge: '5m',
      subjectBindings: [{ subject: 'ci', allowedResources: ['https://r.example.com'] }],
      ...jwtBearerGrant,
    },
  });
const aws = (awsSts: object): Spec => ({ type: 'awsSts', awsSts: { region: 'us-east-1', ...awsSts } });
const arn = 'arn:aws:iam::123456789012:role/R';

const valid: readonly (readonly [string, Spec])[] = [
  ['tokenExchange', { type: 'tokenExchange', tokenExchange: { ...tokenExchange, clientSecretRef: secret } }],
  ['headerInjection', { type: 'headerInjection', headerInjection: { headerName: 'X-Key', valueSecretRef: secret } }],
  ['bearerToken', { type: 'bearerToken', bearerToken: { tokenSecretRef: secret } }],
  ['unauthenticated', { type: 'unauthenticated' }],
  ['embeddedAuthServer', embedded()],
  ['embeddedAuthServer with several upstreams', embedded({ upstreamProviders: [okta, github({ clientId: 'c' })] })],
  [
    'embeddedAuthServer with dynamic registration',
    embedded({ upstreamProviders: [github({ dcrConfig: { discoveryUrl: 'https://x.example.com/d' } })] }),
  ],
  ['an issuer on this machine', embedded({ issuer: 'http://127.0.0.1:8080' })],
  ['an issuer without TLS that is asked for', embedded({ issuer: 'http://as.example.com', insecureAllowHTTP: true })],
  [
    'confidential clients on this machine that are asked for',
    embedded({
      issuer: 'http://localhost:8080',
      allowConfidentialClientRegistration: true,
      insecureAllowConfidentialOverLoopbackHTTP: true,
    }),
  ],
  ['a trusted issuer', trusting(ti(delegating))],
  ['a JWT-bearer grant', trusting(grant({ acceptedAudiences: ['https://mcp.example.com/token'] }))],
  ['awsSts', aws({ roleMappings: [{ claim: 'admins', roleArn: arn }] })],
  ['upstreamInject', { type: 'upstreamInject', upstreamInject: { providerName: 'okta' } }],
  ['obo', { type: 'obo', obo: { cacheSkew: '30s' } }],
  ['xaa', { type: 'xaa', xaa: { idpTokenUrl: 'https://i', targetTokenUrl: 'https://t', targetAudience: 'a' } }],
];

const must = (member: string) => `${member} configuration must be set if and only if type is '${member}'`;

const invalid: readonly (readonly [Spec, string])[] = [
  [{ type: 'tokenExchange' }, must('tokenExchange')],
  [{ type: 'tokenExchange', headerInjection: { headerName: 'X' } }, must('tokenExchange')],
  [{ type: 'unauthenticated', tokenExchange }, must('tokenExchange')],
  [{ type: 'tokenExchange', tokenExchange, obo: {} }, must('obo')],
  [{ type: 'xaa' }, must('xaa')],
  [{ type: 'nonsense' as 'xaa' }, 'unsupported auth type: nonsense'],
  [{}, 'unsupported auth type: '],
  [{ type: 'tokenExchange', tokenExchange: { ...tokenExchange, tokenUrl: '' } }, 'spec.tokenExchange.tokenUrl: '],
  [{ type: 'bearerToken', bearerToken: {} }, 'spec.bearerToken.tokenSecretRef: '],
  [
    { type: 'upstreamInject', upstreamInject: { providerName: '' } },
    'upstreamInject requires a non-empty providerName',
  ],
  [{ type: 'obo', obo: { cacheSkew: '-1s' } }, 'obo.cacheSkew: "-1s" must be a duration like 30s, and not negative'],
  [aws({ region: '' }), 'awsSts.region is required'],
  [aws({}), 'awsSts: at least one of fallbackRoleArn or roleMappings must be configured'],
  [aws({ roleMappings: [{ claim: 'a' }] }), 'awsSts.roleMappings[0].roleArn is required'],
  [aws({ roleMappings: [{ roleArn: arn }] }), 'awsSts.roleMappings[0]: exactly one of claim or matcher must be set'],
  [
    aws({ roleMappings: [{ roleArn: arn, claim: 'a', matcher: 'true' }] }),
    'awsSts.roleMappings[0]: claim and matcher are mutually exclusive',
  ],
  [aws({ fallbackRoleArn: arn, sessionDuration: 60 }), 'awsSts.sessionDuration must be between 900 and 43200 seconds'],
  [embedded({ upstreamProviders: [] }), 'at least one upstream provider is required'],
  [
    embedded({ allowConfidentialClientRegistration: true, insecureAllowHTTP: true }),
    'allow_confidential_client_registration cannot be combined with insecure_allow_http: confidential clients would send secrets over cleartext HTTP',
  ],
  [
    embedded({ issuer: 'http://LOCALHOST:8080', allowConfidentialClientRegistration: true }),
    'allow_confidential_client_registration cannot be combined with a plain-HTTP loopback issuer ("http://LOCALHOST:8080") unless insecure_allow_confidential_over_loopback_http is set: confidential clients would send secrets over cleartext HTTP',
  ],
  [
    embedded({ issuer: 'http://as.example.com' }),
    'issuer: http scheme is only allowed for localhost, use https for as.example.com',
  ],
  [
    embedded({ forceConfidentialRedirectUris: ['https://x.example.com/cb'] }),
    'force_confidential_redirect_uris requires allow_confidential_client_registration to be true',
  ],
  [
    embedded({ allowConfidentialClientRegistration: true, forceConfidentialRedirectUris: ['https://localhost/cb'] }),
    'force_confidential_redirect_uris: "https://localhost/cb" must not be a loopback redirect URI; a loopback client is a public client by construction and must not be issued a secret',
  ],
  [
    embedded({ allowConfidentialClientRegistration: true, forceConfidentialRedirectUris: ['ftp://x/cb'] }),
    'force_confidential_redirect_uris: "ftp://x/cb": redirect_uri must use http (for loopback) or https scheme',
  ],
  [trusting({}), 'trustedIssuers: issuer_url is required'],
  [
    trusting(ti({})),
    'trustedIssuers: issuer_url "https://ti.example.com": expected_audience is required when JWT-bearer grant is disabled',
  ],
  [
    trusting({ ...delegating, issuerUrl: 'https://mcp.example.com' }),
    `trustedIssuers: issuer_url "https://mcp.example.com": must not equal the authorization server's own issuer; self-issued tokens are already handled separately`,
  ],
  [
    trusting(ti(delegating), ti(delegating)),
    'trustedIssuers: issuer_url "https://ti.example.com": configured more than once',
  ],
  [
    trusting(ti({ ...delegating, actorClaim: 'sub' })),
    'trustedIssuers: issuer_url "https://ti.example.com": actor_claim "sub" is not supported (use "client_id" or a non-registered claim such as "azp", "appid", "cid")',
  ],
  [
    trusting({ ...grant({}), allowMayAct: true }),
    'trustedIssuers: issuer_url "https://ti.example.com": expected_audience is required when actor_claim, actor_matcher, allow_may_act, or allowed_actors is set',
  ],
  [
    trusting(ti({ expectedAudience: 'a' })),
    'trustedIssuers: issuer_url "https://ti.example.com": allowed_delegate_clients is required; set it to ["*"] to permit any ToolHive confidential client holding the token-exchange grant, or list specific client IDs to bind delegation to them — an issuer with no entries can never authorize a delegated exchange',
  ],
  [
    trusting(ti({ expectedAudience: 'a', allowedDelegateClients: ['*', 'c'] })),
    'trustedIssuers: issuer_url "https://ti.example.com": allowed_delegate_clients must not combine the wildcard "*" with specific client IDs',
  ],
  [
    trusting(ti({ expectedAudience: 'a', allowedDelegateClients: ['*'], allowMayAct: true })),
    'trustedIssuers: issuer_url "https://ti.example.com": allow_may_act must not be enabled when allowed_delegate_clients contains the wildcard "*"',
  ],
  [
    trusting(grant({ maxAssertionAge: undefined })),
    'trustedIssuers: issuer_url "https://ti.example.com": jwt_bearer_grant.max_assertion_age must be a positive duration',
  ],
  [
    trusting(grant({ maxAssertionAge: '0s' })),
    'trustedIssuers: issuer_url "https://ti.example.com": jwt_bearer_grant.max_assertion_age must be a positive duration',
  ],
  [
    trusting(grant({ subjectBindings: [] })),
    'trustedIssuers: issuer_url "https://ti.example.com": jwt_bearer_grant.subject_bindings is required',
  ],
  [
    trusting(grant({ subjectBindings: [{ subject: 'a', allowedResources: [] }] })),
    'trustedIssuers: issuer_url "https://ti.example.com": jwt_bearer_grant subject "a" has no allowed_resources',
  ],
  [
    trusting(ti({ ...delegating, allowPrivateIPs: true })),
    'trustedIssuers: issuer_url "https://ti.example.com": allow_private_ips requires jwks_url to be set explicitly; otherwise OIDC discovery — fetched from the external issuer — would choose the private target',
  ],
  [embedded({ upstreamProviders: [okta, okta] }), 'upstreamProviders[1]: duplicate name "okta"'],
  [
    embedded({ upstreamProviders: [{ name: 'a', type: 'oidc', oauth2Config: {} }] }),
    "upstreamProviders[0]: type must be 'oidc' or 'oauth2'; oidcConfig must be set when type is 'oidc' and oauth2Config must be set when type is 'oauth2' (and the other must not be set)",
  ],
  [
    embedded({ upstreamProviders: [github({ clientId: 'c', dcrConfig: {} })] }),
    'upstreamProviders[0]: oauth2Config: exactly one of clientId or dcrConfig must be set',
  ],
  [
    embedded({ upstreamProviders: [github({ clientId: '', dcrConfig: {} })] }),
    'upstreamProviders[0]: oauth2Config.dcrConfig: exactly one of discoveryUrl or registrationEndpoint must be set',
  ],
  [
    embedded({ upstreamProviders: [github({ clientSecretRef: secret, dcrConfig: { discoveryUrl: 'https://x' } })] }),
    'upstreamProviders[0]: oauth2Config: clientSecretRef must not be set when dcrConfig is set; the client_secret is obtained at runtime via Dynamic Client Registration',
  ],
  [
    embedded({ upstreamProviders: [github({ dcrConfig: { discoveryUrl: `https://${'x'.repeat(2048)}` } })] }),
    'upstreamProviders[0]: oauth2Config.dcrConfig.discoveryUrl: length 2056 exceeds maximum 2048',
  ],
  [
    embedded({
      upstreamProviders: [github({ clientId: 'c', additionalAuthorizationParams: { state: 'x', nonce: 'y' } })],
    }),
    'upstreamProviders[0].additionalAuthorizationParams: reserved parameter "nonce" is managed by the framework and cannot be overridden',
  ],
];

describe('specProblem', () => {
  it.each(valid)('has nothing against %s', (_, spec) => {
    expect(specProblem(spec)).toBeUndefined();
  });

  it.each(invalid)('of %j says what is wrong', (spec, problem) => {
    const found = specProblem(spec) ?? '';
    // What only the schema says is worded by zod.
    expect(problem.endsWith(': ') ? found.slice(0, problem.length) : found).toBe(problem);
  });

  it('says something, and never throws, whatever is missing from a spec', () => {
    const specs = [...valid, ...invalid.map(([spec]) => ['', spec] as const)].map(([, spec]) => spec);
    fc.assert(
      fc.property(fc.constantFrom(...specs), fc.array(fc.nat(60), { maxLength: 3 }), (spec, cuts) => {
        const damaged = cuts.reduce<unknown>((value, cut) => without(value, cut), spec) as Spec;
        expect(['string', 'undefined']).toContain(typeof specProblem(damaged));
      }),
    );
  });
});

/** The value without its n-th field or item, counted through all levels. */
function without(value: unknown, n: number): unknown {
  let left = n;
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).flatMap(([key, member]) =>
      left-- === 0 ? [] : [[key, copy(member)] as const],
    );
    return Array.isArray(node) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
  };
  return copy(value);
}
