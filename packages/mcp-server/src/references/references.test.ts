import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defineModule, Deployment, findCondition, type ConfigObject, type Kind, type KindOf } from '@trueup/core';
import { MCPAuthzConfig, mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig } from '@trueup/mcp-tool-config';
import { MCPWebhookConfig } from '@trueup/mcp-webhook-config';
import { Harness, type ManifestObject } from '@trueup/testing';
import { mcpServer } from '../module.js';
import { MCPServer } from '../resource.js';

interface Words {
  readonly reason: string;
  readonly message: string;
  /** What the summary says, where that is something else. */
  readonly summary?: string;
}

/** A reference of a server and what is said of it, in terms of the name `c` in the namespace `NS`. */
interface Reference {
  readonly field: string;
  readonly kind: Kind & KindOf<ConfigObject>;
  /** Members of the reference beside the name. */
  readonly members?: object;
  /** Further fields of the server. */
  readonly server?: object;
  readonly config: object;
  /** Another spec of that kind. */
  readonly edited: object;
  readonly condition: string;
  readonly hash: string;
  readonly valid: Words;
  readonly notFound: Words;
  /** For the source's reason `Broken` and message `why`. */
  readonly invalid: Words;
  readonly pending: string;
  /** Why nothing is deployed although the reference is fine. */
  readonly undeployed?: string;
}

const RESOURCE = 'https://mcp.example.com/x';
const OIDC = { oidcConfigRef: { name: 'oidc', audience: RESOURCE, resourceUrl: RESOURCE } };
const anAuthServer = (...upstreams: readonly string[]) => ({
  type: 'embeddedAuthServer',
  embeddedAuthServer: {
    issuer: 'https://mcp.example.com',
    upstreamProviders: upstreams.map((name) => ({
      name,
      type: 'oidc',
      oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
    })),
  },
});
const webhooks = (url: string) => ({ validating: [{ name: 'policy', url }] });

const REFERENCES: readonly Reference[] = [
  {
    field: 'toolConfigRef',
    kind: MCPToolConfig,
    config: { toolsFilter: ['read'] },
    edited: { toolsFilter: ['write'] },
    condition: 'ToolConfigValidated',
    hash: 'toolConfigHash',
    valid: { reason: 'ToolConfigValid', message: "MCPToolConfig 'c' is valid" },
    notFound: {
      reason: 'ToolConfigNotFound',
      message: "MCPToolConfig 'c' not found in namespace 'NS'",
      summary: 'MCPToolConfig c not found in namespace NS',
    },
    invalid: { reason: 'ToolConfigNotValid', message: "MCPToolConfig 'c' is not valid: why" },
    pending: 'ToolConfigPending',
  },
  {
    field: 'telemetryConfigRef',
    kind: MCPTelemetryConfig,
    config: { openTelemetry: { enabled: true } },
    edited: { openTelemetry: { enabled: false } },
    condition: 'TelemetryConfigRefValidated',
    hash: 'telemetryConfigHash',
    valid: { reason: 'TelemetryConfigRefValid', message: 'MCPTelemetryConfig c is valid' },
    notFound: { reason: 'TelemetryConfigRefNotFound', message: 'MCPTelemetryConfig c not found' },
    invalid: { reason: 'TelemetryConfigRefInvalid', message: 'MCPTelemetryConfig c is invalid: why' },
    pending: 'TelemetryConfigRefPending',
  },
  {
    field: 'externalAuthConfigRef',
    kind: MCPExternalAuthConfig,
    config: { type: 'unauthenticated' },
    edited: { type: 'tokenExchange', tokenExchange: { tokenUrl: 'https://idp.example.com/token', audience: 'a' } },
    condition: 'ExternalAuthConfigValidated',
    hash: 'externalAuthConfigHash',
    valid: { reason: 'ExternalAuthConfigValid', message: "MCPExternalAuthConfig 'c' is valid" },
    notFound: {
      reason: 'ExternalAuthConfigNotFound',
      message: "MCPExternalAuthConfig 'c' not found in namespace 'NS'",
      summary: 'MCPExternalAuthConfig c not found in namespace NS',
    },
    invalid: { reason: 'Broken', message: 'why', summary: 'MCPExternalAuthConfig NS/c: invalid (Broken): why' },
    pending: 'ExternalAuthConfigPending',
  },
  {
    field: 'webhookConfigRef',
    kind: MCPWebhookConfig,
    config: webhooks('https://policy.example.com'),
    edited: webhooks('https://other.example.com'),
    condition: 'WebhookConfigValidated',
    hash: 'webhookConfigHash',
    valid: { reason: 'WebhookConfigValid', message: "MCPWebhookConfig 'c' is valid" },
    notFound: {
      reason: 'WebhookConfigNotFound',
      message: "MCPWebhookConfig 'c' not found in namespace 'NS'",
      summary: 'MCPWebhookConfig.toolhive.stacklok.dev "c" not found',
    },
    invalid: {
      reason: 'WebhookConfigInvalid',
      message: "MCPWebhookConfig 'c' is not valid: why",
      summary: 'invalid MCPWebhookConfig c: why',
    },
    pending: 'WebhookConfigPending',
  },
  {
    field: 'authServerRef',
    kind: MCPExternalAuthConfig,
    members: { kind: 'MCPExternalAuthConfig' },
    server: OIDC,
    config: anAuthServer('okta'),
    edited: anAuthServer('entra'),
    condition: 'AuthServerRefValidated',
    hash: 'authServerConfigHash',
    valid: { reason: 'AuthServerRefValid', message: "AuthServerRef 'c' is valid" },
    notFound: { reason: 'AuthServerRefNotFound', message: "MCPExternalAuthConfig 'c' not found in namespace 'NS'" },
    invalid: { reason: 'Broken', message: 'why', summary: 'MCPExternalAuthConfig NS/c: invalid (Broken): why' },
    pending: 'AuthServerRefPending',
    undeployed:
      "MCPExternalAuthConfig 'c' embeds an authorization server, which this operator cannot run in a proxy yet; nothing is deployed",
  },
  {
    field: 'oidcConfigRef',
    kind: MCPOIDCConfig,
    members: { audience: 'a' },
    config: { type: 'inline', inline: { issuer: 'https://issuer.example.com' } },
    edited: { type: 'inline', inline: { issuer: 'https://other.example.com' } },
    condition: 'OIDCConfigRefValidated',
    hash: 'oidcConfigHash',
    valid: { reason: 'OIDCConfigRefValid', message: 'MCPOIDCConfig c is valid and ready' },
    notFound: {
      reason: 'OIDCConfigRefNotFound',
      message:
        'MCPOIDCConfig c not found: failed to get MCPOIDCConfig NS/c: MCPOIDCConfig.toolhive.stacklok.dev "c" not found',
      summary: 'failed to get MCPOIDCConfig NS/c: MCPOIDCConfig.toolhive.stacklok.dev "c" not found',
    },
    invalid: { reason: 'OIDCConfigRefNotValid', message: 'MCPOIDCConfig c is not valid: why' },
    pending: 'OIDCConfigRefPending',
  },
  {
    field: 'authzConfigRef',
    kind: MCPAuthzConfig,
    config: { type: 'cedarv1', config: { policies: ['permit(principal, action, resource);'] } },
    edited: { type: 'cedarv1', config: { policies: ['forbid(principal, action, resource);'] } },
    condition: 'AuthzConfigRefValidated',
    hash: 'authzConfigHash',
    valid: { reason: 'AuthzConfigRefValid', message: 'MCPAuthzConfig c is valid and ready' },
    notFound: {
      reason: 'AuthzConfigRefNotFound',
      message:
        'MCPAuthzConfig c not found: failed to get MCPAuthzConfig NS/c: MCPAuthzConfig.toolhive.stacklok.dev "c" not found',
      summary: 'failed to get MCPAuthzConfig NS/c: MCPAuthzConfig.toolhive.stacklok.dev "c" not found',
    },
    invalid: {
      reason: 'AuthzConfigRefNotValid',
      message: 'MCPAuthzConfig c is not valid: why',
      summary: 'MCPAuthzConfig NS/c is not valid (condition "Valid" is not True)',
    },
    pending: 'AuthzConfigRefPending',
  },
];

const CONFIG_KINDS = [...new Set(REFERENCES.map(({ kind }) => kind))];

let harness: Harness;

beforeAll(async () => {
  // Nobody reconciles the configs, so that a test says how they are judged.
  const configs = defineModule({ ...mcpAuthzConfig, kinds: CONFIG_KINDS, reconcilers: [] });
  harness = await Harness.start({ modules: [configs, mcpServer] });
});
afterAll(() => harness.stop());
beforeEach(async () => {
  for (const kind of [MCPServer, ...CONFIG_KINDS] as readonly KindOf[]) {
    for (const { metadata } of await harness.list(kind)) await harness.delete(kind, metadata.name);
  }
  await harness.settle();
});

/** Without proxies there is less to wait for. */
const aServer = (spec: object = {}) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPServer',
  metadata: { name: 'fetch' },
  spec: { image: 'i', transport: 'streamable-http', replicas: 0, ...spec },
});
const aConfig = ({ resource }: KindOf, name: string, spec: object) => ({
  apiVersion: `${resource.group}/${resource.version}`,
  kind: resource.kind,
  metadata: { name },
  spec,
});

async function applied(...objects: readonly ManifestObject[]): Promise<void> {
  await harness.apply(...objects);
  await harness.settle();
}

interface Judgement {
  readonly reason?: string;
  readonly message?: string;
  readonly configHash?: string;
}

/** Judges a config as its own controller would. */
async function judge(
  kind: KindOf,
  name: string,
  status: 'True' | 'False',
  { reason = 'Judged', message = '', configHash = 'hash1' }: Judgement = {},
): Promise<void> {
  const { metadata } = await harness.require(kind, name);
  const valid = { type: 'Valid', status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' };
  await harness.patchStatus(kind, name, {
    conditions: [{ ...valid, observedGeneration: metadata.generation }],
    configHash,
  });
  await harness.settle();
}

const statusNow = async () => (await harness.require(MCPServer, 'fetch')).status;
const conditionNow = async (type: string) => findCondition((await statusNow())?.conditions, type);
const deployed = () => harness.get(Deployment, 'fetch');
const inNamespace = (text: string) => text.replace('NS', harness.namespace);

describe.each(REFERENCES)('spec.$field', (reference) => {
  const { field, kind, members, server, condition, hash, valid, notFound, invalid, pending, undeployed } = reference;
  const referring = (name: string, more: object = {}) => aServer({ ...server, ...more, [field]: { ...members, name } });
  const source = (name = 'c') => aConfig(kind, name, reference.config);
  const edited = () => aConfig(kind, 'c', reference.edited);
  const expectServed = async () => {
    expect(await conditionNow(condition)).toMatchObject({ status: 'True', ...valid });
    const stopped = { phase: 'Stopped', message: 'MCP server is stopped (scaled to zero)' };
    expect(await statusNow()).toMatchObject(undeployed ? { phase: 'Failed', message: undeployed } : stopped);
    expect((await deployed()) === undefined).toBe(undeployed !== undefined);
  };
  const expectFailed = async ({ reason, message, summary = message }: Words) => {
    expect(await conditionNow(condition)).toMatchObject({ status: 'False', reason, message: inNamespace(message) });
    const told = inNamespace(summary);
    expect(await statusNow()).toMatchObject({ phase: 'Failed', message: told });
    expect(await conditionNow('Ready')).toMatchObject({ status: 'False', reason: 'NotReady', message: told });
  };

  beforeEach(async () => {
    if (server === undefined) return;
    await applied(aConfig(MCPOIDCConfig, 'oidc', { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} }));
    await judge(MCPOIDCConfig, 'oidc', 'True');
  });

  it('waits for the config to exist and to be judged, for the generation of the server', async () => {
    await applied(referring('c'));
    await expectFailed(notFound);
    expect(await deployed()).toBeUndefined();

    await applied(source());
    const message = `${kind.resource.kind} c has not been validated yet`;
    expect(await conditionNow(condition)).toMatchObject({ status: 'Unknown', reason: pending, message });
    expect(await statusNow()).toMatchObject({ phase: 'Pending', message });
    expect(await statusNow()).not.toHaveProperty(hash);
    expect(await deployed()).toBeUndefined();

    await judge(kind, 'c', 'True');
    await expectServed();
    expect(await statusNow()).toMatchObject({ [hash]: 'hash1' });
    await applied(referring('c', { proxyPort: 9000 }));
    expect(await conditionNow(condition)).toMatchObject({ status: 'True', observedGeneration: 2 });
  });

  it('shows what is wrong with the config, follows it, and heals', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    const was = await conditionNow(condition);
    await expectFailed(invalid);
    expect(await deployed()).toBeUndefined();
    expect(await statusNow()).not.toHaveProperty(hash);

    await judge(kind, 'c', 'False', { reason: 'Other', message: 'why else' });
    const is = await conditionNow(condition);
    expect(is?.message).toContain('why else');
    expect(is?.lastTransitionTime).toBe(was?.lastTransitionTime);
    await applied(referring('c', { proxyPort: 9000 }));
    expect(await conditionNow(condition)).toMatchObject({ status: 'False', observedGeneration: 2 });

    await harness.patchStatus(kind, 'c', { conditions: [] });
    await harness.settle();
    expect(await conditionNow(condition)).toMatchObject({ status: 'Unknown', reason: pending });

    await judge(kind, 'c', 'True');
    await expectServed();
  });

  it('keeps what runs, and its hash, while the config is broken or gone', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'True');
    const before = (await deployed())?.spec;
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await expectFailed(invalid);
    expect(await statusNow()).toMatchObject({ [hash]: 'hash1' });
    expect((await deployed())?.spec).toEqual(before);

    await harness.delete(kind, 'c');
    await harness.settle();
    await expectFailed(notFound);
    expect(await statusNow()).toMatchObject({ [hash]: 'hash1' });
    await applied(source());
    await judge(kind, 'c', 'True');
    await expectServed();
    expect((await deployed())?.spec).toEqual(before);
  });

  it.each(['True', 'False'] as const)(
    'leaves everything as it is while an edit of a config that is %s is not judged',
    async (status) => {
      await applied(source(), referring('c'));
      await judge(kind, 'c', status, { reason: 'Broken', message: 'why' });
      const before = { status: await statusNow(), deployment: await deployed() };
      await applied(edited());
      await harness.patch(MCPServer, 'fetch', { metadata: { labels: { touched: 'yes' } } });
      await harness.settle();
      expect({ status: await statusNow(), deployment: await deployed() }).toEqual(before);

      await judge(kind, 'c', 'True', { configHash: 'hash2' });
      await expectServed();
      expect(await statusNow()).toMatchObject({ [hash]: 'hash2' });
    },
  );

  it('follows when it is pointed elsewhere, and leaves nothing behind when it goes', async () => {
    await applied(source(), source('other'), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await judge(kind, 'other', 'True', { configHash: 'hash-other' });
    await applied(referring('other'));
    expect(await conditionNow(condition)).toMatchObject({ status: 'True', observedGeneration: 2 });
    expect(await statusNow()).toMatchObject({ [hash]: 'hash-other' });

    await applied(aServer(server));
    expect(await conditionNow(condition)).toBeUndefined();
    expect(await statusNow()).not.toHaveProperty(hash);
    expect(await statusNow()).toMatchObject({ phase: 'Stopped' });
    expect(await deployed()).toBeDefined();
  });

  it('makes no write when nothing changed', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'True');
    harness.forgetWrites();
    await harness.patch(kind, 'c', { metadata: { labels: { touched: 'yes' } } });
    await harness.patch(MCPServer, 'fetch', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });
});

describe('an MCPServer that cannot use an authorization server', () => {
  const judged = async (name: string, spec: object) => {
    await applied(aConfig(MCPExternalAuthConfig, name, spec));
    await judge(MCPExternalAuthConfig, name, 'True');
  };
  const authServerRef = { kind: 'MCPExternalAuthConfig', name: 'as' };

  beforeEach(async () => {
    await applied(aConfig(MCPOIDCConfig, 'oidc', { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} }));
    await judge(MCPOIDCConfig, 'oidc', 'True');
  });

  it.each([
    [
      'has another type',
      { type: 'unauthenticated' },
      OIDC,
      'AuthServerRefInvalidType',
      'authServerRef \'as\' has type "unauthenticated", but only embeddedAuthServer is supported',
      'authServerRef \'as\' has type "unauthenticated", but only embeddedAuthServer is supported',
    ],
    [
      'has two upstreams',
      anAuthServer('okta', 'entra'),
      OIDC,
      'MultiUpstreamNotSupported',
      'MCPServer supports only one upstream provider (found 2); use VirtualMCPServer for multi-upstream',
      'MCPServer NS/fetch: embedded auth server has 2 upstream providers, but only 1 is supported; use VirtualMCPServer',
    ],
    [
      'issues tokens that nobody checks',
      anAuthServer('okta'),
      {},
      'AuthServerRefInvalidConfig',
      'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer',
      'Failed to build configuration: OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer',
    ],
    [
      'issues tokens for somebody else',
      anAuthServer('okta'),
      { oidcConfigRef: { name: 'oidc', audience: 'a' } },
      'AuthServerRefInvalidConfig',
      'oidcConfigRef.audience "a" must match resourceUrl "http://mcp-fetch-proxy.NS.svc.cluster.local:8080" when an embedded auth server is active; set audience to "http://mcp-fetch-proxy.NS.svc.cluster.local:8080" or set resourceUrl to match audience',
      undefined,
    ],
  ])('says so when it %s', async (_, spec, server, reason, message, summary) => {
    await judged('as', spec);
    await applied(aServer({ ...server, authServerRef }));
    const told = message.replaceAll('NS', harness.namespace);
    expect(await conditionNow('AuthServerRefValidated')).toMatchObject({ status: 'False', reason, message: told });
    expect(await statusNow()).toMatchObject({
      phase: 'Failed',
      message: summary === undefined ? `Failed to build configuration: ${told}` : inNamespace(summary),
    });
    expect(await deployed()).toBeUndefined();
  });

  it('says so when it has two of them', async () => {
    await judged('as', anAuthServer('okta'));
    await applied(aServer({ ...OIDC, authServerRef, externalAuthConfigRef: { name: 'as' } }));
    const conflict =
      'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only';
    expect(await conditionNow('AuthServerRefValidated')).toMatchObject({
      status: 'False',
      reason: 'AuthServerRefInvalidConfig',
      message: conflict,
    });
    expect(await statusNow()).toMatchObject({
      phase: 'Failed',
      message: `Failed to build configuration: failed to create RunConfig from MCPServer: failed to process authServerRef: ${conflict}`,
    });
  });
});

it('judges all references of a server, whatever is said of the others', async () => {
  const refs = { toolConfigRef: { name: 'x' }, webhookConfigRef: { name: 'x' }, authzConfigRef: { name: 'x' } };
  await applied(aServer(refs));
  for (const type of ['ToolConfigValidated', 'WebhookConfigValidated', 'AuthzConfigRefValidated']) {
    expect(await conditionNow(type)).toMatchObject({ status: 'False' });
  }
  expect((await statusNow())?.message).toBe(`MCPToolConfig x not found in namespace ${harness.namespace}`);
});
