import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConfigMap,
  Deployment,
  Event,
  Pod,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  type KindOf,
} from '@trueup/core';
import { MCPExternalAuthConfig, mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { playProxyRunner, WorkloadSettings } from '@trueup/mcp-workload';
import { Harness, type ManifestObject } from '@trueup/testing';
import { embeddedOnly } from '@trueup/testing/embedded-only';
import { until } from '@trueup/testing/until';
import { mcpServer } from './module.js';
import { MCPServer } from './resource.js';

const IMAGE = 'ghcr.io/stackloklabs/gofetch/server';
const OBO_MESSAGE = 'on-behalf-of (OBO) external auth type requires an enterprise build';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({
    modules: [
      mcpExternalAuthConfig,
      mcpOidcConfig,
      mcpToolConfig,
      mcpAuthzConfig,
      mcpTelemetryConfig,
      mcpWebhookConfig,
      mcpServer,
    ],
    register: (container) =>
      container.registerInstance(WorkloadSettings, new WorkloadSettings({ runnerImage: 'runner:v1' })),
    images: [{ image: /^runner:/, play: playProxyRunner }],
  });
});

afterAll(() => harness.stop());

afterEach(async () => {
  harness.controlPlane?.workloads?.behave({ behaviour: 'ready' });
  for (const kind of [MCPServer, MCPExternalAuthConfig] as readonly KindOf[]) {
    for (const { metadata } of await harness.list(kind)) await harness.delete(kind, metadata.name);
    await harness.settle();
  }
});

function aServer(name: string, spec: object = {}, metadata: object = {}) {
  return {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'MCPServer',
    metadata: { name, ...metadata },
    spec: { image: IMAGE, transport: 'streamable-http', ...spec },
  };
}

function anAuth(name: string, spec: object) {
  return { apiVersion: 'toolhive.stacklok.dev/v1beta1', kind: 'MCPExternalAuthConfig', metadata: { name }, spec };
}

const tokenExchange = (audience = 'backend') => ({
  type: 'tokenExchange',
  tokenExchange: {
    tokenUrl: 'https://oauth.example.com/token',
    audience,
    clientSecretRef: { name: 'oauth', key: 'cs' },
  },
});

const aSecret = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'oauth' },
  stringData: data,
});

async function applied(...objects: readonly ManifestObject[]): Promise<void> {
  await harness.apply(...objects);
  await harness.settle();
}

const fetched = () => harness.require(MCPServer, 'fetch');
const conditionsOf = ({ status }: MCPServer) =>
  Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: is, reason, message }) => [type, `${is} ${reason}: ${message}`]),
  );

describe('an MCPServer', () => {
  it('is made ready, with everything around it, and then left alone', async () => {
    await applied(aServer('fetch'));

    const server = await fetched();
    expect(server.status).toMatchObject({
      phase: 'Ready',
      message: 'MCP server is running',
      readyReplicas: 1,
      observedGeneration: 1,
      url: `http://mcp-fetch-proxy.${harness.namespace}.svc.cluster.local:8080/mcp`,
    });
    expect(conditionsOf(server)).toEqual({
      StdioReplicaCapped: 'False StdioReplicaCapNotActive: stdio replica cap is not active',
      SessionStorageWarning: 'False SessionStorageWarningNotApplicable: session storage warning is not active',
      RateLimitConfigValid: 'True RateLimitNotApplicable: rate limiting is not configured',
      Ready: 'True Ready: MCP server is running',
    });
    const backend = await harness.require(StatefulSet, 'fetch');
    expect(backend.metadata.ownerReferences).toEqual([
      expect.objectContaining({
        kind: 'MCPServer',
        name: 'fetch',
        uid: server.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      }),
    ]);

    harness.forgetWrites();
    await harness.patch(MCPServer, 'fetch', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('puts back what others change of its objects, and leaves alone what is theirs', async () => {
    await applied(aServer('fetch'));
    await harness.patch(Service, 'mcp-fetch-proxy', {
      metadata: { annotations: { cloud: 'x' } },
      spec: { sessionAffinity: 'None' },
    });
    await harness.patch(ServiceAccount, 'fetch-proxy-runner', {
      metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'r' } },
    });
    await harness.delete(ConfigMap, 'fetch-runconfig');
    await harness.settle();

    expect(await harness.require(Service, 'mcp-fetch-proxy')).toMatchObject({
      metadata: { annotations: { cloud: 'x' } },
      spec: { sessionAffinity: 'ClientIP' },
    });
    expect((await harness.require(ServiceAccount, 'fetch-proxy-runner')).metadata.annotations).toHaveProperty([
      'eks.amazonaws.com/role-arn',
    ]);
    expect(await harness.get(ConfigMap, 'fetch-runconfig')).toBeDefined();
  });

  it('loses what its spec no longer asks for', async () => {
    const inline = { policies: ['permit(principal, action, resource);'] };
    await applied(
      aServer('fetch', {
        authzConfig: { type: 'inline', inline },
        resourceOverrides: { proxyService: { annotations: { lb: 'nlb' } } },
      }),
    );
    expect(await harness.get(ConfigMap, 'fetch-authz-inline')).toBeDefined();

    await applied(aServer('fetch', { serviceAccount: 'own' }));
    expect(await harness.get(ConfigMap, 'fetch-authz-inline')).toBeUndefined();
    expect(await harness.get(ServiceAccount, 'fetch-sa')).toBeUndefined();
    expect((await harness.require(Service, 'mcp-fetch-proxy')).metadata.annotations).toBeUndefined();
  });

  it('follows its address', async () => {
    await applied(aServer('fetch'));
    await applied(aServer('fetch', { transport: 'sse', proxyPort: 9000 }));
    expect((await fetched()).status?.url).toBe(
      `http://mcp-fetch-proxy.${harness.namespace}.svc.cluster.local:9000/sse#fetch`,
    );
  });

  embeddedOnly('says when its pods fail, and when they have recovered', async () => {
    await applied(aServer('fetch'));
    harness.controlPlane?.workloads?.behave({ name: 'fetch', behaviour: 'crash' });
    await harness.settle();
    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      message: 'MCP server pod failed: CrashLoopBackOff',
    });

    harness.controlPlane?.workloads?.behave({ name: 'fetch', behaviour: 'ready' });
    await harness.settle();
    expect((await fetched()).status).toMatchObject({ phase: 'Ready', readyReplicas: 1 });
  });

  it('leaves the number of proxies to others unless it says it', async () => {
    const replicasOf = async () => (await harness.require(Deployment, 'fetch')).spec?.replicas;
    await applied(aServer('fetch'));
    await harness.patch(Deployment, 'fetch', { spec: { replicas: 5 } });
    await harness.settle();
    expect(await replicasOf()).toBe(5);

    await applied(aServer('fetch', { replicas: 2 }));
    expect(await replicasOf()).toBe(2);
    await applied(aServer('fetch'));
    expect(await replicasOf()).toBe(2);

    await harness.patch(Deployment, 'fetch', { spec: { replicas: 0 } });
    await harness.settle();
    expect(await replicasOf()).toBe(0);
    expect((await fetched()).status).toMatchObject({
      phase: 'Stopped',
      message: 'MCP server is stopped (scaled to zero)',
    });
  });

  it('has one proxy when it speaks stdio, however it is scaled', async () => {
    await applied(aServer('fetch', { transport: 'stdio', replicas: 3 }));
    expect((await harness.require(Deployment, 'fetch')).spec?.replicas).toBe(1);
    expect(conditionsOf(await fetched())).toMatchObject({
      StdioReplicaCapped:
        'True StdioTransportCapAt1: stdio transport requires exactly 1 replica; deployment will use 1 regardless of spec.replicas',
      SessionStorageWarning: expect.stringContaining('True SessionStorageMissingForReplicas'),
    });

    await applied(aServer('fetch', { transport: 'stdio' }));
    await harness.patch(Deployment, 'fetch', { spec: { replicas: 3 } });
    await harness.settle();
    expect((await harness.require(Deployment, 'fetch')).spec?.replicas).toBe(1);
  });

  it('is not rolled out with a broken pod template, and keeps running what it ran', async () => {
    await applied(aServer('fetch'));
    const before = await harness.require(Deployment, 'fetch');
    await applied(aServer('fetch', { image: 'other', podTemplateSpec: { spec: { containers: 'x' } } }));

    const cause =
      'failed to unmarshal PodTemplateSpec: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container';
    const server = await fetched();
    expect(server.status).toMatchObject({
      phase: 'Failed',
      message: `Invalid PodTemplateSpec: ${cause}`,
      readyReplicas: 1,
      observedGeneration: 2,
    });
    expect(conditionsOf(server)).toMatchObject({
      PodTemplateValid: `False InvalidPodTemplateSpec: Failed to parse PodTemplateSpec: ${cause}. Deployment blocked until fixed.`,
      Ready: `False NotReady: Invalid PodTemplateSpec: ${cause}`,
    });
    expect((await harness.require(Deployment, 'fetch')).spec).toEqual(before.spec);
    const events = await harness.list(Event);
    expect(events.filter(({ reason }) => reason === 'InvalidPodTemplateSpec')).toMatchObject([
      {
        type: 'Warning',
        action: 'ValidatePodTemplateSpec',
        note: `Failed to parse PodTemplateSpec: ${cause}. Deployment blocked until PodTemplateSpec is fixed.`,
      },
    ]);

    await applied(aServer('fetch', { podTemplateSpec: { spec: { hostNetwork: true } } }));
    expect(conditionsOf(await fetched())).toMatchObject({
      PodTemplateValid: 'True ValidPodTemplateSpec: PodTemplateSpec is valid',
    });
    await applied(aServer('fetch'));
    expect(conditionsOf(await fetched())).not.toHaveProperty('PodTemplateValid');
  });

  it.each([
    ['no spec', undefined, 'Failed to build configuration: invalid RunConfig: image is required'],
    [
      'a variable of several lines',
      { image: IMAGE, env: [{ name: 'A', value: 'x\ny' }] },
      'Failed to build configuration: invalid RunConfig: environment variable value for A contains invalid characters',
    ],
  ])('with %s says so and deploys nothing', async (_, spec, message) => {
    await applied({ ...aServer('fetch'), spec });
    const server = await fetched();
    expect(server.status).toMatchObject({ phase: 'Failed', message });
    expect(conditionsOf(server)['Ready']).toBe(`False NotReady: ${message}`);
    expect(await harness.get(Deployment, 'fetch')).toBeUndefined();
  });

  it('says that its name cannot work before anything is made', async () => {
    const name = 'x'.repeat(51);
    await applied(aServer(name));
    expect((await harness.require(MCPServer, name)).status).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining('at most 50'),
    });
    expect(await harness.list(ServiceAccount)).not.toContainEqual(
      expect.objectContaining({ metadata: expect.objectContaining({ name: `${name}-sa` }) }),
    );
  });

  it('does not take a Deployment that belongs to somebody else', async () => {
    await applied({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'boss' } });
    const { metadata: boss } = await harness.require(ConfigMap, 'boss');
    const labels = { app: 'other' };
    await applied({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'taken',
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid: boss.uid ?? '', controller: true }],
      },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });

    await harness.apply(aServer('taken'));
    const server = await reported('taken');
    expect(server.status).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining('belongs to ConfigMap boss'),
    });
    expect(await harness.require(Deployment, 'taken')).toMatchObject({ spec: { selector: { matchLabels: labels } } });
  });

  it('does not take the Service of another server, which keeps working', async () => {
    await applied(aServer('a-proxy'));
    await harness.apply(aServer('a'));

    expect((await reported('a')).status).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining('mcp-a-proxy belongs to the workload a-proxy; rename MCPServer'),
    });
    expect((await harness.require(MCPServer, 'a-proxy')).status).toMatchObject({ phase: 'Ready' });
  });

  it('is restarted when asked for, once', async () => {
    const restartedAt = 'mcpserver.toolhive.stacklok.dev/restarted-at';
    const processed = 'mcpserver.toolhive.stacklok.dev/last-processed-restart';
    const request = '2026-06-01T00:00:00Z';
    const podNames = async () => (await harness.list(Pod)).map(({ metadata }) => metadata.name).sort();
    await applied(aServer('fetch'));
    const before = await podNames();

    await harness.patch(MCPServer, 'fetch', { metadata: { annotations: { [restartedAt]: request } } });
    await harness.settle();
    const after = await podNames();
    expect(after).not.toEqual(before);
    expect((await fetched()).metadata.annotations).toMatchObject({ [processed]: request });

    await harness.patch(MCPServer, 'fetch', { metadata: { labels: { touched: 'yes' } } });
    await harness.patch(MCPServer, 'fetch', { metadata: { annotations: { [restartedAt]: 'yesterday' } } });
    await harness.settle();
    expect(await podNames()).toEqual(after);
    const { spec } = await harness.require(Deployment, 'fetch');
    expect(spec?.template.metadata?.annotations).toHaveProperty([restartedAt]);
  });

  it('is restarted at once by deleting its pods', async () => {
    await applied(aServer('fetch'));
    const [before] = (await harness.list(Pod)).filter(({ metadata }) => metadata.labels?.['app'] === 'mcpserver');

    const annotations = {
      'mcpserver.toolhive.stacklok.dev/restarted-at': '2026-06-01T00:00:00Z',
      'mcpserver.toolhive.stacklok.dev/restart-strategy': 'immediate',
    };
    await harness.patch(MCPServer, 'fetch', { metadata: { annotations } });
    await harness.settle();
    expect(await harness.get(Pod, before?.metadata.name ?? '')).toBeUndefined();
    const { spec } = await harness.require(Deployment, 'fetch');
    expect(Object.keys(spec?.template.metadata?.annotations ?? {})).not.toContain(
      'mcpserver.toolhive.stacklok.dev/restarted-at',
    );
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
  });

  it('gets its backend back when somebody deletes it', async () => {
    await applied(aServer('fetch'));
    await harness.delete(StatefulSet, 'fetch');
    await harness.settle();

    const backend = await harness.require(StatefulSet, 'fetch');
    expect(backend.metadata.ownerReferences).toMatchObject([{ kind: 'MCPServer', name: 'fetch', controller: true }]);
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
  });

  it('leaves a StatefulSet alone that only has its name', async () => {
    const labels = { app: 'database' };
    const foreign = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'fetch', labels },
      spec: {
        serviceName: 'fetch',
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    };
    await applied(foreign);
    await applied(aServer('fetch', { replicas: 0 }));
    await harness.delete(MCPServer, 'fetch');
    await harness.settle();

    const kept = await harness.require(StatefulSet, 'fetch');
    expect(kept.metadata.ownerReferences).toBeUndefined();
    await harness.delete(StatefulSet, 'fetch');
  });

  embeddedOnly('is held until its backend can be removed', async () => {
    await applied(aServer('fetch'));
    const match = { verb: 'delete', resource: 'statefulsets' };
    const permit = harness.controlPlane?.faults.inject({ type: 'status', code: 403, match });
    const refused = new Promise<void>((resolve) => {
      harness.operator.client.onRequest(({ verb, status }) => verb === 'delete' && status === 403 && resolve());
    });
    await harness.delete(MCPServer, 'fetch');
    await refused;
    expect((await fetched()).metadata.finalizers).toEqual(['mcpserver.toolhive.stacklok.dev/finalizer']);
    expect(await harness.get(StatefulSet, 'fetch')).toBeDefined();

    permit?.();
    await harness.settle();
    expect(await harness.get(MCPServer, 'fetch')).toBeUndefined();
    expect(await harness.get(StatefulSet, 'fetch')).toBeUndefined();
  });

  it('leaves nothing behind', async () => {
    await applied(aServer('fetch'));
    expect((await harness.list(Service)).map(({ metadata }) => metadata.name)).toContain('mcp-fetch-headless');

    await harness.delete(MCPServer, 'fetch');
    await harness.settle();
    expect(await harness.get(MCPServer, 'fetch')).toBeUndefined();
    for (const kind of [
      Deployment,
      StatefulSet,
      Service,
      ConfigMap,
      Role,
      RoleBinding,
      ServiceAccount,
      Pod,
    ] as readonly KindOf[]) {
      const left = (await harness.list(kind)).filter(({ metadata }) => metadata.name.includes('fetch'));
      expect([kind.resource.kind, left]).toEqual([kind.resource.kind, []]);
    }
  });
});

describe('an MCPServer with external auth', () => {
  const server = (name = 'auth') => aServer('fetch', { externalAuthConfigRef: { name } });
  const validated = async () => conditionsOf(await fetched())['ExternalAuthConfigValidated'];

  it('exchanges tokens by its config, and follows it', async () => {
    await applied(aSecret({ cs: 'dummy' }), anAuth('auth', tokenExchange()), server());

    const { status } = await fetched();
    const { configHash } = (await harness.require(MCPExternalAuthConfig, 'auth')).status ?? {};
    expect(status).toMatchObject({ phase: 'Ready', externalAuthConfigHash: configHash });
    expect(await validated()).toBe("True ExternalAuthConfigValid: MCPExternalAuthConfig 'auth' is valid");
    const runConfig = (await harness.require(ConfigMap, 'fetch-runconfig')).data?.['runconfig.json'] ?? '';
    expect(JSON.parse(runConfig)).toMatchObject({ token_exchange_config: { audience: 'backend', client_secret: '' } });
    expect(runConfig).not.toContain('dummy');
    const env = (await harness.require(Deployment, 'fetch')).spec?.template.spec?.containers[0]?.env;
    expect(env?.[0]).toEqual({
      name: 'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET',
      valueFrom: { secretKeyRef: { name: 'oauth', key: 'cs' } },
    });

    await applied(anAuth('auth', tokenExchange('other')));
    const changed = (await harness.require(ConfigMap, 'fetch-runconfig')).data?.['runconfig.json'] ?? '';
    expect(JSON.parse(changed)).toMatchObject({ token_exchange_config: { audience: 'other' } });
    expect((await fetched()).status?.externalAuthConfigHash).not.toBe(configHash);
  });

  it('waits for a config that is not there', async () => {
    await applied(server('late'));
    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      message: `MCPExternalAuthConfig late not found in namespace ${harness.namespace}`,
    });
    expect(await validated()).toBe(
      `False ExternalAuthConfigNotFound: MCPExternalAuthConfig 'late' not found in namespace '${harness.namespace}'`,
    );
    expect(await harness.get(Deployment, 'fetch')).toBeUndefined();

    await applied(anAuth('late', { type: 'unauthenticated' }));
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
  });

  it('shows why its config is invalid, and heals with it', async () => {
    await applied(anAuth('auth', { type: 'obo', obo: {} }), server());
    expect(await validated()).toBe(`False EnterpriseRequired: ${OBO_MESSAGE}`);
    expect(conditionsOf(await fetched())['Ready']).toBe(
      `False NotReady: MCPExternalAuthConfig ${harness.namespace}/auth: invalid (EnterpriseRequired): ${OBO_MESSAGE}`,
    );

    const failed = (await fetched()).status;
    harness.forgetWrites();
    await applied(anAuth('auth', { type: 'obo', obo: { clientId: 'other' } }));
    expect((await fetched()).status).toEqual(failed);
    expect(harness.writes.filter(({ resource }) => resource.kind === 'MCPServer')).toEqual([]);

    await applied(anAuth('auth', { type: 'unauthenticated' }));
    expect(await validated()).toBe("True ExternalAuthConfigValid: MCPExternalAuthConfig 'auth' is valid");
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
  });

  it('keeps running, and says so, when its config breaks', async () => {
    await applied(anAuth('auth', { type: 'unauthenticated' }), server());
    const before = (await fetched()).status;
    await applied(anAuth('auth', { type: 'obo', obo: {} }));

    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      readyReplicas: 1,
      url: before?.url,
      externalAuthConfigHash: before?.externalAuthConfigHash,
    });
    await applied(aServer('fetch'));
    const after = await fetched();
    expect(conditionsOf(after)).not.toHaveProperty('ExternalAuthConfigValidated');
    expect(after.status).not.toHaveProperty('externalAuthConfigHash');
    expect(after.status).toMatchObject({ phase: 'Ready' });
  });

  it.each([
    [
      'the Secret is missing',
      undefined,
      'SecretNotFound',
      (ns: string) => `failed to get client secret ${ns}/oauth: Secret "oauth" not found`,
    ],
    [
      'its key is missing',
      { other: 'x' },
      'SecretKeyMissing',
      (ns: string) => `client secret ${ns}/oauth is missing key "cs"`,
    ],
  ])('deploys nothing while %s', async (_, data, reason, problem) => {
    if ((await harness.get(Secret, 'oauth')) !== undefined) await harness.delete(Secret, 'oauth');
    if (data !== undefined) await harness.apply(aSecret(data));
    await applied(anAuth('auth', tokenExchange()), server());

    const text = problem(harness.namespace);
    expect(await validated()).toBe(`False ${reason}: ${text}`);
    expect((await fetched()).status?.message).toBe(
      `Failed to build configuration: failed to create RunConfig from MCPServer: failed to process ExternalAuthConfig: ${text}`,
    );
    expect(await harness.get(Deployment, 'fetch')).toBeUndefined();
  });

  const secretRef = { name: 'oauth', key: 'cs' };
  const okta = { name: 'okta', type: 'oidc', oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'c' } };
  const embedded = (...upstreamProviders: object[]) => ({
    type: 'embeddedAuthServer',
    embeddedAuthServer: { issuer: 'https://mcp.example.com', upstreamProviders },
  });
  it.each([
    [
      'bearerToken',
      { type: 'bearerToken', bearerToken: { tokenSecretRef: secretRef } },
      "False UnsupportedType: MCPExternalAuthConfig 'auth' has type bearerToken, which MCPServer does not support",
      "MCPExternalAuthConfig 'auth' has type bearerToken, which MCPServer does not support",
    ],
    [
      'awsSts',
      { type: 'awsSts', awsSts: { region: 'us-east-1', fallbackRoleArn: 'arn:aws:iam::123456789012:role/R' } },
      "False UnsupportedType: MCPExternalAuthConfig 'auth' has type awsSts, which MCPServer does not support",
      "MCPExternalAuthConfig 'auth' has type awsSts, which MCPServer does not support",
    ],
    [
      'embeddedAuthServer with two upstreams',
      embedded(okta, { ...okta, name: 'second' }),
      'False MultiUpstreamNotSupported: MCPServer supports only one upstream provider (found 2); use VirtualMCPServer for multi-upstream',
      'embedded auth server has 2 upstream providers, but only 1 is supported; use VirtualMCPServer',
    ],
    [
      'embeddedAuthServer without OIDC',
      embedded(okta),
      'False InvalidConfig: OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer',
      'Failed to build configuration: OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer',
    ],
  ])('cannot use type %s', async (_, spec, condition, message) => {
    await applied(anAuth('auth', spec), server());
    expect(await validated()).toBe(condition);
    expect((await fetched()).status).toMatchObject({ phase: 'Failed', message: expect.stringContaining(message) });
    expect(await harness.get(Deployment, 'fetch')).toBeUndefined();
  });

  it('says that a type does nothing here', async () => {
    await applied(
      anAuth('auth', { type: 'headerInjection', headerInjection: { headerName: 'X-Key', valueSecretRef: secretRef } }),
      server(),
    );
    expect(await validated()).toBe(
      "True ExternalAuthConfigNotApplied: MCPExternalAuthConfig 'auth' has type headerInjection, which only takes effect through a VirtualMCPServer",
    );
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
  });

  it('keeps its config from being deleted', async () => {
    await applied(anAuth('auth', { type: 'unauthenticated' }), server());
    await harness.delete(MCPExternalAuthConfig, 'auth');
    await until(async () => (await harness.require(MCPExternalAuthConfig, 'auth')).status?.conditions?.length === 2);
    expect((await harness.require(MCPExternalAuthConfig, 'auth')).status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'DeletionBlocked',
        status: 'True',
        message: 'Cannot delete: referenced by workloads: [{MCPServer fetch}]',
      }),
    );
    await harness.patch(MCPServer, 'fetch', { spec: { proxyPort: 9000 } });
    await until(async () => (await fetched()).status?.url?.endsWith(':9000/mcp') === true);
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });

    await harness.apply(aServer('fetch'));
    await until(async () => (await harness.get(MCPExternalAuthConfig, 'auth')) === undefined);
  });
});

async function reported(name: string): Promise<MCPServer> {
  await until(async () => (await harness.require(MCPServer, name)).status?.phase !== undefined);
  return harness.require(MCPServer, name);
}
