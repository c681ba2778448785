import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigMap, Deployment, findCondition, Pod, Secret, StatefulSet, type KindOf } from '@trueup/core';
import { mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig, mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig, mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig, mcpToolConfig } from '@trueup/mcp-tool-config';
import { MCPWebhookConfig, mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { playProxyRunner, WorkloadSettings } from '@trueup/mcp-workload';
import { Harness, type ManifestObject } from '@trueup/testing';
import { mcpServer } from './module.js';
import { MCPServer } from './resource.js';

const DIGEST = 'toolhive.stacklok.dev/secrets-digest';
const CONFIG_KINDS: readonly KindOf[] = [MCPOIDCConfig, MCPToolConfig, MCPTelemetryConfig, MCPWebhookConfig];

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({
    modules: [
      mcpExternalAuthConfig,
      mcpOidcConfig,
      mcpAuthzConfig,
      mcpToolConfig,
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
  for (const kind of [MCPServer, ...CONFIG_KINDS, Secret, ConfigMap] as readonly KindOf[]) {
    for (const { metadata } of await harness.list(kind)) await harness.delete(kind, metadata.name);
    await harness.settle();
  }
});

const aServer = (spec: object = {}) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPServer',
  metadata: { name: 'fetch' },
  spec: { image: 'i', transport: 'streamable-http', ...spec },
});
const aConfig = ({ resource }: KindOf, spec: object) => ({
  apiVersion: `${resource.group}/${resource.version}`,
  kind: resource.kind,
  metadata: { name: 'c' },
  spec,
});
const aSecret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const aConfigMap = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const anOidcConfig = (inline: object = {}) =>
  aConfig(MCPOIDCConfig, { type: 'inline', inline: { issuer: 'https://issuer.example.com', ...inline } });
const WITH_OIDC = { oidcConfigRef: { name: 'c', audience: 'a' } };

async function applied(...objects: readonly ManifestObject[]): Promise<void> {
  await harness.apply(...objects);
  await harness.settle();
}

const fetched = () => harness.require(MCPServer, 'fetch');
async function conditionNow(type: string): Promise<string | undefined> {
  const found = findCondition((await fetched()).status?.conditions, type);
  return found && `${found.status} ${found.reason}: ${found.message}`;
}
async function runConfig(): Promise<unknown> {
  return JSON.parse((await harness.require(ConfigMap, 'fetch-runconfig')).data?.['runconfig.json'] ?? '');
}
async function podTemplate() {
  return (await harness.require(Deployment, 'fetch')).spec?.template;
}
const digestNow = async () => (await podTemplate())?.metadata?.annotations?.[DIGEST];
const backendDigest = async () =>
  (await harness.require(StatefulSet, 'fetch')).spec?.template.metadata?.annotations?.[DIGEST];
/** Which pods of an app there are, by uid: pods of a StatefulSet keep their names. */
const pods = async (app: string) =>
  (await harness.list(Pod))
    .filter(({ metadata }) => metadata.labels?.['app'] === app)
    .map(({ metadata }) => metadata.uid);

describe('secrets of an MCPServer', () => {
  const clientSecretRef = { name: 'idp', key: 'secret' };

  it('that a config names must be there, and restart the proxies when they are rotated', async () => {
    await applied(anOidcConfig({ clientSecretRef }), aServer(WITH_OIDC));
    const missing = `failed to get OIDC client secret ${harness.namespace}/idp: Secret "idp" not found`;
    expect(await conditionNow('OIDCConfigRefValidated')).toBe(`False SecretNotFound: ${missing}`);
    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      message: `Failed to build configuration: failed to create RunConfig from MCPServer: failed to resolve OIDC config from MCPOIDCConfig: ${missing}`,
    });
    expect((await fetched()).status).not.toHaveProperty('url');
    expect(await harness.get(Deployment, 'fetch')).toBeUndefined();

    await applied(aSecret('idp', { other: 'x' }));
    expect(await conditionNow('OIDCConfigRefValidated')).toBe(
      `False SecretKeyMissing: OIDC client secret ${harness.namespace}/idp is missing key "secret"`,
    );

    await applied(aSecret('idp', { other: 'x', secret: 'hunter2' }));
    expect(await conditionNow('OIDCConfigRefValidated')).toBe(
      'True OIDCConfigRefValid: MCPOIDCConfig c is valid and ready',
    );
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
    const before = { pods: await pods('mcpserver'), hash: (await fetched()).status?.oidcConfigHash };
    const digest = await digestNow();
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect((await podTemplate())?.spec?.containers[0]?.env).toContainEqual({
      name: 'TOOLHIVE_OIDC_CLIENT_SECRET',
      valueFrom: { secretKeyRef: clientSecretRef },
    });

    harness.forgetWrites();
    await applied(aSecret('idp', { other: 'y', secret: 'hunter2' }));
    expect(harness.writes).toEqual([]);

    await applied(aSecret('idp', { other: 'y', secret: 'hunter3' }));
    expect(await digestNow()).not.toBe(digest);
    expect(await pods('mcpserver')).not.toEqual(before.pods);
    expect((await fetched()).status).toMatchObject({ phase: 'Ready', oidcConfigHash: before.hash });
  });

  it('that go leave what runs as it is', async () => {
    await applied(aSecret('idp', { secret: 'x' }), anOidcConfig({ clientSecretRef }), aServer(WITH_OIDC));
    const { url } = (await fetched()).status ?? {};
    const before = (await harness.require(Deployment, 'fetch')).spec;
    await harness.delete(Secret, 'idp');
    await harness.settle();
    await applied(aServer({ ...WITH_OIDC, proxyPort: 9000 }));
    expect((await fetched()).status).toMatchObject({ phase: 'Failed', readyReplicas: 1, url });
    expect((await harness.require(Deployment, 'fetch')).spec).toEqual(before);
  });

  it('in the environment of the backend restart the backend', async () => {
    await applied(
      aServer({
        secrets: [{ name: 'github', key: 'token', targetEnvName: 'TOKEN' }],
        podTemplateSpec: {
          metadata: { annotations: { own: 'yes' } },
          spec: {
            containers: [
              { name: 'mcp', env: [{ name: 'M', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }] },
            ],
          },
        },
      }),
    );
    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      message: `Failed to build Deployment: failed to get backend pod content ${harness.namespace}/m: ConfigMap "m" not found; failed to get backend pod content ${harness.namespace}/github: Secret "github" not found`,
    });

    await applied(aSecret('github', { token: 'a' }), aConfigMap('m', { k: 'v' }));
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
    expect(await digestNow()).toBeUndefined();
    const before = { digest: await backendDigest(), pods: await pods('fetch') };
    expect((await harness.require(StatefulSet, 'fetch')).spec?.template.metadata?.annotations).toMatchObject({
      own: 'yes',
    });

    await applied(aSecret('github', { token: 'b' }));
    expect(await backendDigest()).not.toBe(before.digest);
    expect(await pods('fetch')).not.toEqual(before.pods);
  });

  it('of webhooks restart the proxies, which would not see the new file', async () => {
    const hook = { name: 'policy', url: 'https://policy.example.com', hmacSecretRef: { name: 'hmac', key: 'k' } };
    await applied(aConfig(MCPWebhookConfig, { validating: [hook] }), aServer({ webhookConfigRef: { name: 'c' } }));
    expect(await conditionNow('WebhookConfigValidated')).toMatch(/^False SecretNotFound: .*Secret "hmac" not found$/);

    await applied(aSecret('hmac', { k: '1' }));
    expect(await conditionNow('WebhookConfigValidated')).toBe("True WebhookConfigValid: MCPWebhookConfig 'c' is valid");
    const digest = await digestNow();
    await applied(aSecret('hmac', { k: '2' }));
    expect(await digestNow()).not.toBe(digest);
    expect(await runConfig()).toMatchObject({ validating_webhooks: [{ name: 'policy', timeout: 0 }] });
  });

  it('of telemetry and of Redis must be there, too', async () => {
    const header = { name: 'X-Api-Key', secretKeyRef: { name: 'otel', key: 'k' } };
    const sessionStorage = { provider: 'redis', address: 'redis:6379', passwordRef: { name: 'redis', key: 'pw' } };
    await applied(
      aConfig(MCPTelemetryConfig, { openTelemetry: { sensitiveHeaders: [header] } }),
      aServer({ telemetryConfigRef: { name: 'c' }, sessionStorage }),
    );
    expect(await conditionNow('TelemetryConfigRefValidated')).toMatch(
      /^False SecretNotFound: .*Secret "otel" not found$/,
    );
    await applied(aSecret('otel', { k: '1' }));
    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      message: `Failed to build Deployment: failed to get Redis password ${harness.namespace}/redis: Secret "redis" not found`,
    });
    await applied(aSecret('redis', { pw: '1' }));
    expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
  });
});

describe('ConfigMaps of others that an MCPServer names', () => {
  const policies = (policy: string) =>
    aConfigMap('policies', {
      'authz.json': JSON.stringify({ version: '1.0', type: 'cedarv1', cedar: { policies: [policy] } }),
    });
  const AUTHZ = { authzConfig: { type: 'configMap', configMap: { name: 'policies' } } };
  const PROCESS =
    'Failed to build configuration: failed to create RunConfig from MCPServer: failed to process AuthzConfig: ';

  it('are waited for and followed', async () => {
    await applied(aServer(AUTHZ));
    expect((await fetched()).status).toMatchObject({
      phase: 'Failed',
      message: `${PROCESS}failed to get Authz ConfigMap ${harness.namespace}/policies: ConfigMap "policies" not found`,
    });

    for (const policy of ['permit(principal, action, resource);', 'forbid(principal, action, resource);']) {
      await applied(policies(policy));
      expect((await fetched()).status).toMatchObject({ phase: 'Ready' });
      expect(await runConfig()).toMatchObject({ authz_config: { cedar: { policies: [policy] } } });
    }
  });

  it('are not rolled out with a policy that does not parse', async () => {
    await applied(policies('permit(principal, action, resource);'), aServer(AUTHZ));
    const before = await runConfig();
    await applied(policies('permit(principal, action resource);'));
    const { status } = await fetched();
    expect(status).toMatchObject({ phase: 'Failed', readyReplicas: 1 });
    expect(status?.message).toContain(
      `${PROCESS}invalid authz config from ConfigMap ${harness.namespace}/policies key "authz.json": invalid cedarv1 configuration: cedar policy at index 0 has invalid syntax`,
    );
    expect(await runConfig()).toEqual(before);
  });

  it('with a permission profile are waited for, too', async () => {
    await applied(aServer({ permissionProfile: { type: 'configmap', name: 'profiles', key: 'p' } }));
    expect((await fetched()).status).toMatchObject({ phase: 'Failed' });
    await applied(aConfigMap('profiles', { p: '{"network":{"outbound":{"allow_host":["example.com"]}}}' }));
    expect(await runConfig()).toMatchObject({
      permission_profile: { network: { outbound: { allow_host: ['example.com'] } } },
    });
  });

  it.each([
    ['CABundleRefValidated', anOidcConfig({ caBundleRef: { configMapRef: { name: 'ca', key: 'x.pem' } } }), WITH_OIDC],
    [
      'TelemetryCABundleRefValidated',
      aConfig(MCPTelemetryConfig, { openTelemetry: { caBundleRef: { configMapRef: { name: 'ca', key: 'x.pem' } } } }),
      { telemetryConfigRef: { name: 'c' } },
    ],
  ])('with CA bundles are advice: %s', async (condition, config, refs) => {
    await applied(config, aServer(refs));
    expect(await conditionNow(condition)).toBe(
      `False CABundleRefNotFound: CA bundle ConfigMap 'ca' not found in namespace '${harness.namespace}'`,
    );
    expect(await harness.get(Deployment, 'fetch')).toBeDefined();
    await applied(aConfigMap('ca', { other: 'x' }));
    expect(await conditionNow(condition)).toBe("False CABundleRefInvalid: Key 'x.pem' not found in ConfigMap 'ca'");
    await applied(aConfigMap('ca', { 'x.pem': 'x' }));
    expect(await conditionNow(condition)).toBe("True CABundleRefValid: CA bundle ConfigMap 'ca' is valid (key: x.pem)");

    await applied(aServer());
    expect(await conditionNow(condition)).toBeUndefined();
  });
});

describe('an MCPToolConfig that an MCPServer refers to', () => {
  it('rolls the proxies when it changes what they do, and says what they cannot do', async () => {
    const toolConfigRef = { name: 'c' };
    await applied(aConfig(MCPToolConfig, { toolsFilter: ['a', 'b'] }), aServer({ toolConfigRef }));
    const { toolConfigHash } = (await fetched()).status ?? {};
    const before = await podTemplate();

    const toolsOverride = { a: { annotations: { readOnlyHint: true } } };
    await applied(aConfig(MCPToolConfig, { toolsFilter: ['b', 'a'], toolsOverride }));
    expect(await conditionNow('ToolConfigValidated')).toBe(
      "True ToolConfigValid: MCPToolConfig 'c' is valid; annotations are not applied by MCPServer",
    );
    expect((await fetched()).status?.toolConfigHash).not.toBe(toolConfigHash);
    expect(await podTemplate()).toEqual(before);

    await applied(aConfig(MCPToolConfig, { toolsFilter: ['b'] }));
    expect(await podTemplate()).not.toEqual(before);
    expect(await runConfig()).toMatchObject({ tools_filter: ['b'] });
  });
});
