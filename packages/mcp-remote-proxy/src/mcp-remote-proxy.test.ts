import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findCondition, type KindOf, type KubernetesObject } from '@trueup/core';
import { MCPAuthzConfig, mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig, mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig, mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig, mcpToolConfig } from '@trueup/mcp-tool-config';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { mcpRemoteProxy } from './module.js';
import { MCPRemoteProxy } from './resource.js';

const CONFIG_KINDS: readonly KindOf[] = [
  MCPAuthzConfig,
  MCPExternalAuthConfig,
  MCPOIDCConfig,
  MCPTelemetryConfig,
  MCPToolConfig,
];

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({
    modules: [mcpAuthzConfig, mcpExternalAuthConfig, mcpOidcConfig, mcpTelemetryConfig, mcpToolConfig, mcpRemoteProxy],
  });
});
afterAll(() => harness.stop());
beforeEach(async () => {
  await removeAll(MCPRemoteProxy);
  for (const kind of CONFIG_KINDS) await removeAll(kind);
});

async function removeAll(kind: KindOf): Promise<void> {
  const objects = await harness.list(kind);
  if (objects.length === 0) return;
  for (const { metadata } of objects) await harness.delete(kind, metadata.name);
  await harness.settle();
}

const anObject = (kind: string, name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind,
  metadata: { name },
  spec,
});
const aProxy = (spec: object = {}) =>
  anObject('MCPRemoteProxy', 'remote', { remoteUrl: 'https://mcp.example.com/v1', ...spec });
const anAuth = (name: string, spec: object) => anObject('MCPExternalAuthConfig', name, spec);

const RESOURCE = 'https://mcp.example.com/x';
const anOidc = anObject('MCPOIDCConfig', 'oidc', { type: 'inline', inline: { issuer: 'https://mcp.example.com' } });
const oidcConfigRef = { name: 'oidc', audience: RESOURCE, resourceUrl: RESOURCE };

const upstream = (name: string) => ({
  name,
  type: 'oidc',
  oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
});
const anAuthServer = (name: string, upstreams: readonly string[] = ['okta'], more: object = {}) =>
  anAuth(name, {
    type: 'embeddedAuthServer',
    embeddedAuthServer: { issuer: 'https://mcp.example.com', upstreamProviders: upstreams.map(upstream), ...more },
  });
const authServerRef = (name: string) => ({ kind: 'MCPExternalAuthConfig', name });

const secret = { name: 's', key: 'k' };
const TOKEN_EXCHANGE = { tokenUrl: 'https://oauth.example.com/token', audience: 'backend' };

async function applied(...objects: readonly ManifestObject[]): Promise<MCPRemoteProxy> {
  await harness.apply(...objects);
  await harness.settle();
  return harness.require(MCPRemoteProxy, 'remote');
}

const OBO = 'on-behalf-of (OBO) external auth type requires an enterprise build';

describe('an MCPRemoteProxy', () => {
  it('says nothing that it does not know', async () => {
    const { status } = await applied(aProxy());
    expect(status).toEqual({ observedGeneration: 1 });
  });

  it('takes up all of its configs', async () => {
    const { status } = await applied(
      anOidc,
      anObject('MCPAuthzConfig', 'authz', {
        type: 'cedarv1',
        config: { policies: ['permit(principal, action, resource);'] },
      }),
      anObject('MCPToolConfig', 'tools', { toolsFilter: ['read'] }),
      anObject('MCPTelemetryConfig', 'otel', {
        openTelemetry: { enabled: true, endpoint: 'https://otel:4318', tracing: { enabled: true } },
      }),
      anAuth('exchange', { type: 'tokenExchange', tokenExchange: TOKEN_EXCHANGE }),
      anAuthServer('as'),
      aProxy({
        oidcConfigRef,
        authzConfigRef: { name: 'authz' },
        toolConfigRef: { name: 'tools' },
        telemetryConfigRef: { name: 'otel' },
        externalAuthConfigRef: { name: 'exchange' },
        authServerRef: authServerRef('as'),
      }),
    );
    expect(status?.conditions?.map(({ type, status: is }) => `${type} ${is}`)).toEqual([
      'ToolConfigValidated True',
      'TelemetryConfigRefValidated True',
      'ExternalAuthConfigValidated True',
      'AuthServerRefValidated True',
      'OIDCConfigRefValidated True',
      'AuthzConfigRefValidated True',
    ]);
    const used = [
      [MCPAuthzConfig, 'authz', status?.authzConfigHash],
      [MCPExternalAuthConfig, 'exchange', status?.externalAuthConfigHash],
      [MCPExternalAuthConfig, 'as', status?.authServerConfigHash],
      [MCPOIDCConfig, 'oidc', status?.oidcConfigHash],
      [MCPTelemetryConfig, 'otel', status?.telemetryConfigHash],
      [MCPToolConfig, 'tools', status?.toolConfigHash],
    ] as const satisfies readonly (readonly [KindOf, string, unknown])[];
    for (const [kind, name, configHash] of used) {
      expect(await harness.require<KubernetesObject>(kind, name)).toMatchObject({
        status: {
          configHash,
          referenceCount: 1,
          referencingWorkloads: [{ kind: 'MCPRemoteProxy', name: 'remote' }],
        },
      });
    }
  });

  it('shows that a config needs an enterprise build, and heals with it', async () => {
    const proxy = await applied(
      anAuth('graph-obo', { type: 'obo', obo: {} }),
      aProxy({ externalAuthConfigRef: { name: 'graph-obo' } }),
    );
    const message = `MCPExternalAuthConfig ${harness.namespace}/graph-obo: invalid (EnterpriseRequired): ${OBO}`;
    expect(proxy).toHaveCondition('ExternalAuthConfigValidated', {
      status: 'False',
      reason: 'EnterpriseRequired',
      message: OBO,
    });
    expect(proxy).toHaveCondition('Ready', { status: 'False', reason: 'NotReady', message });
    expect(proxy.status).toMatchObject({ phase: 'Failed', message });

    const healed = await applied(anAuth('graph-obo', { type: 'unauthenticated' }));
    expect(healed).toHaveCondition('ExternalAuthConfigValidated', {
      status: 'True',
      reason: 'ExternalAuthConfigValid',
      message: "MCPExternalAuthConfig 'graph-obo' is valid",
    });
    expect(healed.status).not.toHaveProperty('phase');
  });

  it('tells of the first broken reference and shows the others, too', async () => {
    const proxy = await applied(
      anAuth('obo', { type: 'obo', obo: {} }),
      aProxy({ toolConfigRef: { name: 'none' }, externalAuthConfigRef: { name: 'obo' }, oidcConfigRef }),
    );
    expect(proxy.status?.message).toBe(`MCPToolConfig 'none' not found in namespace '${harness.namespace}'`);
    expect(proxy).toHaveCondition('ToolConfigValidated', { status: 'False' });
    expect(proxy).toHaveCondition('ExternalAuthConfigValidated', { status: 'False', reason: 'EnterpriseRequired' });
    expect(proxy).toHaveCondition('OIDCConfigRefValidated', { status: 'False', reason: 'OIDCConfigRefNotFound' });
  });

  it('keeps a config from being deleted, which it names twice and which counts it once', async () => {
    await applied(
      anOidc,
      anAuthServer('as'),
      aProxy({ oidcConfigRef, authServerRef: authServerRef('as'), externalAuthConfigRef: { name: 'as' } }),
    );
    await harness.delete(MCPExternalAuthConfig, 'as');
    await harness.settle();
    expect(await harness.require(MCPExternalAuthConfig, 'as')).toHaveCondition('DeletionBlocked', {
      message: 'Cannot delete: referenced by workloads: [{MCPRemoteProxy remote}]',
    });
    await applied(aProxy());
    expect(await harness.get(MCPExternalAuthConfig, 'as')).toBeUndefined();
  });

  it('says that a proxy does not apply the annotations of tools', async () => {
    const toolsOverride = { read: { name: 'get', annotations: { readOnlyHint: true } } };
    const proxy = await applied(
      anObject('MCPToolConfig', 'tools', { toolsOverride }),
      aProxy({ toolConfigRef: { name: 'tools' } }),
    );
    expect(proxy).toHaveCondition('ToolConfigValidated', {
      status: 'True',
      message: "MCPToolConfig 'tools' is valid; annotations are not applied by MCPRemoteProxy",
    });
  });
});

describe('the API server', () => {
  const policies = { type: 'inline', inline: { policies: ['permit(principal, action, resource);'] } };

  it.each([
    {
      name: 'policies of its own beside shared ones',
      spec: { authzConfig: policies, authzConfigRef: { name: 'a' } },
      message:
        'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
    },
    {
      name: 'a ConfigMap of policies that is not named',
      spec: { authzConfig: { type: 'configMap' } },
      message: "configMap must be set when type is 'configMap', and must not be set otherwise",
    },
    {
      name: 'two places for policies',
      spec: { authzConfig: { ...policies, configMap: { name: 'c' } } },
      message: "configMap must be set when type is 'configMap', and must not be set otherwise",
    },
    {
      name: 'Redis at no address',
      spec: { sessionStorage: { provider: 'redis' } },
      message: 'address is required',
    },
    { name: 'a URL of another scheme', spec: { remoteUrl: 'ftp://x' }, message: 'spec.remoteUrl' },
    { name: 'a server that speaks stdio', spec: { transport: 'stdio' }, message: 'spec.transport' },
    {
      name: 'an authorization server of another kind',
      spec: { authServerRef: { kind: 'MCPOIDCConfig', name: 'a' } },
      message: 'spec.authServerRef.kind',
    },
  ])('refuses an MCPRemoteProxy with $name', async ({ spec, message }) => {
    await expect(harness.apply(aProxy(spec))).rejects.toThrow(message);
  });
});

describe('externalAuthConfigRef of an MCPRemoteProxy', () => {
  it.each([
    ['tokenExchange', { tokenExchange: TOKEN_EXCHANGE }, 'ExternalAuthConfigValid'],
    ['bearerToken', { bearerToken: { tokenSecretRef: secret } }, 'ExternalAuthConfigValid'],
    ['unauthenticated', {}, 'ExternalAuthConfigValid'],
    [
      'awsSts',
      { awsSts: { region: 'eu-central-1', fallbackRoleArn: 'arn:aws:iam::123456789012:role/r' } },
      'ExternalAuthConfigValid',
    ],
    [
      'headerInjection',
      { headerInjection: { headerName: 'X-Key', valueSecretRef: secret } },
      'ExternalAuthConfigNotApplied',
    ],
    ['upstreamInject', { upstreamInject: { providerName: 'okta' } }, 'ExternalAuthConfigNotApplied'],
  ])('accepts the type %s', async (type, members, reason) => {
    const proxy = await applied(anAuth('c', { type, ...members }), aProxy({ externalAuthConfigRef: { name: 'c' } }));
    const message =
      reason === 'ExternalAuthConfigValid'
        ? "MCPExternalAuthConfig 'c' is valid"
        : `MCPExternalAuthConfig 'c' has type ${type}, which only takes effect through a VirtualMCPServer`;
    expect(proxy).toHaveCondition('ExternalAuthConfigValidated', { status: 'True', reason, message });
    expect(proxy.status).not.toHaveProperty('phase');
  });
});

const SINGLE = 'MCPRemoteProxy supports only one upstream provider (found 2); use VirtualMCPServer for multi-upstream';
const NO_OIDC = 'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer';
const mismatch = (audience: string, url: string) =>
  `oidcConfigRef.audience "${audience}" must match resourceUrl "${url}" when an embedded auth server is active; set audience to "${url}" or set resourceUrl to match audience`;

describe('an authorization server in an MCPRemoteProxy', () => {
  describe.each([
    {
      field: 'externalAuthConfigRef',
      ref: (name: string) => ({ externalAuthConfigRef: { name } }),
      condition: 'ExternalAuthConfigValidated',
      unfit: 'InvalidConfig',
      advice: '',
    },
    {
      field: 'authServerRef',
      ref: (name: string) => ({ authServerRef: authServerRef(name) }),
      condition: 'AuthServerRefValidated',
      unfit: 'AuthServerRefInvalidConfig',
      advice: '; use VirtualMCPServer',
    },
  ])('by $field', ({ ref, condition, unfit, advice }) => {
    it('has one upstream provider', async () => {
      const proxy = await applied(
        anOidc,
        anAuthServer('as', ['okta', 'entra']),
        aProxy({ oidcConfigRef, ...ref('as') }),
      );
      const reason = 'MultiUpstreamNotSupported';
      expect(proxy).toHaveCondition(condition, { status: 'False', reason, message: SINGLE });
      expect(proxy.status).toMatchObject({
        phase: 'Failed',
        message: `MCPRemoteProxy ${harness.namespace}/remote: embedded auth server has 2 upstream providers, but only 1 is supported${advice}`,
      });
      expect(await applied(anAuthServer('as'))).toHaveCondition(condition, { status: 'True' });
    });

    it.each([
      { name: 'no oidcConfigRef', spec: {}, message: NO_OIDC },
      {
        name: 'another audience than the resource',
        spec: { oidcConfigRef: { ...oidcConfigRef, audience: 'other' } },
        message: mismatch('other', RESOURCE),
      },
      {
        name: 'another audience than the address of the proxy',
        spec: { proxyPort: 9000, oidcConfigRef: { name: 'oidc', audience: 'other' } },
        message: mismatch('other', 'http://mcp-remote-remote-proxy.NS.svc.cluster.local:9000'),
      },
    ])('does not go with $name, and heals with the proxy alone', async ({ spec, message }) => {
      const told = message.replaceAll('NS', harness.namespace);
      const proxy = await applied(anOidc, anAuthServer('as'), aProxy({ ...spec, ...ref('as') }));
      expect(proxy).toHaveCondition(condition, { status: 'False', reason: unfit, message: told });
      const summary = `Failed to build configuration: ${told}`;
      expect(proxy).toHaveCondition('Ready', { status: 'False', reason: 'NotReady', message: summary });
      expect(proxy.status).toMatchObject({ phase: 'Failed', message: summary });

      const healed = await applied(aProxy({ oidcConfigRef, ...ref('as') }));
      expect(healed).toHaveCondition(condition, { status: 'True' });
      expect(findCondition(healed.status?.conditions, 'Ready')).toBeUndefined();
    });
  });

  it('is what authServerRef must name', async () => {
    const proxy = await applied(
      anOidc,
      anAuth('plain', { type: 'unauthenticated' }),
      aProxy({ oidcConfigRef, authServerRef: authServerRef('plain') }),
    );
    const message = `authServerRef 'plain' has type "unauthenticated", but only embeddedAuthServer is supported`;
    expect(proxy).toHaveCondition('AuthServerRefValidated', {
      status: 'False',
      reason: 'AuthServerRefInvalidType',
      message,
    });
    expect(proxy.status).toMatchObject({ phase: 'Failed', message });
  });

  it.each([
    {
      name: 'a second one',
      server: anAuthServer('as'),
      outgoing: anAuthServer('out'),
      lead: 'failed to process authServerRef: ',
      message:
        'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only',
    },
    {
      name: 'a token exchange when it takes tokens away',
      server: anAuthServer('as', ['okta'], { disableUpstreamTokenInjection: true }),
      outgoing: anAuth('out', { type: 'tokenExchange', tokenExchange: TOKEN_EXCHANGE }),
      lead: '',
      message:
        'disableUpstreamTokenInjection cannot be combined with token exchange: token exchange would re-add an Authorization header after strip-auth removes it',
    },
  ])('does not go with $name', async ({ server, outgoing, lead, message }) => {
    const reason = 'AuthServerRefInvalidConfig';
    const both = { oidcConfigRef, authServerRef: authServerRef('as'), externalAuthConfigRef: { name: 'out' } };
    const proxy = await applied(anOidc, server, outgoing, aProxy(both));
    expect(proxy).toHaveCondition('AuthServerRefValidated', { status: 'False', reason, message });
    expect(proxy).toHaveCondition('ExternalAuthConfigValidated', { status: 'True' });
    const summary = `Failed to build configuration: ${lead}${message}`;
    expect(proxy.status).toMatchObject({ phase: 'Failed', message: summary });
    const since = findCondition(proxy.status?.conditions, 'AuthServerRefValidated')?.lastTransitionTime;

    const touched = await applied(aProxy({ ...both, audit: { enabled: true } }));
    expect(findCondition(touched.status?.conditions, 'AuthServerRefValidated')?.lastTransitionTime).toBe(since);

    const healed = await applied(anAuth('out', { type: 'unauthenticated' }));
    expect(healed).toHaveCondition('AuthServerRefValidated', { status: 'True' });
    expect(healed.status).not.toHaveProperty('phase');
  });
});
