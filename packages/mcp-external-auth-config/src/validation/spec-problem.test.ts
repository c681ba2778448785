import { describe, expect, it } from '@jest/globals';
import { validateSpec } from '@trueup/core';
import { randomSpecs, runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { MCPExternalAuthConfigReconciler } from '../reconciler.js';
import { OboHandler } from '../obo-handler.js';
import { MCPExternalAuthConfig } from '../resource.js';
import { specProblem } from './spec-problem.js';

type Spec = Parameters<typeof specProblem>[0];
type Server = NonNullable<Spec['embeddedAuthServer']>;

const secret = { name: 'oauth', key: 'cs' };
const tokenExchange = { tokenUrl: 'https://oauth.example.com/token', audience: 'backend' };
const okta = {
  name: 'okta',
  type: 'oidc' as const,
  oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
};
const embedded = (server: Partial<Server> = {}): Spec => ({
  type: 'embeddedAuthServer',
  embeddedAuthServer: { issuer: 'https://mcp.example.com', upstreamProviders: [okta], ...server },
});
const arn = 'arn:aws:iam::123456789012:role/R';
const aws = (awsSts: object): Spec => ({ type: 'awsSts', awsSts: { region: 'us-east-1', ...awsSts } });
const header = (headerName: string): Spec => ({
  type: 'headerInjection',
  headerInjection: { headerName, valueSecretRef: secret },
});
const xaa = (fields: object = {}): Spec => ({
  type: 'xaa',
  xaa: {
    idpTokenUrl: 'https://idp.example.com/token',
    targetTokenUrl: 'https://t.example.com/token',
    targetAudience: 'a',
    ...fields,
  },
});

const VALID: readonly (readonly [string, Spec])[] = [
  ['tokenExchange', { type: 'tokenExchange', tokenExchange: { ...tokenExchange, clientSecretRef: secret } }],
  ['tokenExchange without a client', { type: 'tokenExchange', tokenExchange }],
  ['headerInjection', header('X-Key')],
  ['bearerToken', { type: 'bearerToken', bearerToken: { tokenSecretRef: secret } }],
  ['unauthenticated', { type: 'unauthenticated' }],
  ['embeddedAuthServer', embedded()],
  ['embeddedAuthServer with several upstreams', embedded({ upstreamProviders: [okta, { ...okta, name: 'b' }] })],
  ['awsSts with a fallback', aws({ fallbackRoleArn: arn })],
  [
    'awsSts with mappings',
    aws({
      roleMappings: [
        { claim: 'admins', roleArn: arn },
        { matcher: '"ci" in claims.groups', roleArn: arn, priority: 1 },
      ],
    }),
  ],
  ['upstreamInject', { type: 'upstreamInject', upstreamInject: { providerName: 'okta' } }],
  ['obo with nothing', { type: 'obo', obo: {} }],
  ['obo', { type: 'obo', obo: { cacheSkew: '30s', tenantId: 'contoso.com' } }],
  ['obo without a margin', { type: 'obo', obo: { cacheSkew: '0' } }],
  ['xaa', xaa()],
  ['xaa without TLS that is asked for', xaa({ targetTokenUrl: 'http://t/token', insecureTargetTokenUrl: true })],
];

const must = (member: string) => `${member} configuration must be set if and only if type is '${member}'`;
const MEMBERS = [
  'obo',
  'tokenExchange',
  'headerInjection',
  'bearerToken',
  'embeddedAuthServer',
  'awsSts',
  'upstreamInject',
  'xaa',
] as const;
const HOP_BY_HOP = 'headerName must not be a hop-by-hop header; proxies do not pass those on';
const TARGET = 'targetTokenUrl must be an https:// URL, or http:// with insecureTargetTokenUrl';

/** What is wrong, by the number of the check in the specification of the kind. */
const INVALID: readonly (readonly [string, Spec, string])[] = [
  ...MEMBERS.map((member) => ['4.1', { type: member }, must(member)] as const),
  ...MEMBERS.map((member) => ['4.1', { type: 'unauthenticated', [member]: {} }, must(member)] as const),
  ['4.1 order', { type: 'xaa', tokenExchange, obo: {} }, must('obo')],
  ['4.1 order', { type: 'tokenExchange', headerInjection: { headerName: 'X' } }, must('tokenExchange')],
  ['4.1 order', { type: 'tokenExchange', tokenExchange, obo: {} }, must('obo')],
  ['4.1', { type: 'nonsense' as 'xaa' }, 'unsupported auth type: nonsense'],
  ['4.1', {}, 'unsupported auth type: '],
  ['4.2', embedded({ upstreamProviders: [] }), 'at least one upstream provider is required'],
  ['4.2', embedded({ upstreamProviders: [okta, okta] }), 'upstreamProviders[1]: duplicate name "okta"'],
  [
    '4.2 issuer',
    embedded({ issuer: 'http://as.example.com' }),
    'issuer: http scheme is only allowed for localhost, use https for as.example.com',
  ],
  [
    '4.2 matcher',
    embedded({
      trustedIssuers: [
        {
          issuerUrl: 'https://ti.example.com',
          expectedAudience: 'a',
          allowedDelegateClients: ['c'],
          actorMatcher: 'claims.azp = "x"',
        },
      ],
    }),
    'trustedIssuers: issuer_url "https://ti.example.com": invalid actor_matcher: Unexpected character: =',
  ],
  ['4.3', aws({ region: '' }), 'awsSts.region is required'],
  ['4.3', aws({ region: undefined, fallbackRoleArn: arn }), 'awsSts.region is required'],
  ['4.3', aws({}), 'awsSts: at least one of fallbackRoleArn or roleMappings must be configured'],
  ['4.3', aws({ roleMappings: [{ claim: 'a' }] }), 'awsSts.roleMappings[0].roleArn is required'],
  [
    '4.3',
    aws({ roleMappings: [{ claim: 'a', roleArn: arn }, { roleArn: arn }] }),
    'awsSts.roleMappings[1]: exactly one of claim or matcher must be set',
  ],
  [
    '4.3',
    aws({ roleMappings: [{ roleArn: arn, claim: 'a', matcher: 'true' }] }),
    'awsSts.roleMappings[0]: claim and matcher are mutually exclusive',
  ],
  [
    '3.4 matcher',
    aws({ roleMappings: [{ roleArn: arn, matcher: 'claims.' }] }),
    'awsSts.roleMappings[0]: invalid matcher: Expected IDENTIFIER, got EOF',
  ],
  [
    '3.4 matcher',
    aws({ roleMappings: [{ roleArn: arn, matcher: 'size(claims.groups)' }] }),
    'awsSts.roleMappings[0]: invalid matcher: expression must result in a bool, not in int',
  ],
  ...[899, 43201].map(
    (sessionDuration) =>
      [
        '4.3',
        aws({ fallbackRoleArn: arn, sessionDuration }),
        'awsSts.sessionDuration must be between 900 and 43200 seconds',
      ] as const,
  ),
  ['4.3', { type: 'upstreamInject', upstreamInject: {} }, 'upstreamInject requires a non-empty providerName'],
  [
    '4.3',
    { type: 'upstreamInject', upstreamInject: { providerName: '' } },
    'upstreamInject requires a non-empty providerName',
  ],
  ...['Connection', 'keep-alive', 'TE', 'transfer-encoding', 'upgrade', 'proxy-authorization'].map(
    (name) => ['3.2', header(name), HOP_BY_HOP] as const,
  ),
  ...['-1s', 'soon', '30', '9999999999h'].map(
    (cacheSkew) =>
      [
        '3.6',
        { type: 'obo', obo: { cacheSkew } },
        `obo.cacheSkew: "${cacheSkew}" must be a duration like 30s, and not negative`,
      ] as const,
  ),
  ['3.7', xaa({ targetTokenUrl: 'http://t.example.com/token' }), TARGET],
  ['3.7', xaa({ targetTokenUrl: 'ftp://t', insecureTargetTokenUrl: true }), TARGET],
];

/** What only the schema says is worded by zod, after the path. */
const INVALID_BY_SCHEMA: readonly (readonly [string, Spec])[] = [
  ['spec.tokenExchange.tokenUrl', { type: 'tokenExchange', tokenExchange: { ...tokenExchange, tokenUrl: '' } }],
  ['spec.tokenExchange.tokenUrl', { type: 'tokenExchange', tokenExchange: { ...tokenExchange, tokenUrl: 'oauth/t' } }],
  ['spec.tokenExchange.audience', { type: 'tokenExchange', tokenExchange: { ...tokenExchange, audience: '' } }],
  ['spec.headerInjection.headerName', header('X Key')],
  ['spec.bearerToken.tokenSecretRef', { type: 'bearerToken', bearerToken: {} }],
  ['spec.awsSts.region', aws({ region: 'nowhere', fallbackRoleArn: arn })],
  ['spec.awsSts.fallbackRoleArn', aws({ fallbackRoleArn: 'arn:aws:s3:::b' })],
  ['spec.xaa.idpTokenUrl', xaa({ idpTokenUrl: 'http://idp.example.com/token' })],
  ['spec.obo.tenantId', { type: 'obo', obo: { tenantId: 'common' } }],
  ['spec.tokenExchange', { type: 'tokenExchange', tokenExchange: 'https://x' as unknown as object }],
  ['spec.embeddedAuthServer.upstreamProviders', embedded({ upstreamProviders: 'okta' as never })],
  ['spec.embeddedAuthServer.issuer', embedded({ issuer: 5 as unknown as string })],
];

describe('specProblem', () => {
  it.each(VALID)('has nothing against %s', (_, spec) => {
    expect(specProblem(spec)).toBeUndefined();
  });

  it.each(INVALID.map(([check, spec, problem]) => ({ check, spec, problem })))(
    'says by check $check: $problem',
    ({ spec, problem }) => {
      expect(specProblem(spec)).toBe(problem);
    },
  );

  it.each(INVALID_BY_SCHEMA)('says what is wrong at %s', (path, spec) => {
    expect(specProblem(spec)?.slice(0, path.length + 2)).toBe(`${path}: `);
  });
});

describe('whatever the spec', () => {
  const reconciler = new MCPExternalAuthConfigReconciler(new OboHandler());
  const users = () => [{ kind: 'Proxy', name: 'p', told: { supportedScopes: ['openid'] } }];
  const examples = [...VALID, ...INVALID.map(([check, spec]) => [check, spec] as const)].map(([, spec]) => spec);

  it('says True of what the schema admits and nothing else, False with a reason, and throws nothing', async () => {
    await fc.assert(
      fc.asyncProperty(randomSpecs(MCPExternalAuthConfig, { examples }), async (spec) => {
        const config = {
          apiVersion: 'toolhive.stacklok.dev/v1beta1',
          kind: 'MCPExternalAuthConfig',
          metadata: { name: 'c', namespace: 'team' },
          spec: spec as MCPExternalAuthConfig['spec'],
        };
        const valid = await reconciler.valid(config);
        const advice = [reconciler.identitySynthesized(config), reconciler.baselineScopesValid(config, { users })];

        expect(valid.kind).toBe('stated');
        if (valid.kind !== 'stated') return;
        if (valid.status === 'True') expect(validateSpec(MCPExternalAuthConfig, spec)).toEqual([]);
        if (valid.status === 'False') expect(valid.message).not.toBe('');
        for (const verdict of advice) expect(['stated', 'absent']).toContain(verdict.kind);
        if (spec['type'] !== 'embeddedAuthServer') expect(advice).toEqual([{ kind: 'absent' }, { kind: 'absent' }]);
      }),
      { numRuns: runs() },
    );
  });
});
