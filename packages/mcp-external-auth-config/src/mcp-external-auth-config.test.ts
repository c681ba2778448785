import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  conditions,
  configRef,
  defineKind,
  defineModule,
  Event,
  int64,
  Reconciler,
  References,
  type ObjectOf,
} from '@trueup/core';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { mcpExternalAuthConfig } from './module.js';
import { OboConfigError, OboHandler } from './obo-handler.js';
import { MCPExternalAuthConfig } from './resource.js';

/** A workload that runs the server of a config, as far as the config is concerned. */
const Proxy = defineKind({
  group: 'test.example.com',
  kind: 'Proxy',
  versions: { v1: {} },
  spec: z.object({ authRef: z.string().optional(), serverRef: z.string().optional(), scopes: z.array(z.string()) }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), authHash: z.string() }).partial(),
});
/** One that refers to a config and runs nothing. */
const Entry = defineKind({
  group: 'test.example.com',
  kind: 'Entry',
  versions: { v1: {} },
  spec: z.object({ authRef: z.string().optional() }),
  status: z.object({ conditions: conditions(), observedGeneration: int64() }).partial(),
});

const tells = ({ spec }: ObjectOf<typeof Proxy>) => ({ supportedScopes: spec.scopes });
const authRef = configRef({
  from: Proxy,
  to: MCPExternalAuthConfig,
  name: ({ spec }) => spec.authRef,
  condition: 'AuthValidated',
  hash: 'authHash',
  tells,
});
const serverRef = configRef({
  from: Proxy,
  to: MCPExternalAuthConfig,
  name: ({ spec }) => spec.serverRef,
  condition: 'ServerValidated',
  tells,
});
const entryRef = configRef({
  from: Entry,
  to: MCPExternalAuthConfig,
  name: ({ spec }) => spec.authRef,
  condition: 'AuthValidated',
});

@Reconciler(Proxy)
@References(authRef, serverRef)
class ProxyReconciler {}

@Reconciler(Entry)
@References(entryRef)
class EntryReconciler {}

/** What the handler of type obo answers. */
class Handler extends OboHandler {
  static answer: OboHandler['validate'];

  override validate(config: MCPExternalAuthConfig): void | Promise<void> {
    return Handler.answer(config);
  }
}
const NO_CONFIG: MCPExternalAuthConfig = {
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPExternalAuthConfig',
  metadata: { name: 'none' },
  spec: { type: 'obo', obo: {} },
};

const aConfig = (name: string, spec: object): ManifestObject => ({ ...NO_CONFIG, metadata: { name }, spec });
const aProxy = (name: string, spec: object): ManifestObject => ({
  apiVersion: 'test.example.com/v1',
  kind: 'Proxy',
  metadata: { name },
  spec: { scopes: [], ...spec },
});
const okta = {
  name: 'okta',
  type: 'oidc',
  oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
};
const github = {
  name: 'git-hub',
  type: 'oauth2',
  oauth2Config: {
    authorizationEndpoint: 'https://github.com/login/oauth/authorize',
    tokenEndpoint: 'https://github.com/login/oauth/access_token',
    clientId: 'abc',
  },
};
const embedded = (server: object = {}) => ({
  type: 'embeddedAuthServer',
  embeddedAuthServer: { issuer: 'https://auth.example.com', upstreamProviders: [okta], ...server },
});
const tokenExchange = {
  type: 'tokenExchange',
  tokenExchange: {
    tokenUrl: 'https://oauth.example.com/token',
    clientId: 'test-client',
    clientSecretRef: { name: 'test-secret', key: 'client-secret' },
    audience: 'backend-service',
  },
};
const obo = { type: 'obo', obo: {} };
const ENTERPRISE = 'on-behalf-of (OBO) external auth type requires an enterprise build';

describe('an MCPExternalAuthConfig', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        mcpExternalAuthConfig,
        defineModule({ name: 'users', kinds: [Proxy, Entry], reconcilers: [ProxyReconciler, EntryReconciler] }),
      ],
      register: (container) => container.register(OboHandler, { useClass: Handler }),
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => {
    Handler.answer = (config) => new OboHandler().validate(config);
  });

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const edit = async (name: string, spec: object) => {
    await harness.patch(MCPExternalAuthConfig, name, { spec });
    await harness.settle();
  };
  const config = (name: string) => harness.require(MCPExternalAuthConfig, name);
  const typesOf = async (name: string) => (await config(name)).status?.conditions?.map(({ type }) => type).sort();
  const eventsOf = async (name: string) =>
    (await harness.list(Event))
      .filter(({ regarding }) => regarding?.name === name)
      .map(({ type, reason, note }) => ({ type, reason, note }));

  it('of type tokenExchange is valid and hashed, and then left alone', async () => {
    await given(aConfig('exchange', tokenExchange));
    expect(await config('exchange')).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ValidationSucceeded',
      message: 'Spec validation passed',
      observedGeneration: 1,
    });
    expect((await config('exchange')).status?.configHash).toBe('27ed8423');
    expect(await typesOf('exchange')).toEqual(['Valid']);
    expect(await eventsOf('exchange')).toEqual([]);
  });

  it('of type embeddedAuthServer says whose users have no name, and is then left alone', async () => {
    await given(aConfig('named', embedded({ upstreamProviders: [github] })));
    expect(await config('named')).toHaveCondition('Valid', { status: 'True' });
    expect(await config('named')).toHaveCondition('IdentitySynthesized', {
      status: 'True',
      reason: 'OAuth2UpstreamWithoutUserInfo',
      message: /^OAuth2 upstream\(s\) \[git-hub\] have no userInfo configured;/,
      observedGeneration: 1,
    });

    harness.forgetWrites();
    await harness.patch(MCPExternalAuthConfig, 'named', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('says whose users have no name even while it is invalid, and nothing of it once the type is another', async () => {
    await given(aConfig('changing', embedded({ issuer: 'http://as.example.com', upstreamProviders: [github] })));
    expect(await config('changing')).toHaveCondition('Valid', { status: 'False', reason: 'ValidationFailed' });
    expect(await config('changing')).toHaveCondition('IdentitySynthesized', { status: 'True' });

    await edit('changing', { type: 'obo', obo: {}, embeddedAuthServer: null });
    expect(await typesOf('changing')).toEqual(['Valid']);
    expect(await config('changing')).toHaveCondition('Valid', {
      status: 'False',
      reason: 'EnterpriseRequired',
      message: ENTERPRISE,
    });

    await edit('changing', { ...tokenExchange, obo: null });
    expect(await config('changing')).toHaveCondition('Valid', { status: 'True', observedGeneration: 3 });
    expect((await config('changing')).status?.configHash).toBe('27ed8423');
    expect((await eventsOf('changing')).map(({ reason }) => reason).sort()).toEqual(['ConfigInvalid', 'ConfigValid']);
  });

  describe('of type obo', () => {
    it('asks for a handler once, keeps no hash, and is mirrored by its users', async () => {
      await given(aConfig('entra', obo), aProxy('mirror', { authRef: 'entra' }));
      expect(await config('entra')).toHaveCondition('Valid', { status: 'False', reason: 'EnterpriseRequired' });
      expect((await config('entra')).status).not.toHaveProperty('configHash');
      expect(await eventsOf('entra')).toEqual([
        { type: 'Warning', reason: 'ConfigInvalid', note: `spec validation failed: ${ENTERPRISE}` },
      ]);
      expect(await harness.require(Proxy, 'mirror')).toHaveCondition('AuthValidated', {
        status: 'False',
        reason: 'EnterpriseRequired',
        message: ENTERPRISE,
      });
    });

    it('says what its handler says, and heals with it', async () => {
      Handler.answer = () => {
        throw new OboConfigError('obo.tenantId is required');
      };
      await given(aConfig('handled', obo), aProxy('handled-user', { authRef: 'handled' }));
      expect(await config('handled')).toHaveCondition('Valid', {
        status: 'False',
        reason: 'InvalidConfig',
        message: 'obo.tenantId is required',
      });

      Handler.answer = () => undefined;
      await edit('handled', { obo: { tenantId: 'contoso.com' } });
      expect(await config('handled')).toHaveCondition('Valid', { status: 'True' });
      expect(await harness.require(Proxy, 'handled-user')).toHaveCondition('AuthValidated', { status: 'True' });
    });
  });

  describe('with baseline scopes', () => {
    const baseline = (...baselineClientScopes: string[]) => embedded({ baselineClientScopes });
    const verdictOf = async (name: string) => {
      const found = (await config(name)).status?.conditions?.find(({ type }) => type === 'BaselineScopesValid');
      return found && { status: found.status, reason: found.reason, message: found.message };
    };
    const SUPPORTED = {
      status: 'True',
      reason: 'BaselineScopesSupported',
      message: 'All baselineClientScopes are in the supported scopes',
    };
    const unsupported = (message: string) => ({ status: 'False', reason: 'BaselineScopeNotSupported', message });

    it('is judged by the default scopes as long as nobody runs it', async () => {
      await given(
        aConfig('default-ok', baseline('offline_access')),
        aConfig('default-odd', baseline('repo', 'openid')),
        aConfig('none', embedded()),
        { apiVersion: 'test.example.com/v1', kind: 'Entry', metadata: { name: 'e' }, spec: { authRef: 'default-odd' } },
      );
      expect(await verdictOf('default-ok')).toEqual(SUPPORTED);
      expect(await verdictOf('default-odd')).toEqual(
        unsupported(
          'baselineClientScopes contains "repo" which is not in the supported scopes [openid profile email offline_access]',
        ),
      );
      expect(await verdictOf('none')).toBeUndefined();
      expect(await config('default-odd')).toHaveCondition('Valid', { status: 'True' });
    });

    it('is judged by the scopes of each workload that runs it, and follows them', async () => {
      await given(
        aConfig('shared', baseline('openid', 'repo')),
        aProxy('p', { serverRef: 'shared', scopes: ['openid'] }),
      );
      const odd = 'baselineClientScopes contains "repo" which is not in the supported scopes [openid]';
      expect(await verdictOf('shared')).toEqual(unsupported(`${odd} for Proxy p`));
      expect(await config('shared')).toHaveCondition('Valid', { status: 'True' });

      await given(aProxy('o', { authRef: 'shared', scopes: ['openid'] }), aProxy('q', { serverRef: 'shared' }));
      expect(await verdictOf('shared')).toEqual(
        unsupported(
          `${odd} for Proxy o, Proxy p; baselineClientScopes contains "repo" which is not in the supported scopes [openid profile email offline_access] for Proxy q`,
        ),
      );

      const { configHash } = (await config('shared')).status ?? {};
      await given(...['o', 'p', 'q'].map((name) => aProxy(name, { serverRef: 'shared', scopes: ['openid', 'repo'] })));
      expect(await verdictOf('shared')).toEqual(SUPPORTED);
      expect((await config('shared')).status?.configHash).toBe(configHash);

      await edit('shared', { embeddedAuthServer: { baselineClientScopes: null } });
      expect(await verdictOf('shared')).toBeUndefined();
    });
  });

  it('is kept as long as anybody refers to it, each counted once', async () => {
    await given(aConfig('used', embedded()), aProxy('both', { authRef: 'used', serverRef: 'used' }), {
      apiVersion: 'test.example.com/v1',
      kind: 'Entry',
      metadata: { name: 'entry' },
      spec: { authRef: 'used' },
    });
    expect((await config('used')).status).toMatchObject({ referenceCount: 2 });
    await harness.delete(MCPExternalAuthConfig, 'used');
    await harness.settle();
    expect(await config('used')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      reason: 'ReferencedByWorkloads',
      message: 'Cannot delete: referenced by workloads: [{Entry entry} {Proxy both}]',
    });

    await harness.delete(Proxy, 'both');
    await harness.delete(Entry, 'entry');
    await harness.settle();
    expect(await harness.get(MCPExternalAuthConfig, 'used')).toBeUndefined();
  });

  it('keeps its hash while a valid spec is broken, and has it back with the spec', async () => {
    const upstream = (params: object | null) => ({
      embeddedAuthServer: {
        upstreamProviders: [{ ...okta, oidcConfig: { ...okta.oidcConfig, additionalAuthorizationParams: params } }],
      },
    });
    await given(aConfig('broken', embedded()), aProxy('serving', { authRef: 'broken' }));
    const { configHash } = (await config('broken')).status ?? {};

    await edit('broken', upstream({ state: 'x' }));
    expect((await config('broken')).status).toMatchObject({ configHash, observedGeneration: 2 });
    const problem =
      'upstreamProviders[0].additionalAuthorizationParams: reserved parameter "state" is managed by the framework and cannot be overridden';
    expect(await harness.require(Proxy, 'serving')).toHaveCondition('AuthValidated', {
      status: 'False',
      reason: 'ValidationFailed',
      message: problem,
    });

    await edit('broken', upstream(null));
    expect((await config('broken')).status).toMatchObject({ configHash, observedGeneration: 3 });
    expect(await harness.require(Proxy, 'serving')).toHaveCondition('AuthValidated', { status: 'True' });
    expect((await eventsOf('broken')).map(({ reason, note }) => ({ reason, note }))).toEqual(
      expect.arrayContaining([
        { reason: 'ConfigInvalid', note: `spec validation failed: ${problem}` },
        { reason: 'ConfigValid', note: 'spec validation passed' },
      ]),
    );
  });

  it.each([
    [
      'http over a network with secrets (22)',
      embedded({ issuer: 'http://as.corp', insecureAllowHTTP: true, allowConfidentialClientRegistration: true }),
      /allowConfidentialClientRegistration cannot be combined with insecureAllowHTTP/,
    ],
    [
      'delegate clients of an http issuer, even a local one (23)',
      embedded({
        issuer: 'http://localhost:8080',
        insecureAllowConfidentialOverLoopbackHTTP: true,
        delegateClients: [
          { clientId: 'a', clientSecretRef: { name: 's', key: 'k' }, scopes: ['openid'], audiences: ['https://a'] },
        ],
      }),
      /delegateClients require an https:\/\/ issuer/,
    ],
    [
      'settings of a type that has none (24)',
      { ...tokenExchange, type: 'unauthenticated' },
      /tokenExchange configuration must be set if and only if.*no configuration must be set when type is 'unauthenticated'/,
    ],
    [
      'two upstreams of one name (25)',
      embedded({ upstreamProviders: [okta, okta] }),
      /upstreamProviders: duplicate entries for key/,
    ],
    [
      'AWS without a role (26)',
      { type: 'awsSts', awsSts: { region: 'us-east-1' } },
      /at least one of fallbackRoleArn or roleMappings must be configured/,
    ],
    [
      'a mapping to a role that is for nobody',
      {
        type: 'awsSts',
        awsSts: { region: 'us-east-1', roleMappings: [{ roleArn: 'arn:aws:iam::123456789012:role/R' }] },
      },
      /exactly one of claim or matcher must be set/,
    ],
    ['Redis without settings', embedded({ storage: { type: 'redis' } }), /redis must be set when type is 'redis'/],
    [
      'a target without TLS',
      {
        type: 'xaa',
        xaa: { idpTokenUrl: 'https://i/t', targetTokenUrl: 'http://t/t', targetAudience: 'a' },
      },
      /targetTokenUrl must be an https:\/\/ URL/,
    ],
  ])('is refused with %s', async (_, spec, message) => {
    await expect(harness.apply(aConfig('refused', spec))).rejects.toThrow(message);
  });

  it.each([
    [
      'confidential clients of a local issuer without TLS (21)',
      embedded({ issuer: 'http://localhost:8080', allowConfidentialClientRegistration: true }),
      /^allow_confidential_client_registration cannot be combined with a plain-HTTP loopback issuer \("http:\/\/localhost:8080"\)/,
    ],
    [
      'a lifespan that no server starts with',
      embedded({ tokenLifespans: { refreshTokenLifespan: '30m' } }),
      /^refresh token lifespan must be between 1h0m0s and 720h0m0s$/,
    ],
    [
      'an upstream among several by the name of a single one',
      embedded({ upstreamProviders: [{ ...okta, name: 'default' }, github] }),
      /^upstream\[0\]: name "default" is reserved for single-upstream configs/,
    ],
    ['a margin that is no duration', { type: 'obo', obo: { cacheSkew: 'soon' } }, /^obo\.cacheSkew: "soon" must be/],
  ])('is let in and judged invalid with %s', async (_, spec, message) => {
    await given(aConfig('judged', spec));
    expect(await config('judged')).toHaveCondition('Valid', { status: 'False', reason: 'ValidationFailed', message });
    await harness.delete(MCPExternalAuthConfig, 'judged');
    await harness.settle();
  });

  it('with several upstreams is valid: a workload that takes only one says so itself (12)', async () => {
    await given(aConfig('several', embedded({ upstreamProviders: [okta, github] })));
    expect(await config('several')).toHaveCondition('Valid', { status: 'True' });
  });
});
