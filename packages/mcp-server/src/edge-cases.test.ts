import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigMap, Deployment, Service, ServiceAccount, StatefulSet, type KindOf } from '@trueup/core';
import { MCPAuthzConfig, mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpGroup } from '@trueup/mcp-group';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { playProxyRunner, WorkloadSettings } from '@trueup/mcp-workload';
import { Harness } from '@trueup/testing';
import { mcpServer } from './module.js';
import { MCPServer } from './resource.js';

/*
 * Situations that users get into. Every server of the table goes through its own at the same time as all others: what is
 * applied first, what happens then, and what is there in the end.
 */

let harness: Harness;

const RESOURCE = 'https://mcp.example.com/x';
const oidcConfigRef = { name: 'self', audience: RESOURCE, resourceUrl: RESOURCE };
const authServerRef = (name: string) => ({ kind: 'MCPExternalAuthConfig', name });
const AUTHZ = { type: 'cedarv1', config: { policies: ['permit(principal, action, resource);'] } };
const RESTARTED_AT = 'mcpserver.toolhive.stacklok.dev/restarted-at';

const anObject = (kind: string, name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind,
  metadata: { name, ...metadata },
  spec,
});
const aServer = (name: string, spec: object = {}, metadata: object = {}) =>
  anObject('MCPServer', name, { image: 'i', transport: 'streamable-http', ...spec }, metadata);
const aSecret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const anAuthServer = (name: string, more: object = {}, upstreams: readonly string[] = ['okta']) =>
  anObject('MCPExternalAuthConfig', name, {
    type: 'embeddedAuthServer',
    embeddedAuthServer: {
      issuer: 'https://mcp.example.com',
      upstreamProviders: upstreams.map((upstream) => ({
        name: upstream,
        type: 'oidc',
        oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
      })),
      ...more,
    },
  });

const CONFIGS = [
  anObject('MCPOIDCConfig', 'self', { type: 'inline', inline: { issuer: 'https://mcp.example.com' } }),
  anAuthServer('as'),
  anAuthServer('as-two', {}, ['okta', 'entra']),
  anAuthServer('as-strip', { disableUpstreamTokenInjection: true }),
  anAuthServer('as-baseline', { baselineClientScopes: ['repo'] }),
  anAuthServer('as-keys', { signingKeySecretRefs: [{ name: 'keys', key: 'k' }] }),
  anAuthServer('as-nokeys', { signingKeySecretRefs: [{ name: 'no-keys', key: 'k' }] }),
  anObject('MCPExternalAuthConfig', 'exchange', {
    type: 'tokenExchange',
    tokenExchange: { tokenUrl: 'https://oauth.example.com/token', audience: 'backend' },
  }),
  anObject('MCPAuthzConfig', 'policy', AUTHZ),
  anObject('MCPAuthzConfig', 'policy-breaks', AUTHZ),
  anObject('MCPGroup', 'there', {}),
  aSecret('keys', { k: 'x' }),
  aSecret('redis', { pw: 'x' }),
];

interface Told {
  readonly phase?: string;
  readonly message: string;
  readonly conditions: Readonly<Record<string, string>>;
}

interface Row {
  /** What the server is called. */
  readonly name: string;
  readonly spec?: object;
  readonly metadata?: object;
  /** What happens when the first state has come to rest. */
  readonly then?: (name: string) => Promise<unknown>;
  readonly holds: (told: Told, name: string) => unknown;
}

const replicaSets = async () => {
  const resource = { group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true };
  return (await harness.client.list(resource, { namespace: harness.namespace })).items;
};
const deployment = (name: string) => harness.require(Deployment, name);
const proxyOf = async (name: string) => (await deployment(name)).spec?.template.spec?.containers[0];
const podPatchOf = async (name: string): Promise<unknown> =>
  JSON.parse((await proxyOf(name))?.args?.[1]?.replace('--k8s-pod-patch=', '') ?? '{}');
const runConfigOf = async (name: string) =>
  JSON.parse((await harness.require(ConfigMap, `${name}-runconfig`)).data?.['runconfig.json'] ?? '{}') as object;
const isDeployed = async (name: string) => (await harness.get(Deployment, name)) !== undefined;
const patched = (kind: KindOf, patch: object) => (name: string) => harness.patch(kind, name, patch);
const reapplied = (spec: object) => (name: string) => harness.apply(aServer(name, spec));

const CONFLICT =
  'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only';
const STRIPPED =
  'disableUpstreamTokenInjection cannot be combined with token exchange: token exchange would re-add an Authorization header after strip-auth removes it';
const NO_OIDC = 'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer';
const BASELINE =
  'baselineClientScopes contains "repo" which is not in the supported scopes [openid profile email offline_access]';

const ROWS: Readonly<Record<string, Row>> = {
  'a group that does not exist stops nothing': {
    name: 'group-missing',
    spec: { groupRef: { name: 'nope' } },
    holds: ({ phase, conditions }) => {
      expect(phase).toBe('Ready');
      expect(conditions['GroupRefValidated']).toBe(
        "False GroupRefNotFound: MCPGroup 'nope' not found in namespace 'NS'",
      );
    },
  },
  'a group that appears later is noticed': {
    name: 'group-late',
    spec: { groupRef: { name: 'late' } },
    then: () => harness.apply(anObject('MCPGroup', 'late', {})),
    holds: ({ conditions }) =>
      expect(conditions['GroupRefValidated']).toBe("True GroupRefIsValid: MCPGroup 'late' is valid and ready"),
  },
  'a server that leaves its group says nothing of it': {
    name: 'group-left',
    spec: { groupRef: { name: 'there' } },
    then: reapplied({}),
    holds: ({ conditions }) => expect(conditions).not.toHaveProperty('GroupRefValidated'),
  },
  'an empty pod template brings the service account alone': {
    name: 'template-empty',
    spec: { podTemplateSpec: {} },
    holds: async (told, name) => {
      expect(told.conditions['PodTemplateValid']).toBe('True ValidPodTemplateSpec: PodTemplateSpec is valid');
      expect(await podPatchOf(name)).toEqual({
        metadata: {},
        spec: { containers: null, serviceAccountName: 'template-empty-sa' },
      });
    },
  },
  'the service account of a pod template is overridden': {
    name: 'template-account',
    spec: { podTemplateSpec: { spec: { serviceAccountName: 'theirs' } } },
    holds: async (_told, name) =>
      expect(await podPatchOf(name)).toMatchObject({ spec: { serviceAccountName: 'template-account-sa' } }),
  },
  "a service account of the user's is the backend's, and the proxy keeps its own": {
    name: 'account',
    then: reapplied({ serviceAccount: 'custom' }),
    holds: async (_told, name) => {
      expect(await podPatchOf(name)).toMatchObject({ spec: { serviceAccountName: 'custom' } });
      expect((await deployment(name)).spec?.template.spec?.serviceAccountName).toBe('account-proxy-runner');
      expect(await harness.get(ServiceAccount, 'account-proxy-runner')).toBeDefined();
      expect(await harness.get(ServiceAccount, 'account-sa')).toBeUndefined();
    },
  },
  'three replicas of a stdio server are one': {
    name: 'stdio-capped',
    spec: { transport: 'stdio', replicas: 3 },
    holds: async ({ conditions }, name) => {
      expect((await deployment(name)).spec?.replicas).toBe(1);
      expect(conditions['StdioReplicaCapped']).toMatch(/^True StdioTransportCapAt1: /);
      expect(conditions['SessionStorageWarning']).toMatch(/^True SessionStorageMissingForReplicas: /);
    },
  },
  'a stdio server that is scaled up is scaled back': {
    name: 'stdio-scaled',
    spec: { transport: 'stdio' },
    then: patched(Deployment, { spec: { replicas: 3 } }),
    holds: async (_told, name) => expect((await deployment(name)).spec?.replicas).toBe(1),
  },
  'a server that others scale is left at their number': {
    name: 'scaled',
    then: patched(Deployment, { spec: { replicas: 5 } }),
    holds: async (_told, name) => expect((await deployment(name)).spec?.replicas).toBe(5),
  },
  'a server without replicas is stopped': {
    name: 'stopped',
    then: reapplied({ replicas: 0 }),
    holds: ({ phase, message }) =>
      expect([phase, message]).toEqual(['Stopped', 'MCP server is stopped (scaled to zero)']),
  },
  'labels that are ours are not overridden, and overrides go with the spec': {
    name: 'overrides',
    spec: { resourceOverrides: { proxyDeployment: { labels: { app: 'x', team: 'y' }, annotations: { a: 'b' } } } },
    then: reapplied({ resourceOverrides: { proxyDeployment: { labels: { app: 'x' } } } }),
    holds: async (_told, name) => {
      const { labels, annotations } = (await deployment(name)).metadata;
      expect(labels).toMatchObject({ app: 'mcpserver' });
      expect(labels).not.toHaveProperty('team');
      expect(annotations).not.toHaveProperty('a');
    },
  },
  'annotations of others stay on the Service': {
    name: 'annotated',
    then: () => harness.patch(Service, 'mcp-annotated-proxy', { metadata: { annotations: { 'cloud/neg': '{}' } } }),
    holds: async () =>
      expect((await harness.require(Service, 'mcp-annotated-proxy')).metadata.annotations).toMatchObject({
        'cloud/neg': '{}',
      }),
  },
  'a rollout restart is not undone': {
    name: 'rollout',
    then: patched(Deployment, {
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
    }),
    holds: async (_told, name) =>
      expect((await deployment(name)).spec?.template.metadata?.annotations).toMatchObject({
        'kubectl.kubernetes.io/restartedAt': 'now',
      }),
  },
  'a restart that is asked for before there is anything to restart counts as done': {
    name: 'restart-early',
    metadata: { annotations: { [RESTARTED_AT]: '2026-06-01T00:00:00Z' } },
    holds: async (_told, name) => {
      expect((await harness.require(MCPServer, name)).metadata.annotations).toMatchObject({
        'mcpserver.toolhive.stacklok.dev/last-processed-restart': '2026-06-01T00:00:00Z',
      });
      expect((await deployment(name)).spec?.template.metadata?.annotations).not.toHaveProperty([RESTARTED_AT]);
    },
  },
  'a restart at no time is ignored': {
    name: 'restart-never',
    then: patched(MCPServer, { metadata: { annotations: { [RESTARTED_AT]: 'soon' } } }),
    holds: async (_told, name) =>
      expect((await deployment(name)).spec?.template.metadata?.annotations).not.toHaveProperty([RESTARTED_AT]),
  },
  'a run configuration that is deleted comes back, and nothing restarts': {
    name: 'config-gone',
    then: (name) => harness.delete(ConfigMap, `${name}-runconfig`),
    holds: async (_told, name) => {
      expect(await runConfigOf(name)).toHaveProperty('image', 'i');
      // A rollout has one of its own.
      expect((await replicaSets()).filter((replicaSet) => replicaSet.metadata.name.startsWith(name))).toHaveLength(1);
    },
  },
  'a policy that breaks stops the rollout, and what runs keeps it': {
    name: 'authz-breaks',
    spec: { authzConfigRef: { name: 'policy-breaks' } },
    then: () => harness.patch(MCPAuthzConfig, 'policy-breaks', { spec: { config: { policies: ['permit('] } } }),
    holds: async ({ phase, message, conditions }, name) => {
      expect(phase).toBe('Failed');
      expect(message).toBe('MCPAuthzConfig NS/policy-breaks is not valid (condition "Valid" is not True)');
      expect(conditions['AuthzConfigRefValidated']).toMatch(/^False AuthzConfigRefNotValid: /);
      expect(await runConfigOf(name)).toHaveProperty('authz_config');
    },
  },
  'a policy that is no longer referred to is gone': {
    name: 'authz-removed',
    spec: { authzConfigRef: { name: 'policy' } },
    then: reapplied({}),
    holds: async ({ conditions }, name) => {
      expect(conditions).not.toHaveProperty('AuthzConfigRefValidated');
      expect((await harness.require(MCPServer, name)).status).not.toHaveProperty('authzConfigHash');
      expect(await runConfigOf(name)).not.toHaveProperty('authz_config');
    },
  },
  'variables of the user win over what the runner needs, and lose to the password': {
    name: 'variables',
    spec: {
      sessionStorage: { provider: 'redis', address: 'r:6379', passwordRef: { name: 'redis', key: 'pw' } },
      resourceOverrides: {
        proxyDeployment: {
          env: [
            { name: 'HOME', value: '/h' },
            { name: 'THV_SESSION_REDIS_PASSWORD', value: 'plain' },
          ],
        },
      },
    },
    holds: async (_told, name) => {
      const env = (await proxyOf(name))?.env ?? [];
      expect(env.filter(({ name: variable }) => variable === 'HOME')).toEqual([{ name: 'HOME', value: '/h' }]);
      expect(env.filter(({ name: variable }) => variable === 'THV_SESSION_REDIS_PASSWORD')).toEqual([
        { name: 'THV_SESSION_REDIS_PASSWORD', valueFrom: { secretKeyRef: { name: 'redis', key: 'pw' } } },
      ]);
    },
  },
  'a server whose references are broken can be deleted': {
    name: 'deleted',
    spec: { externalAuthConfigRef: { name: 'nope' }, oidcConfigRef: { name: 'nope', audience: 'a' } },
    then: (name) => harness.delete(MCPServer, name),
    holds: async (_told, name) => expect(await harness.get(MCPServer, name)).toBeUndefined(),
  },
  'an authorization server runs in the proxy, with its keys and its token': {
    name: 'as-runs',
    spec: { oidcConfigRef, authServerRef: authServerRef('as-keys'), externalAuthConfigRef: { name: 'exchange' } },
    holds: async ({ phase, conditions }, name) => {
      expect(phase).toBe('Ready');
      expect(conditions['AuthServerRefValidated']).toBe("True AuthServerRefValid: AuthServerRef 'as-keys' is valid");
      expect(await runConfigOf(name)).toMatchObject({
        embedded_auth_server_config: { issuer: 'https://mcp.example.com', allowed_audiences: [RESOURCE] },
      });
      expect((await deployment(name)).spec?.template.spec?.volumes?.at(-1)).toMatchObject({
        name: 'authserver-signing-key-0',
        secret: { secretName: 'keys' },
      });
    },
  },
  'an authorization server by the other reference runs as well': {
    name: 'as-external',
    spec: { oidcConfigRef, externalAuthConfigRef: { name: 'as' } },
    holds: async ({ phase }, name) => {
      expect(phase).toBe('Ready');
      expect(await runConfigOf(name)).toHaveProperty('embedded_auth_server_config');
    },
  },
  'an authorization server without its keys is waited for': {
    name: 'as-nokeys',
    spec: { oidcConfigRef, authServerRef: authServerRef('as-nokeys') },
    holds: async ({ phase, conditions }, name) => {
      expect(phase).toBe('Failed');
      expect(conditions['AuthServerRefValidated']).toBe(
        'False SecretNotFound: failed to get auth server secret NS/no-keys: Secret "no-keys" not found',
      );
      expect(await isDeployed(name)).toBe(false);
    },
  },
  'an authorization server has one upstream': {
    name: 'as-two',
    spec: { oidcConfigRef, authServerRef: authServerRef('as-two') },
    holds: async ({ message, conditions }, name) => {
      expect(message).toBe(
        'MCPServer NS/as-two: embedded auth server has 2 upstream providers, but only 1 is supported; use VirtualMCPServer',
      );
      expect(conditions['AuthServerRefValidated']).toBe(
        'False MultiUpstreamNotSupported: MCPServer supports only one upstream provider (found 2); use VirtualMCPServer for multi-upstream',
      );
      expect(await isDeployed(name)).toBe(false);
    },
  },
  'an authorization server needs a check of tokens, and heals with it': {
    name: 'as-heals',
    spec: { authServerRef: authServerRef('as') },
    then: async (name) => {
      const { status } = await harness.require(MCPServer, name);
      expect(status?.message).toBe(`Failed to build configuration: ${NO_OIDC}`);
      await harness.apply(aServer(name, { authServerRef: authServerRef('as'), oidcConfigRef }));
    },
    holds: ({ phase }) => expect(phase).toBe('Ready'),
  },
  'an authorization server for another audience is refused': {
    name: 'as-audience',
    spec: { authServerRef: authServerRef('as'), oidcConfigRef: { ...oidcConfigRef, audience: 'other' } },
    holds: ({ conditions }) =>
      expect(conditions['AuthServerRefValidated']).toBe(
        `False AuthServerRefInvalidConfig: oidcConfigRef.audience "other" must match resourceUrl "${RESOURCE}" when an embedded auth server is active; set audience to "${RESOURCE}" or set resourceUrl to match audience`,
      ),
  },
  'two authorization servers are one too many': {
    name: 'as-both',
    spec: { oidcConfigRef, authServerRef: authServerRef('as'), externalAuthConfigRef: { name: 'as-strip' } },
    holds: async ({ phase, message, conditions }, name) => {
      expect(phase).toBe('Failed');
      expect(message).toBe(
        `Failed to build configuration: failed to create RunConfig from MCPServer: failed to process authServerRef: ${CONFLICT}`,
      );
      expect(conditions['AuthServerRefValidated']).toBe(`False AuthServerRefInvalidConfig: ${CONFLICT}`);
      expect(await isDeployed(name)).toBe(false);
    },
  },
  'a token that is taken away is not exchanged': {
    name: 'as-strip-exchange',
    spec: { oidcConfigRef, authServerRef: authServerRef('as-strip'), externalAuthConfigRef: { name: 'exchange' } },
    holds: ({ message }) =>
      expect(message).toBe(
        `Failed to build configuration: failed to create RunConfig from MCPServer: failed to populate middleware configs: ${STRIPPED}`,
      ),
  },
  'scopes for every client must be supported': {
    name: 'as-baseline',
    spec: { oidcConfigRef, authServerRef: authServerRef('as-baseline') },
    holds: async ({ phase, message, conditions }, name) => {
      expect([phase, message]).toEqual(['Failed', BASELINE]);
      expect(conditions['BaselineScopesValid']).toBe(`False BaselineScopeNotSupported: ${BASELINE}`);
      expect(conditions['Ready']).toBe(`False BaselineScopeNotSupported: ${BASELINE}`);
      expect(await isDeployed(name)).toBe(false);
    },
  },
  'scopes for every client are supported once the server names them': {
    name: 'as-baseline-ok',
    spec: { oidcConfigRef: { ...oidcConfigRef, scopes: ['repo'] }, authServerRef: authServerRef('as-baseline') },
    holds: ({ phase, conditions }) => {
      expect(phase).toBe('Ready');
      expect(conditions['BaselineScopesValid']).toBe(
        'True BaselineScopesSupported: All baselineClientScopes are in the supported scopes',
      );
    },
  },
};

beforeAll(async () => {
  harness = await Harness.start({
    modules: [
      mcpAuthzConfig,
      mcpExternalAuthConfig,
      mcpGroup,
      mcpOidcConfig,
      mcpTelemetryConfig,
      mcpToolConfig,
      mcpWebhookConfig,
      mcpServer,
    ],
    register: (container) =>
      container.registerInstance(WorkloadSettings, new WorkloadSettings({ runnerImage: 'runner:v1' })),
    images: [{ image: /^runner:/, play: playProxyRunner }],
  });
  const rows = Object.values(ROWS);
  await harness.apply(...CONFIGS, ...rows.map(({ name, spec, metadata }) => aServer(name, spec, metadata)));
  await harness.settle({ timeoutMs: 60_000 });
  for (const { name, then } of rows) await then?.(name);
  await harness.settle({ timeoutMs: 60_000 });
}, 150_000);
afterAll(() => harness.stop());

async function said(name: string): Promise<Told> {
  const { status } = (await harness.get(MCPServer, name)) ?? {};
  const plain = (text = '') => text.replaceAll(harness.namespace, 'NS');
  return {
    ...(status?.phase && { phase: status.phase }),
    message: plain(status?.message),
    conditions: Object.fromEntries(
      (status?.conditions ?? []).map(({ type, status: is, reason, message }) => [
        type,
        `${is} ${reason}: ${plain(message)}`,
      ]),
    ),
  };
}

describe('an MCPServer', () => {
  it.each(Object.entries(ROWS))('%s', async (_, { name, holds }) => {
    // The row says what to expect.
    expect.hasAssertions();
    await holds(await said(name), name);
  });

  it('has left all that came to rest alone', async () => {
    harness.forgetWrites();
    for (const { metadata } of await harness.list(MCPServer)) {
      await harness.patch(MCPServer, metadata.name, { metadata: { labels: { touched: 'yes' } } });
    }
    await harness.settle({ timeoutMs: 60_000 });
    expect(harness.writes).toEqual([]);
    expect((await harness.list(StatefulSet)).length).toBeGreaterThan(0);
  });
});
