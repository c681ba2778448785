import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mcpAuthzConfig, MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpGroup } from '@trueup/mcp-group';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig, MCPToolConfig } from '@trueup/mcp-tool-config';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { virtualMcpServer } from './module.js';
import { VirtualMCPServer } from './resource.js';

const apiVersion = 'toolhive.stacklok.dev/v1beta1';

const aServer = (name: string, spec: object = {}): ManifestObject => ({
  apiVersion,
  kind: 'VirtualMCPServer',
  metadata: { name },
  spec: { groupRef: { name: `of-${name}` }, incomingAuth: { type: 'anonymous' }, ...spec },
});
const anAuth = (name: string, type: string, settings: object = {}): ManifestObject => ({
  apiVersion,
  kind: 'MCPExternalAuthConfig',
  metadata: { name },
  spec: { type, [type]: type === 'unauthenticated' ? undefined : settings },
});
const external = (name: string) => ({ type: 'externalAuthConfigRef', externalAuthConfigRef: { name } });

const secret = { name: 's', key: 'k' };
const upstream = (name: string) => ({
  name,
  type: 'oidc',
  oidcConfig: { issuerUrl: `https://${name}.example.com`, clientId: 'vmcp' },
});
const xaa = {
  idpTokenUrl: 'https://idp.example.com/token',
  targetTokenUrl: 'https://target.example.com/token',
  targetAudience: 'target',
};
const authServer = (...upstreams: readonly string[]) => ({
  authServerConfig: { issuer: 'https://auth.example.com', upstreamProviders: upstreams.map(upstream) },
});

describe('a VirtualMCPServer', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        mcpAuthzConfig,
        mcpExternalAuthConfig,
        mcpOidcConfig,
        mcpTelemetryConfig,
        mcpToolConfig,
        mcpGroup,
        virtualMcpServer,
      ],
    });
  });
  afterAll(() => harness.stop());

  const given = async (...objects: readonly ManifestObject[]) => {
    const groups = objects
      .filter(({ kind }) => kind === 'VirtualMCPServer')
      .map(({ metadata }) => ({ apiVersion, kind: 'MCPGroup', metadata: { name: `of-${metadata.name}` }, spec: {} }));
    await harness.apply(...groups, ...objects);
    await harness.settle();
  };
  const server = (name: string) => harness.require(VirtualMCPServer, name);
  const typesOf = async (name: string) => (await server(name)).status?.conditions?.map(({ type }) => type).sort();

  it('is admitted without a spec, says what is missing, and does not stand in the way of configs', async () => {
    await given(
      { apiVersion, kind: 'VirtualMCPServer', metadata: { name: 'bare' } },
      anAuth('unused', 'unauthenticated'),
    );
    expect((await server('bare')).status).toMatchObject({ phase: 'Failed', message: 'spec.groupRef.name is required' });
    await harness.delete(MCPExternalAuthConfig, 'unused');
    await harness.settle();
    expect(await harness.get(MCPExternalAuthConfig, 'unused')).toBeUndefined();
  });

  describe('in what it says about outgoing authentication', () => {
    it('speaks of each place, shows why a config cannot be used, and fails for none of them', async () => {
      await given(
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret.name }, stringData: { [secret.key]: 'v' } },
        anAuth('gh-auth', 'tokenExchange', {
          tokenUrl: 'https://idp.example.com/token',
          clientId: 'c',
          clientSecretRef: secret,
          audience: 'backend',
        }),
        anAuth('obo-auth', 'obo'),
        aServer('mixed', {
          outgoingAuth: {
            default: external('obo-auth'),
            backends: { github: external('gh-auth'), jira: external('obo-auth'), slack: external('missing') },
          },
        }),
      );
      const reason = 'on-behalf-of (OBO) external auth type requires an enterprise build';
      const mixed = await server('mixed');
      expect(mixed).toHaveCondition('DefaultAuthConfig', {
        status: 'False',
        reason: 'EnterpriseRequired',
        message: `Failed to convert default auth config: invalid (EnterpriseRequired): ${reason}`,
      });
      expect(mixed).toHaveCondition('BackendAuthConfig-github', { status: 'True', reason: 'ConversionSucceeded' });
      expect(mixed).toHaveCondition('BackendAuthConfig-jira', {
        status: 'False',
        reason: 'EnterpriseRequired',
        message: `Failed to convert backend auth config: invalid (EnterpriseRequired): ${reason}`,
      });
      expect(mixed).toHaveCondition('BackendAuthConfig-slack', { status: 'False', reason: 'ConversionFailed' });
      expect(mixed).toHaveCondition('AuthConfigured', { status: 'True' });
      expect(mixed.status?.phase).toBe('Ready');

      await harness.patch(MCPExternalAuthConfig, 'obo-auth', { spec: { type: 'unauthenticated', obo: null } });
      await harness.settle();
      for (const type of ['DefaultAuthConfig', 'BackendAuthConfig-jira']) {
        expect(await server('mixed')).toHaveCondition(type, { status: 'True', reason: 'ConversionSucceeded' });
      }
      await harness.patch(VirtualMCPServer, 'mixed', {
        spec: { outgoingAuth: { default: null, backends: { slack: null } } },
      });
      await harness.settle();
      expect((await typesOf('mixed'))?.filter((type) => /^(Default|Backend)AuthConfig/.test(type))).toEqual([
        'BackendAuthConfig-github',
        'BackendAuthConfig-jira',
      ]);
    });

    it('takes credentials that the backends bring for granted', async () => {
      const outgoingAuth = { default: { type: 'discovered' }, backends: { github: { type: 'discovered' } } };
      await given(aServer('discovering', { outgoingAuth }));
      expect(await server('discovering')).toHaveCondition('DefaultAuthConfig', {
        status: 'True',
        reason: 'ConversionSucceeded',
        message: 'Default auth config is valid',
      });
      expect(await server('discovering')).toHaveCondition('BackendAuthConfig-github', {
        status: 'True',
        message: 'Backend auth config is valid',
      });
    });

    it('notices a place that promises a config and names none', async () => {
      const outgoingAuth = { backends: { github: { type: 'externalAuthConfigRef' } } };
      await given(aServer('nameless', { outgoingAuth }));
      expect(await server('nameless')).toHaveCondition('BackendAuthConfig-github', {
        status: 'False',
        reason: 'ConversionFailed',
        message:
          'Failed to convert backend auth config: backend github: externalAuthConfigRef type requires externalAuthConfigRef field',
      });
    });

    it.each([
      { type: 'bearerToken', settings: { tokenSecretRef: secret }, reason: 'ConversionFailed' },
      {
        type: 'embeddedAuthServer',
        settings: authServer('okta').authServerConfig,
        reason: 'ConversionFailed',
      },
      { type: 'unauthenticated' },
      { type: 'headerInjection', settings: { headerName: 'X-Key', valueSecretRef: secret } },
      { type: 'upstreamInject', settings: { providerName: 'okta' } },
      { type: 'awsSts', settings: { region: 'eu-west-1', fallbackRoleArn: 'arn:aws:iam::123456789012:role/r' } },
      { type: 'xaa', settings: xaa },
    ])('knows what to do with a config of type $type', async ({ type, settings, reason }) => {
      const name = `type-${type.toLowerCase()}`;
      await given(anAuth(name, type, settings), aServer(name, { outgoingAuth: { default: external(name) } }));
      expect(await server(name)).toHaveCondition(
        'DefaultAuthConfig',
        reason === undefined
          ? { status: 'True', reason: 'ConversionSucceeded' }
          : {
              status: 'False',
              reason,
              message: `Failed to convert default auth config: unsupported auth type: ${type}`,
            },
      );
    });

    it.each([
      { name: 'xaa-none', spec: {}, status: 'True' },
      { name: 'xaa-one', spec: authServer('okta'), status: 'True' },
      { name: 'xaa-two', spec: authServer('okta', 'entra'), status: 'False' },
      { name: 'xaa-named', spec: authServer('okta', 'entra'), subjectProviderName: 'okta', status: 'True' },
    ] as const)('must be able to tell whose token an assertion is asked for: $name', async (row) => {
      const settings = 'subjectProviderName' in row ? { ...xaa, subjectProviderName: row.subjectProviderName } : xaa;
      await given(
        anAuth(row.name, 'xaa', settings),
        aServer(row.name, { ...row.spec, outgoingAuth: { backends: { github: external(row.name) } } }),
      );
      expect(await server(row.name)).toHaveCondition('BackendAuthConfig-github', {
        status: row.status,
        ...(row.status === 'False'
          ? {
              reason: 'AmbiguousSubjectProvider',
              message:
                'Failed to convert backend auth config: failed to inject subject provider name: SubjectProviderName must be set explicitly for xaa when more than one upstream is configured',
            }
          : {}),
      });
    });
  });

  it('enforces Cedar only, and says so of a config of another type', async () => {
    const pdp = { type: 'httpv1', config: { http: { url: 'https://pdp.example.com' }, claim_mapping: 'standard' } };
    await given(
      { apiVersion, kind: 'MCPAuthzConfig', metadata: { name: 'pdp' }, spec: pdp },
      aServer('guarded', { incomingAuth: { type: 'anonymous', authzConfigRef: { name: 'pdp' } } }),
    );
    expect(await harness.require(MCPAuthzConfig, 'pdp')).toHaveCondition('Valid', { status: 'True' });
    const message = 'MCPAuthzConfig pdp has unsupported type "httpv1" for VirtualMCPServer; only cedarv1 is supported';
    expect(await server('guarded')).toHaveCondition('AuthzConfigRefValidated', {
      status: 'False',
      reason: 'AuthzConfigRefNotValid',
      message,
    });
    expect((await server('guarded')).status).toMatchObject({ phase: 'Failed', message });
    expect((await server('guarded')).status).not.toHaveProperty('authzConfigHash');
  });

  it('is judged by each of its references, whatever the others say', async () => {
    await given(
      { apiVersion, kind: 'MCPToolConfig', metadata: { name: 'fine' }, spec: { toolsFilter: ['read'] } },
      aServer('several', {
        incomingAuth: {
          type: 'oidc',
          oidcConfigRef: { name: 'gone', audience: 'a' },
          authzConfigRef: { name: 'gone' },
        },
        telemetryConfigRef: { name: 'gone' },
        config: {
          aggregation: {
            tools: [
              { workload: 'github', toolConfigRef: { name: 'fine' } },
              { workload: 'jira', toolConfigRef: { name: 'gone' } },
            ],
          },
        },
      }),
    );
    const several = await server('several');
    expect(several).toHaveCondition('OIDCConfigRefValidated', { status: 'False', reason: 'OIDCConfigRefNotFound' });
    expect(several).toHaveCondition('AuthzConfigRefValidated', { status: 'False', reason: 'AuthzConfigRefNotFound' });
    expect(several).toHaveCondition('TelemetryConfigRefValidated', { status: 'False' });
    expect(several).toHaveCondition('ToolConfigValidated-fine', { status: 'True' });
    expect(several).toHaveCondition('ToolConfigValidated-gone', { status: 'False', reason: 'ToolConfigNotFound' });
    expect(several).toHaveCondition('Ready', { status: 'False', reason: 'OIDCConfigRefNotFound' });
  });

  it('holds every config it names, wherever it names it, and is counted once', async () => {
    const tools = { workload: 'github', toolConfigRef: { name: 'held-tools' } };
    await given(
      anAuth('held-auth', 'unauthenticated'),
      { apiVersion, kind: 'MCPToolConfig', metadata: { name: 'held-tools' }, spec: { toolsFilter: ['read'] } },
      aServer('holder', {
        outgoingAuth: {
          default: external('held-auth'),
          backends: { a: external('held-auth'), b: external('held-auth') },
        },
        config: { aggregation: { tools: [tools, { ...tools, workload: 'jira' }] } },
      }),
    );
    const holder = [{ kind: 'VirtualMCPServer', name: 'holder' }];
    for (const [kind, name] of [
      [MCPExternalAuthConfig, 'held-auth'],
      [MCPToolConfig, 'held-tools'],
    ] as const) {
      const { status } = await harness.require(kind as typeof MCPToolConfig, name);
      expect(status).toMatchObject({ referenceCount: 1, referencingWorkloads: holder });
      await harness.delete(kind, name);
    }
    await harness.settle();
    expect(await harness.require(MCPExternalAuthConfig, 'held-auth')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      message: 'Cannot delete: referenced by workloads: [{VirtualMCPServer holder}]',
    });
    await harness.patch(VirtualMCPServer, 'holder', {
      spec: { outgoingAuth: { default: null, backends: { a: null } } },
    });
    await harness.settle();
    expect(await harness.get(MCPExternalAuthConfig, 'held-auth')).toBeDefined();
    await harness.patch(VirtualMCPServer, 'holder', { spec: { outgoingAuth: null, config: null } });
    await harness.settle();
    expect(await harness.get(MCPExternalAuthConfig, 'held-auth')).toBeUndefined();
    expect(await harness.get(MCPToolConfig, 'held-tools')).toBeUndefined();
  });

  describe('is refused by the API server', () => {
    const bucket = { maxTokens: 10, refillPeriod: '1m' };
    const redis = { sessionStorage: { provider: 'redis', address: 'redis:6379' } };
    it.each([
      {
        spec: { incomingAuth: { type: 'oidc' } },
        message: 'spec.incomingAuth.oidcConfigRef is required when type is oidc',
      },
      {
        spec: {
          incomingAuth: {
            type: 'anonymous',
            authzConfig: { type: 'inline', inline: { policies: ['permit(principal, action, resource);'] } },
            authzConfigRef: { name: 'a' },
          },
        },
        message: 'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared',
      },
      {
        spec: { incomingAuth: { type: 'anonymous', authzConfig: { type: 'inline' } } },
        message: "inline must be set when type is 'inline', and must not be set otherwise",
      },
      {
        spec: { config: { rateLimiting: { shared: bucket } } },
        message: "config.rateLimiting requires sessionStorage with provider 'redis'",
      },
      {
        spec: { ...redis, config: { rateLimiting: { perUser: bucket } } },
        message: 'config.rateLimiting.perUser requires incomingAuth.type oidc',
      },
      {
        spec: { ...redis, config: { rateLimiting: { tools: [{ name: 't', perUser: bucket }] } } },
        message: 'per-tool perUser rate limiting requires incomingAuth.type oidc',
      },
      {
        spec: { ...redis, config: { rateLimiting: {} } },
        message: 'at least one of shared, perUser, or tools must be configured',
      },
      { spec: { sessionStorage: { provider: 'redis' } }, message: 'address is required' },
      {
        spec: { embeddingServerRef: { name: 'e' }, config: { optimizer: { embeddingProvider: 'openai' } } },
        message: "cannot be combined with optimizer.embeddingProvider 'openai'",
      },
      {
        spec: { config: { optimizer: { embeddingHeaders: { 'X-A': 'b' } } } },
        message: "embeddingHeaders is only supported when embeddingProvider is 'openai'",
      },
      {
        spec: { config: { optimizer: { embeddingProvider: 'openai', embeddingHeaders: { Authorization: 'b' } } } },
        message: 'embeddingHeaders names must be valid HTTP header names and must not include Authorization',
      },
      {
        spec: { config: { operational: { failureHandling: { circuitBreaker: { timeout: '500ms' } } } } },
        message: 'timeout must be >= 1s',
      },
      { spec: { config: { aggregation: { conflictResolution: 'zzz' } } }, message: 'Unsupported value: "zzz"' },
      { spec: { groupRef: { name: '' } }, message: 'spec.groupRef.name' },
    ])('where $message', async ({ spec, message }) => {
      await expect(harness.apply(aServer('refused', spec))).rejects.toThrow(message);
    });
  });

  it('keeps fields of its configuration that are not known yet, and gets the defaults of those that are', async () => {
    await given(aServer('future', { config: { aggregation: {}, audit: {}, tomorrow: { deep: [1] } } }));
    expect((await server('future')).spec.config).toEqual({
      aggregation: { conflictResolution: 'prefix' },
      audit: {
        enabled: false,
        includeRequestData: false,
        includeResponseData: false,
        detectApplicationErrors: true,
        maxDataSize: 1024,
        maxDelegationDepth: 10,
      },
      tomorrow: { deep: [1] },
    });
  });
});
