import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConfigMap,
  Deployment,
  Event,
  findCondition,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  type KindOf,
  type OperatorModule,
} from '@trueup/core';
import { mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpGroup, MCPGroup } from '@trueup/mcp-group';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpRemoteProxy } from '@trueup/mcp-remote-proxy';
import { mcpServer } from '@trueup/mcp-server';
import { MCPServerEntry, mcpServerEntry } from '@trueup/mcp-server-entry';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { playProxyRunner, WorkloadSettings } from '@trueup/mcp-workload';
import { Harness, type ManifestObject } from '@trueup/testing';
import { embeddedOnly } from '@trueup/testing/embedded-only';
import '@trueup/testing/matchers';
import { virtualMcpCompositeToolDefinition } from '@trueup/virtual-mcp-composite-tool-definition';
import { virtualMcpServer } from './module.js';
import { VirtualMCPServer } from './resource.js';
import { VirtualServerSettings } from './settings.js';

const apiVersion = 'toolhive.stacklok.dev/v1beta1';
const modules: readonly OperatorModule[] = [
  mcpAuthzConfig,
  mcpExternalAuthConfig,
  mcpOidcConfig,
  mcpTelemetryConfig,
  mcpToolConfig,
  mcpWebhookConfig,
  mcpGroup,
  mcpServer,
  mcpRemoteProxy,
  mcpServerEntry,
  virtualMcpCompositeToolDefinition,
  virtualMcpServer,
];

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({
    modules,
    register: (container) => {
      container.registerInstance(
        WorkloadSettings,
        new WorkloadSettings({ runnerImage: 'runner:v1', openShift: false }),
      );
      container.registerInstance(VirtualServerSettings, new VirtualServerSettings({ image: 'vmcp:v1' }));
    },
    images: [{ image: /^runner:/, play: playProxyRunner }],
  });
});
afterAll(() => harness.stop());

const anObject = (kind: string, name: string, spec: object): ManifestObject => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});
const aGroup = (name: string) => anObject('MCPGroup', name, { description: 'd' });
/** In a group of its own, unless the spec says another. */
const aServer = (name: string, spec: object = {}) =>
  anObject('VirtualMCPServer', name, {
    groupRef: { name: `of-${name}` },
    incomingAuth: { type: 'anonymous' },
    ...spec,
  });
const anOidc = (name: string, inline: object = {}) =>
  anObject('MCPOIDCConfig', name, { type: 'inline', inline: { issuer: 'https://idp.example.com', ...inline } });
const anAuthz = (name: string, policy = 'permit(principal, action, resource);') =>
  anObject('MCPAuthzConfig', name, { type: 'cedarv1', config: { policies: [policy], entities_json: '[]' } });
const anEntry = (name: string, group: string, spec: object = {}) =>
  anObject('MCPServerEntry', name, {
    groupRef: { name: group },
    remoteUrl: `https://${name}.example.com/mcp`,
    transport: 'streamable-http',
    ...spec,
  });
const anAuth = (name: string, type: string, settings?: object) =>
  anObject('MCPExternalAuthConfig', name, { type, ...(settings && { [type]: settings }) });
const aSecret = (name: string, stringData: Record<string, string>): ManifestObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const external = (name: string) => ({ type: 'externalAuthConfigRef', externalAuthConfigRef: { name } });
const withOidc = (name: string) => ({ incomingAuth: { type: 'oidc', oidcConfigRef: { name, audience: 'a' } } });
const header = (name: string) => ({ headerName: 'X-Key', valueSecretRef: { name, key: 'k' } });

async function given(...objects: readonly ManifestObject[]): Promise<void> {
  const groups = objects.filter(({ kind }) => kind === 'VirtualMCPServer').map(({ metadata }) => `of-${metadata.name}`);
  await harness.apply(...groups.map(aGroup), ...objects);
  await harness.settle();
}
async function edit(name: string, spec: object): Promise<void> {
  await harness.patch(VirtualMCPServer, name, { spec });
  await harness.settle();
}
async function removed(kind: KindOf, name: string): Promise<void> {
  await harness.delete(kind, name);
  await harness.settle();
}
const server = (name: string) => harness.require(VirtualMCPServer, name);
const statusOf = async (name: string) => (await server(name)).status;
async function conditionOf(name: string, type: string): Promise<string | undefined> {
  const found = findCondition((await statusOf(name))?.conditions, type);
  return found && `${found.status} ${found.reason}: ${found.message}`;
}
const deployment = (name: string) => harness.get(Deployment, name);
const templateOf = async (name: string) => (await harness.require(Deployment, name)).spec?.template;
const environmentOf = async (name: string) =>
  (await templateOf(name))?.spec?.containers[0]?.env?.map((variable) => variable.name);
const configOf = async (name: string) =>
  (await harness.require(ConfigMap, `${name}-vmcp-config`)).data?.['config.yaml'] ?? '';
const eventsOf = async (name: string) =>
  (await harness.list(Event)).filter(({ regarding }) => regarding?.name === name);
const events = async (name: string) => (await eventsOf(name)).map(({ reason }) => reason);
const notes = async (name: string) => (await eventsOf(name)).map(({ reason, action, note }) => [reason, action, note]);

describe('the smallest VirtualMCPServer', () => {
  it('is served by the objects it always had, in the state it always was', async () => {
    await given(aServer('demo'));
    const owned = [
      [ServiceAccount, 'demo-vmcp'],
      [Role, 'demo-vmcp'],
      [RoleBinding, 'demo-vmcp'],
      [Secret, 'demo-hmac-secret'],
      [ConfigMap, 'demo-vmcp-config'],
      [Deployment, 'demo'],
      [Service, 'vmcp-demo'],
    ] as const;
    for (const [kind, name] of owned) {
      const { metadata } = await harness.require(kind, name);
      expect(metadata.ownerReferences).toMatchObject([{ kind: 'VirtualMCPServer', name: 'demo', controller: true }]);
    }
    expect(await configOf('demo')).toBe(`name: demo
groupRef: of-demo
incomingAuth:
    type: anonymous
outgoingAuth:
    source: discovered
aggregation:
    conflictResolution: prefix
    conflictResolutionConfig:
        prefixFormat: '{workload}_'
operational:
    timeouts:
        default: 30s
    failureHandling:
        healthCheckInterval: 30s
        unhealthyThreshold: 3
        statusReportingInterval: 30s
        partialFailureMode: fail
        circuitBreaker:
            failureThreshold: 5
            timeout: 1m0s
`);
    const url = `http://vmcp-demo.${harness.namespace}.svc.cluster.local:4483`;
    expect(await statusOf('demo')).toMatchObject({
      phase: 'Ready',
      message: 'Virtual MCP server is running',
      url,
      observedGeneration: 1,
    });
    expect(
      (await statusOf('demo'))?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort(),
    ).toEqual([
      'AuthConfigured True AuthValid',
      'CompositeToolRefsValidated True CompositeToolRefsValid',
      'GroupRefValidated True GroupRefValid',
      'Ready True DeploymentReady',
      'SessionStorageWarning False SessionStorageWarningNotApplicable',
      'Valid True ValidationSucceeded',
    ]);
    expect((await events('demo')).sort()).toEqual(['DeploymentCreated', 'HMACSecretCreated', 'ServiceCreated']);
    const { data } = await harness.require(Secret, 'demo-hmac-secret');
    const text = Buffer.from(data?.['hmac-secret'] ?? '', 'base64').toString();
    expect(Buffer.from(text, 'base64')).toHaveLength(32);
  });

  it('costs no write once it stands', async () => {
    harness.forgetWrites();
    await harness.patch(VirtualMCPServer, 'demo', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('gets back what is taken away', async () => {
    const before = (await harness.require(Secret, 'demo-hmac-secret')).metadata.uid;
    await removed(Secret, 'demo-hmac-secret');
    await removed(ServiceAccount, 'demo-vmcp');
    expect((await harness.require(Secret, 'demo-hmac-secret')).metadata.uid).not.toBe(before);
    expect(await harness.get(ServiceAccount, 'demo-vmcp')).toBeDefined();
  });

  embeddedOnly.each([
    {
      behaviour: 'none',
      phase: 'Pending',
      message: 'No pods found for Virtual MCP server',
      ready: 'DeploymentNotReady',
    },
    { behaviour: 'notready', phase: 'Pending', message: 'Virtual MCP server is starting', ready: 'DeploymentNotReady' },
    { behaviour: 'ready', phase: 'Ready', message: 'Virtual MCP server is running', ready: 'DeploymentReady' },
  ] as const)('stands as its pods do: $behaviour', async ({ behaviour, phase, message, ready }) => {
    harness.controlPlane?.workloads?.behave({ namespace: harness.namespace, name: 'demo', behaviour });
    await harness.settle();
    expect(await statusOf('demo')).toMatchObject({ phase, message });
    expect(await server('demo')).toHaveCondition('Ready', { reason: ready });
  });

  embeddedOnly('stands as its pods do: failed', async () => {
    harness.controlPlane?.workloads?.behave({ namespace: harness.namespace, name: 'failing', behaviour: 'failed' });
    await given(aServer('failing'));
    expect(await statusOf('failing')).toMatchObject({ phase: 'Failed', message: 'Virtual MCP server failed to start' });
    expect(await server('failing')).toHaveCondition('Ready', { status: 'False', reason: 'DeploymentFailed' });
  });

  it('stands as it reports of its backends, which is its own to write', async () => {
    const report = { name: 'b', status: 'unavailable', circuitBreakerState: 'open' };
    const condition = { type: 'BackendsDiscovered', status: 'True', reason: 'BackendsDiscovered', message: 'm' };
    const resource = { ...VirtualMCPServer.resource };
    const status = {
      discoveredBackends: [report],
      backendCount: 0,
      conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    };
    await harness.client.apply(
      resource,
      {
        apiVersion,
        kind: 'VirtualMCPServer',
        metadata: { name: 'demo', namespace: harness.namespace },
        status,
      } as never,
      { fieldManager: 'vmcp', subresource: 'status', force: true },
    );
    await harness.settle();
    expect(await statusOf('demo')).toMatchObject({
      phase: 'Degraded',
      message: 'Virtual MCP server is running but all 1 backends are unhealthy',
      discoveredBackends: [report],
    });
    expect(await server('demo')).toHaveCondition('BackendsDiscovered', { status: 'True' });
    expect(await server('demo')).toHaveCondition('Ready', { status: 'False', reason: 'BackendsUnavailable' });
  });
});

describe('a VirtualMCPServer that cannot be served', () => {
  const authServer = (more: object = {}) => ({
    issuer: 'https://auth.example.com',
    upstreamProviders: [
      { name: 'okta', type: 'oidc', oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'vmcp' } },
    ],
    ...more,
  });
  const resource = 'https://vmcp.example.com';
  const guarded = (oidc: string, reference: object = {}) => ({
    incomingAuth: {
      type: 'oidc',
      oidcConfigRef: { name: oidc, audience: resource, resourceUrl: resource, ...reference },
    },
  });

  beforeAll(() =>
    given(
      anOidc('idp'),
      anOidc('self', { issuer: 'https://auth.example.com' }),
      anOidc('with-secret', { clientSecretRef: { name: 'nowhere', key: 'k' } }),
      anAuthz('cedar'),
      anObject('MCPAuthzConfig', 'pdp', {
        type: 'httpv1',
        config: { http: { url: 'https://pdp.example.com' }, claim_mapping: 'standard' },
      }),
      aSecret('keys', { other: 'x' }),
      aGroup('empty'),
    ),
  );

  it.each([
    {
      name: 'no-group',
      spec: { groupRef: { name: 'nobody' } },
      condition: 'GroupRefValidated',
      says: 'False GroupRefNotFound: Referenced MCPGroup nobody not found',
    },
    {
      name: 'manual',
      spec: { config: { aggregation: { conflictResolution: 'manual' } } },
      condition: 'Valid',
      says: 'False ValidationFailed: tool overrides are required for manual strategy',
    },
    {
      name: 'authorization-header',
      spec: { passthroughHeaders: ['Authorization'] },
      condition: 'Valid',
      says: 'False ValidationFailed: passthroughHeaders[0]: "Authorization" is a restricted header and cannot be forwarded',
    },
    {
      name: 'n'.repeat(59),
      spec: {},
      condition: 'Valid',
      says: `False ValidationFailed: the name "${'n'.repeat(59)}" has 59 characters; the objects made for it need one of at most 58, create the server under a shorter name`,
    },
    {
      name: 'searched-and-guarded',
      spec: {
        config: { optimizer: { embeddingService: 'http://e' } },
        incomingAuth: { type: 'anonymous', authzConfigRef: { name: 'cedar' } },
      },
      condition: 'Valid',
      says: 'False ValidationFailed: optimizer and incomingAuth authorization cannot be combined',
      event: 'EmbeddingServiceManual',
    },
    {
      name: 'no-template',
      spec: { podTemplateSpec: { spec: { containers: 'x' } } },
      condition: 'PodTemplateSpecValid',
      says: 'False InvalidPodTemplateSpec: Failed to parse PodTemplateSpec: failed to unmarshal PodTemplateSpec: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container. Deployment blocked until fixed.',
      message:
        'Invalid PodTemplateSpec: failed to unmarshal PodTemplateSpec: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
      event: 'InvalidPodTemplateSpec',
    },
    {
      name: 'no-workflow',
      spec: { config: { compositeToolRefs: [{ name: 'nowhere' }] } },
      condition: 'CompositeToolRefsValidated',
      says: 'False CompositeToolRefNotFound: Referenced VirtualMCPCompositeToolDefinition nowhere not found',
    },
    {
      name: 'no-embedding',
      spec: { embeddingServerRef: { name: 'nowhere' } },
      condition: 'EmbeddingServerReady',
      says: 'False EmbeddingServerNotFound: Referenced EmbeddingServer nowhere not found',
      event: 'EmbeddingServerRefNotFound',
    },
    {
      name: 'not-cedar',
      spec: { incomingAuth: { type: 'anonymous', authzConfigRef: { name: 'pdp' } } },
      condition: 'AuthzConfigRefValidated',
      says: 'False AuthzConfigRefNotValid: MCPAuthzConfig pdp has unsupported type "httpv1" for VirtualMCPServer; only cedarv1 is supported',
    },
    {
      name: 'no-oidc',
      spec: guarded('nowhere'),
      condition: 'OIDCConfigRefValidated',
      says: 'False OIDCConfigRefNotFound: MCPOIDCConfig nowhere not found: failed to get MCPOIDCConfig NS/nowhere: MCPOIDCConfig.toolhive.stacklok.dev "nowhere" not found',
    },
    {
      name: 'no-secret',
      spec: guarded('with-secret'),
      condition: 'AuthConfigured',
      says: 'False AuthInvalid: Authentication configuration is invalid: failed to get MCPOIDCConfig OIDC client secret secret NS/nowhere: Secret "nowhere" not found',
      event: 'SecretValidationFailed',
    },
    {
      name: 'no-delegate-secret',
      spec: {
        ...guarded('self'),
        authServerConfig: authServer({
          delegateClients: [
            { clientId: 'd', clientSecretRef: { name: 'keys', key: 'zz' }, scopes: ['openid'], audiences: [resource] },
          ],
        }),
      },
      condition: 'AuthConfigured',
      says: 'False AuthInvalid: Authentication configuration is invalid: delegate client "d" secret NS/keys is missing key "zz"',
      event: 'SecretValidationFailed',
    },
    {
      name: 'no-signing-key',
      spec: {
        ...guarded('self'),
        authServerConfig: authServer({
          signingKeySecretRefs: [{ name: 'keys', key: 'a.pem' }],
          hmacSecretRefs: [{ name: 'keys', key: 'other' }],
        }),
      },
      condition: 'AuthServerConfigValidated',
      says: 'False AuthServerSecretNotFound: spec.authServerConfig references Secret "keys" key "a.pem" which does not exist',
    },
    {
      name: 'no-session-password',
      spec: {
        sessionStorage: { provider: 'redis', address: 'redis:6379', passwordRef: { name: 'keys', key: 'p' } },
      },
      condition: 'AuthConfigured',
      says: 'False AuthInvalid: Authentication configuration is invalid: session Redis password secret NS/keys is missing key "p"',
      event: 'SecretValidationFailed',
    },
    {
      name: 'no-policies',
      spec: { incomingAuth: { type: 'anonymous', authzConfig: { type: 'configMap', configMap: { name: 'az' } } } },
      condition: 'AuthConfigured',
      says: 'False AuthzConfigMapNotFound: Authorization ConfigMap is invalid: failed to get Authz ConfigMap NS/az: ConfigMap "az" not found',
      event: 'AuthzConfigMapNotFound',
    },
    {
      name: 'anonymous-auth-server',
      spec: { authServerConfig: authServer() },
      condition: 'AuthServerConfigValidated',
      says: 'False AuthServerConfigInvalid: invalid auth server integration: auth server requires at least one allowed audience (MCP clients must send RFC 8707 resource parameter)',
    },
    {
      name: 'other-issuer',
      spec: { ...guarded('idp'), authServerConfig: authServer() },
      condition: 'AuthServerConfigValidated',
      says: 'False AuthServerConfigInvalid: invalid auth server integration: auth server issuer mismatch: auth server issuer "https://auth.example.com" != incomingAuth.oidc.issuer "https://idp.example.com"',
    },
    {
      name: 'plain-http',
      spec: { ...guarded('self'), authServerConfig: authServer({ issuer: 'http://as.example.com' }) },
      condition: 'AuthServerConfigValidated',
      says: 'False AuthServerConfigInvalid: spec.authServerConfig.issuer "http://as.example.com" uses http:// with a non-localhost host; set spec.authServerConfig.insecureAllowHTTP: true to allow this for trusted in-cluster deployments, or use https:// for production deployments',
    },
    {
      name: 'odd-baseline',
      spec: {
        ...guarded('self', { scopes: ['openid', 'profile'] }),
        authServerConfig: authServer({ baselineClientScopes: ['openid', 'repo'] }),
      },
      condition: 'BaselineScopesValid',
      says: 'False BaselineScopeNotSupported: baselineClientScopes contains "repo" which is not in the supported scopes [openid profile]',
    },
    {
      name: 'no-static-backend',
      spec: { groupRef: { name: 'empty' }, outgoingAuth: { source: 'inline' } },
      condition: 'StaticBackendsAvailable',
      says: 'False NoBackends: static mode requires at least one backend with valid transport ([sse streamable-http]), but none were discovered in group empty',
      phase: 'Pending',
    },
  ])('says why: $name', async ({ name, spec, condition, says, message, event, phase = 'Failed' }) => {
    await given(aServer(name, spec));
    const said = says.replaceAll('NS', harness.namespace);
    expect(await conditionOf(name, condition)).toBe(said);
    const [, reason = '', text = ''] = /^False (\w+): (.*)$/s.exec(said) ?? [];
    const summary = message ?? text;
    expect(await statusOf(name)).toMatchObject({ phase, message: summary });
    expect(await conditionOf(name, 'Ready')).toBe(`False ${reason}: ${summary}`);
    expect(await statusOf(name)).not.toHaveProperty('url');
    expect(await deployment(name)).toBeUndefined();
    expect(await events(name)).toEqual(event === undefined ? [] : [event]);

    harness.forgetWrites();
    await harness.patch(VirtualMCPServer, name, { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });
});

describe('a VirtualMCPServer that is served', () => {
  it('goes on by what it has when a config breaks, and says so; then by what the config says', async () => {
    await given(anOidc('breaking'), anAuthz('policies'));
    const incomingAuth = { ...withOidc('breaking').incomingAuth, authzConfigRef: { name: 'policies' } };
    await given(aServer('serving', { incomingAuth }));
    expect(await statusOf('serving')).toMatchObject({ phase: 'Ready' });
    const before = await deployment('serving');
    expect(before?.spec?.template.metadata?.annotations).toBeDefined();

    await given(anObject('MCPAuthzConfig', 'policies', { type: 'cedarv1', config: { policies: ['no policy'] } }));
    expect(await conditionOf('serving', 'AuthzConfigRefValidated')).toMatch(/^False AuthzConfigRefNotValid/);
    expect(await statusOf('serving')).toMatchObject({ phase: 'Ready', message: expect.stringContaining('policies') });
    expect(await conditionOf('serving', 'Ready')).toMatch(/^True DeploymentReady/);
    expect((await deployment('serving'))?.spec).toEqual(before?.spec);

    harness.forgetWrites();
    await given(anAuthz('policies', 'forbid(principal, action, resource);'));
    expect(await configOf('serving')).toContain('forbid(principal, action, resource);');
    expect((await deployment('serving'))?.spec?.template).not.toEqual(before?.spec?.template);
    expect(harness.writes.filter(({ resource }) => resource.kind === 'Deployment')).toHaveLength(1);

    await edit('serving', { incomingAuth: { type: 'anonymous', oidcConfigRef: null, authzConfigRef: null } });
    expect(await configOf('serving')).toContain('incomingAuth:\n    type: anonymous\noutgoingAuth');
    const { status } = await server('serving');
    expect(status).not.toHaveProperty('authzConfigHash');
    expect(status).not.toHaveProperty('oidcConfigHash');
    expect(await conditionOf('serving', 'OIDCConfigRefValidated')).toBeUndefined();
    expect(await events('serving')).toContain('DeploymentUpdated');
  });

  it('keeps what others changed, and gives up what it no longer asks for', async () => {
    const podTemplateSpec = { metadata: { labels: { x: 'y' } }, spec: { nodeSelector: { disk: 'ssd' } } };
    await given(
      aServer('changing', { replicas: 2, imagePullSecrets: [{ name: 'b' }, { name: 'a' }], podTemplateSpec }),
    );
    expect(await conditionOf('changing', 'SessionStorageWarning')).toMatch(/^True SessionStorageMissingForReplicas/);
    expect((await templateOf('changing'))?.spec?.nodeSelector).toEqual({ disk: 'ssd' });
    expect((await harness.require(ServiceAccount, 'changing-vmcp')).imagePullSecrets).toHaveLength(2);
    harness.forgetWrites();
    await harness.patch(VirtualMCPServer, 'changing', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);

    const restartedAt = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
    const restarted = { spec: { template: { metadata: { annotations: restartedAt } } } };
    await harness.patch(Deployment, 'changing', restarted);
    await harness.settle();
    await edit('changing', { replicas: null, imagePullSecrets: null, podTemplateSpec: null });
    const live = await harness.require(Deployment, 'changing');
    expect(live.spec?.replicas).toBe(2);
    expect(live.spec?.template.metadata?.annotations).toMatchObject(restartedAt);
    expect(live.spec?.template.spec?.nodeSelector).toBeUndefined();
    expect(live.spec?.template.metadata?.labels).not.toHaveProperty('x');
    const hashes = Object.keys(live.metadata.annotations ?? {}).filter((key) => key.endsWith('-hash'));
    expect(hashes).toEqual([]);
    expect((await harness.require(ServiceAccount, 'changing-vmcp')).imagePullSecrets ?? []).toEqual([]);
    expect(await conditionOf('changing', 'PodTemplateSpecValid')).toBeUndefined();

    await edit('changing', { replicas: 0 });
    expect(await statusOf('changing')).toMatchObject({
      phase: 'Pending',
      message: 'No pods found for Virtual MCP server',
    });
  });

  it('is not rolled out with a pod template that the API server refuses', async () => {
    const podTemplateSpec = { spec: { containers: [{ name: 'sidecar' }] } };
    await given(aServer('refused', { podTemplateSpec }));
    expect(await conditionOf('refused', 'Ready')).toMatch(
      /^False NotApplied: .*Deployment.apps "refused" is invalid: spec.template.spec.containers\[0\].image: Required value/,
    );
    expect((await statusOf('refused'))?.phase).toBe('Failed');
    expect(await harness.get(ConfigMap, 'refused-vmcp-config')).toBeUndefined();
    expect(await notes('refused')).toContainEqual([
      'DeploymentCreationFailed',
      'CreateDeployment',
      expect.stringMatching(/^Failed to create Deployment: .* is invalid/),
    ]);
    await edit('refused', { podTemplateSpec: { spec: { containers: [{ name: 'sidecar', image: 's' }] } } });
    expect((await templateOf('refused'))?.spec?.containers.map(({ name }) => name)).toEqual(['sidecar', 'vmcp']);
    expect(await statusOf('refused')).toMatchObject({ phase: 'Ready' });
  });

  it('runs under an account of its owner where the spec names one', async () => {
    await given(aServer('own-account', { serviceAccount: 'mine', serviceType: 'NodePort', sessionAffinity: 'None' }));
    expect((await templateOf('own-account'))?.spec?.serviceAccountName).toBe('mine');
    for (const kind of [ServiceAccount, Role, RoleBinding] as readonly KindOf[]) {
      expect(await harness.get(kind, 'own-account-vmcp')).toBeUndefined();
    }
    const { spec } = await harness.require(Service, 'vmcp-own-account');
    expect(spec).toMatchObject({ type: 'NodePort', sessionAffinity: 'None' });
    const nodePort = spec?.ports?.[0]?.nodePort;
    await edit('own-account', { sessionAffinity: 'ClientIP' });
    expect((await harness.require(Service, 'vmcp-own-account')).spec?.ports?.[0]?.nodePort).toBe(nodePort);
  });

  it('leaves alone what is not its own', async () => {
    const labels = { app: 'other' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await given({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'taken' },
      spec: { selector: { matchLabels: labels }, template },
    });
    await given(aServer('taken'));
    expect(await statusOf('taken')).toMatchObject({
      phase: 'Failed',
      message: 'Deployment taken exists and is not owned by this VirtualMCPServer',
    });
    expect((await deployment('taken'))?.metadata.ownerReferences).toBeUndefined();

    await given(aSecret('found-hmac-secret', { 'hmac-secret': 'hunter2' }), aServer('found'));
    expect(await statusOf('found')).toMatchObject({ phase: 'Ready' });
    expect(await events('found')).toContain('HMACSecretValidationFailed');
    expect(JSON.stringify(await harness.list(Event))).not.toContain('hunter2');
  });

  embeddedOnly.each([
    { name: 'no-deployment', match: { verb: 'patch', resource: 'deployments' }, event: 'DeploymentCreationFailed' },
    { name: 'no-service', match: { verb: 'patch', resource: 'services' }, event: 'ServiceCreationFailed' },
    { name: 'no-key', match: { verb: 'create', resource: 'secrets' }, event: 'HMACSecretCreationFailed' },
  ])('is made later, and tells of what could not be made: $event', async ({ name, match, event }) => {
    harness.controlPlane?.faults.inject({ type: 'status', code: 500, times: 1, match });
    await given(aServer(name));
    expect(await statusOf(name)).toMatchObject({ phase: 'Ready' });
    const told = (await events(name)).sort();
    expect(told).toEqual([event, 'DeploymentCreated', 'HMACSecretCreated', 'ServiceCreated'].sort());
  });

  embeddedOnly('tells of a rollout that the API server did not take', async () => {
    await given(aServer('no-rollout'));
    harness.controlPlane?.faults.inject({
      type: 'status',
      code: 500,
      times: 1,
      match: { verb: 'patch', resource: 'deployments' },
    });
    await edit('no-rollout', { passthroughHeaders: ['X-Any'] });
    expect(await notes('no-rollout')).toContainEqual([
      'DeploymentUpdateFailed',
      'UpdateDeployment',
      expect.stringMatching(/^Failed to update Deployment: /),
    ]);
    expect(await events('no-rollout')).toContain('DeploymentUpdated');
  });

  it('restarts when a secret it takes in is rotated, and waits for one that is missing', async () => {
    await given(anOidc('rotating', { clientSecretRef: { name: 'rotated', key: 'k' } }));
    await given(aServer('rotating', withOidc('rotating')));
    expect((await statusOf('rotating'))?.phase).toBe('Failed');
    await given(aSecret('rotated', { k: 'one' }));
    expect((await statusOf('rotating'))?.phase).toBe('Ready');
    const digest = async () =>
      (await templateOf('rotating'))?.metadata?.annotations?.['toolhive.stacklok.dev/secrets-digest'];
    const before = await digest();
    await given(aSecret('rotated', { k: 'two' }));
    expect(before).toBeDefined();
    expect(await digest()).not.toBe(before);
    expect(await environmentOf('rotating')).toContain('VMCP_OIDC_CLIENT_SECRET');
  });
});

describe('the backends of a VirtualMCPServer', () => {
  it('are found as they come, go and move, and by what they bring', async () => {
    await given(aGroup('one'), aGroup('two'), aSecret('credentials', { k: 'v' }));
    const inline = { outgoingAuth: { source: 'inline' } };
    await given(aServer('first', { groupRef: { name: 'one' }, ...inline }));
    await given(aServer('second', { groupRef: { name: 'two' }, ...inline }));
    expect((await statusOf('first'))?.phase).toBe('Pending');

    await given(anAuth('gh', 'headerInjection', header('credentials')));
    await given(anEntry('docs', 'one', { externalAuthConfigRef: { name: 'gh' } }));
    expect(await statusOf('first')).toMatchObject({ phase: 'Ready' });
    expect(await configOf('first')).toContain('url: https://docs.example.com/mcp');
    expect(await environmentOf('first')).toContain('TOOLHIVE_HEADER_INJECTION_VALUE_GH');
    expect(await conditionOf('first', 'DiscoveredAuthConfig-docs')).toBe(
      'True ConversionSucceeded: Discovered auth config is valid',
    );

    await given(anAuth('gh', 'headerInjection', { ...header('credentials'), headerName: 'X-Other' }));
    expect(await configOf('first')).toContain('headerName: X-Other');

    await given(anEntry('docs', 'two', { externalAuthConfigRef: { name: 'gh' } }));
    expect((await statusOf('first'))?.phase).toBe('Pending');
    expect(await conditionOf('first', 'DiscoveredAuthConfig-docs')).toBeUndefined();
    expect(await configOf('second')).toContain('url: https://docs.example.com/mcp');
  });

  it('are served without those whose credentials cannot be used, and with those that the spec gives instead', async () => {
    await given(aGroup('mixed'), anAuth('obo', 'obo', {}), anAuth('none', 'unauthenticated'));
    const reason = 'on-behalf-of (OBO) external auth type requires an enterprise build';
    await given(
      anEntry('github', 'mixed'),
      anEntry('jira', 'mixed', { externalAuthConfigRef: { name: 'obo' } }),
      aServer('mixed', { groupRef: { name: 'mixed' }, outgoingAuth: { source: 'inline' } }),
    );
    expect(await conditionOf('mixed', 'DiscoveredAuthConfig-jira')).toBe(
      `False EnterpriseRequired: Failed to convert discovered auth config: invalid (EnterpriseRequired): ${reason}`,
    );
    expect(await conditionOf('mixed', 'AuthConfigured')).toMatch(/^True/);
    expect(await statusOf('mixed')).toMatchObject({ phase: 'Ready' });
    expect(await configOf('mixed')).not.toContain('jira');

    await edit('mixed', { outgoingAuth: { backends: { jira: external('none') } } });
    expect(await conditionOf('mixed', 'BackendAuthConfig-jira')).toMatch(/^True/);
    expect(await conditionOf('mixed', 'DiscoveredAuthConfig-jira')).toMatch(/^False EnterpriseRequired/);
    await edit('mixed', { outgoingAuth: null });
    expect(await conditionOf('mixed', 'BackendAuthConfig-jira')).toBeUndefined();
    expect(await conditionOf('mixed', 'DiscoveredAuthConfig-jira')).toMatch(/^False EnterpriseRequired/);
    await given(anAuth('obo', 'unauthenticated'));
    expect(await conditionOf('mixed', 'DiscoveredAuthConfig-jira')).toMatch(/^True ConversionSucceeded/);
  });

  it('are told of when two have one name', async () => {
    await given(
      aGroup('twins'),
      anEntry('twin', 'twins'),
      anObject('MCPServer', 'twin', { image: 'i', transport: 'streamable-http', groupRef: { name: 'twins' } }),
      aServer('twins', { groupRef: { name: 'twins' } }),
    );
    expect(await conditionOf('twins', 'BackendNamesUnique')).toBe(
      'False NameConflict: MCPServer and MCPServerEntry have the name "twin": only the MCPServer is served; rename one of them',
    );
    expect(await statusOf('twins')).toMatchObject({ phase: 'Ready' });
    await removed(MCPServerEntry, 'twin');
    expect(await conditionOf('twins', 'BackendNamesUnique')).toBeUndefined();
  });

  it('go with their group', async () => {
    await given(aGroup('going'), aServer('going', { groupRef: { name: 'going' } }));
    await removed(MCPGroup, 'going');
    expect(await statusOf('going')).toMatchObject({ phase: 'Failed', message: 'Referenced MCPGroup going not found' });
    expect(await deployment('going')).toBeDefined();
    await given(aGroup('going'));
    expect(await statusOf('going')).toMatchObject({ phase: 'Ready' });
  });

  it('cost no request while nothing changes, however many they are, and only their own server anything when one does', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `many-${index}`);
    await given(aSecret('crowd-key', { k: 'v' }), anAuth('shared', 'headerInjection', header('crowd-key')));
    await given(aGroup('crowd'), aGroup('others'));
    await given(...many.map((name) => anEntry(name, 'crowd')), anEntry('another', 'others'));
    await given(anEntry('many-7', 'crowd', { externalAuthConfigRef: { name: 'shared' } }));
    await given(
      aServer('crowded', { groupRef: { name: 'crowd' }, outgoingAuth: { source: 'inline' } }),
      aServer('other', { groupRef: { name: 'others' }, outgoingAuth: { source: 'inline' } }),
    );
    expect((await configOf('crowded')).match(/ url: /g)).toHaveLength(60);

    const requests: string[] = [];
    harness.operator.client.onRequest(({ verb, resource }) => void requests.push(`${verb} ${resource.kind}`));
    await harness.patch(VirtualMCPServer, 'crowded', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    // Settling itself asks whether the caches are current.
    expect(requests.filter((request) => !/^(list|watch) /.test(request))).toEqual([]);

    const written = () =>
      harness.writes.flatMap(({ resource, name = '' }) =>
        resource.kind === 'Event' ? [] : [`${resource.kind}/${name}`],
      );
    harness.forgetWrites();
    await given(anEntry('many-8', 'crowd', { remoteUrl: 'https://moved.example.com/mcp' }));
    expect(await configOf('crowded')).toContain('https://moved.example.com/mcp');
    expect(new Set(written().filter((each) => !/crowded/.test(each)))).toEqual(new Set(['MCPServerEntry/many-8']));

    harness.forgetWrites();
    await given(anAuth('shared', 'headerInjection', { ...header('crowd-key'), headerName: 'X-Moved' }));
    expect(await configOf('crowded')).toContain('headerName: X-Moved');
    // Nothing is rolled out while the config is judged anew.
    expect(written().filter((each) => each.startsWith('ConfigMap/'))).toEqual(['ConfigMap/crowded-vmcp-config']);
    expect(written().filter((each) => /other/.test(each))).toEqual([]);
  });
});
