import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defineModule, findCondition, type ConfigObject, type Kind, type KindOf } from '@trueup/core';
import { MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { MCPToolConfig } from '@trueup/mcp-tool-config';
import { mcpRemoteProxy } from './module.js';
import { MCPRemoteProxy } from './resource.js';

/** A reference of a proxy and what is said of it, in terms of the name `c` in the namespace `NS`. */
interface Reference {
  readonly field: string;
  readonly kind: Kind & KindOf<ConfigObject>;
  /** Members of the reference beside the name. */
  readonly members?: object;
  /** Further fields of the proxy. */
  readonly proxy?: object;
  readonly config: object;
  /** Another spec of that kind. */
  readonly otherConfig: object;
  readonly condition: string;
  readonly hash: string;
  readonly valid: { readonly reason: string; readonly message: string };
  readonly notFound: { readonly reason: string; readonly message: string; readonly summary?: string };
  /** For the source's reason `Broken` and message `why`. */
  readonly invalid: { readonly reason: string; readonly message: string; readonly summary?: string };
  readonly pending: string;
}

const RESOURCE = 'https://mcp.example.com/x';
const OIDC = { oidcConfigRef: { name: 'oidc', audience: RESOURCE, resourceUrl: RESOURCE } };
const upstream = (name: string) => ({
  name,
  type: 'oidc',
  oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
});
const anAuthServer = (...upstreams: readonly string[]) => ({
  type: 'embeddedAuthServer',
  embeddedAuthServer: { issuer: 'https://mcp.example.com', upstreamProviders: upstreams.map(upstream) },
});

const NOT_FOUND = "MCPExternalAuthConfig 'c' not found in namespace 'NS'";

const REFERENCES: readonly Reference[] = [
  {
    field: 'toolConfigRef',
    kind: MCPToolConfig,
    config: { toolsFilter: ['read'] },
    otherConfig: { toolsFilter: ['write'] },
    condition: 'ToolConfigValidated',
    hash: 'toolConfigHash',
    valid: { reason: 'ToolConfigValid', message: "MCPToolConfig 'c' is valid" },
    notFound: { reason: 'ToolConfigNotFound', message: "MCPToolConfig 'c' not found in namespace 'NS'" },
    invalid: { reason: 'ToolConfigNotValid', message: "MCPToolConfig 'c' is not valid: why" },
    pending: 'ToolConfigPending',
  },
  {
    field: 'telemetryConfigRef',
    kind: MCPTelemetryConfig,
    config: { openTelemetry: { enabled: true } },
    otherConfig: { openTelemetry: { enabled: false } },
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
    otherConfig: { type: 'upstreamInject', upstreamInject: { providerName: 'okta' } },
    condition: 'ExternalAuthConfigValidated',
    hash: 'externalAuthConfigHash',
    valid: { reason: 'ExternalAuthConfigValid', message: "MCPExternalAuthConfig 'c' is valid" },
    notFound: { reason: 'ExternalAuthConfigNotFound', message: NOT_FOUND },
    invalid: { reason: 'Broken', message: 'why', summary: 'MCPExternalAuthConfig NS/c: invalid (Broken): why' },
    pending: 'ExternalAuthConfigPending',
  },
  {
    field: 'authServerRef',
    kind: MCPExternalAuthConfig,
    members: { kind: 'MCPExternalAuthConfig' },
    proxy: OIDC,
    config: anAuthServer('okta'),
    otherConfig: anAuthServer('entra'),
    condition: 'AuthServerRefValidated',
    hash: 'authServerConfigHash',
    valid: { reason: 'AuthServerRefValid', message: "AuthServerRef 'c' is valid" },
    notFound: { reason: 'AuthServerRefNotFound', message: NOT_FOUND },
    invalid: { reason: 'Broken', message: 'why', summary: 'MCPExternalAuthConfig NS/c: invalid (Broken): why' },
    pending: 'AuthServerRefPending',
  },
  {
    field: 'oidcConfigRef',
    kind: MCPOIDCConfig,
    members: { audience: 'a' },
    config: { type: 'inline', inline: { issuer: 'https://issuer.example.com' } },
    otherConfig: { type: 'inline', inline: { issuer: 'https://other.example.com' } },
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
    otherConfig: { type: 'cedarv1', config: { policies: ['forbid(principal, action, resource);'] } },
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
  const configs = defineModule({ name: 'configs', kinds: CONFIG_KINDS, reconcilers: [] });
  harness = await Harness.start({ modules: [configs, mcpRemoteProxy] });
});
afterAll(() => harness.stop());
beforeEach(async () => {
  for (const kind of [MCPRemoteProxy, ...CONFIG_KINDS] as readonly KindOf[]) {
    for (const { metadata } of await harness.list(kind)) await harness.delete(kind, metadata.name);
  }
  await harness.settle();
});

const API_VERSION = 'toolhive.stacklok.dev/v1beta1';
const aProxy = (spec: object = {}) => ({
  apiVersion: API_VERSION,
  kind: 'MCPRemoteProxy',
  metadata: { name: 'remote' },
  spec: { remoteUrl: 'https://mcp.example.com/v1', ...spec },
});
const aConfig = ({ resource }: KindOf, name: string, spec: object) => ({
  apiVersion: API_VERSION,
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

/** Has the proxy looked at again, since a config alone wakes nobody before it is judged. */
async function touchProxy(label: string): Promise<void> {
  await harness.patch(MCPRemoteProxy, 'remote', { metadata: { labels: { label } } });
  await harness.settle();
}

const proxyNow = () => harness.require(MCPRemoteProxy, 'remote');
const statusNow = async () => (await proxyNow()).status;
const conditionNow = async (type: string) => findCondition((await statusNow())?.conditions, type);
const inNamespace = (text: string) => text.replace('NS', harness.namespace);

describe.each(REFERENCES)('spec.$field of an MCPRemoteProxy', (reference) => {
  const { field, kind, members, proxy, config, otherConfig, condition, hash, valid, notFound, invalid, pending } =
    reference;
  const referring = (name: string, more: object = {}) => aProxy({ ...proxy, ...more, [field]: { ...members, name } });
  const source = (name = 'c') => aConfig(kind, name, config);
  const edited = () => aConfig(kind, 'c', otherConfig);

  beforeEach(async () => {
    if (proxy === undefined) return;
    await applied(aConfig(MCPOIDCConfig, 'oidc', { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} }));
    await judge(MCPOIDCConfig, 'oidc', 'True');
  });

  it('says nothing where there is none', async () => {
    await applied(aProxy(proxy));
    expect(await conditionNow(condition)).toBeUndefined();
    expect(await statusNow()).not.toHaveProperty(hash);
    expect(await statusNow()).not.toHaveProperty('phase');
  });

  it('names a config that does not exist, and heals when it appears', async () => {
    await applied(referring('c'));
    const [message, summary] = [notFound.message, notFound.summary ?? notFound.message].map(inNamespace);
    expect(await conditionNow(condition)).toMatchObject({ status: 'False', reason: notFound.reason, message });
    expect(await statusNow()).toMatchObject({ phase: 'Failed', message: summary, observedGeneration: 1 });
    expect(await conditionNow('Ready')).toMatchObject({ status: 'False', reason: 'NotReady', message: summary });

    await applied(source());
    await judge(kind, 'c', 'True');
    expect(await conditionNow(condition)).toMatchObject({ status: 'True', ...valid, observedGeneration: 1 });
    expect(await statusNow()).toMatchObject({ [hash]: 'hash1' });
    expect(await statusNow()).not.toHaveProperty('phase');
    expect(await conditionNow('Ready')).toBeUndefined();
  });

  it('waits for the first verdict', async () => {
    await applied(source(), referring('c'));
    const message = `${kind.resource.kind} c has not been validated yet`;
    expect(await conditionNow(condition)).toMatchObject({ status: 'Unknown', reason: pending, message });
    expect(await statusNow()).toMatchObject({ phase: 'Pending', message });
    expect(await statusNow()).not.toHaveProperty(hash);
  });

  it('waits for the verdict on the present config, not for one on another', async () => {
    await applied(source());
    await judge(kind, 'c', 'True');
    await applied(edited());
    await applied(referring('c'));
    expect(await conditionNow(condition)).toMatchObject({ status: 'Unknown', reason: pending });
    expect(await statusNow()).toMatchObject({ phase: 'Pending' });
    await judge(kind, 'c', 'True', { configHash: 'hash2' });
    expect(await statusNow()).toMatchObject({ [hash]: 'hash2' });
  });

  it('shows what is wrong with the config, follows it, and heals', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    const was = await conditionNow(condition);
    expect(was).toMatchObject({ status: 'False', reason: invalid.reason, message: invalid.message });
    const summary = inNamespace(invalid.summary ?? invalid.message);
    expect(await statusNow()).toMatchObject({ phase: 'Failed', message: summary });
    expect(await conditionNow('Ready')).toMatchObject({ status: 'False', reason: 'NotReady', message: summary });
    expect(await statusNow()).not.toHaveProperty(hash);

    await judge(kind, 'c', 'False', { reason: 'Other', message: 'why else' });
    const is = await conditionNow(condition);
    expect(is?.message).toContain('why else');
    expect(is?.lastTransitionTime).toBe(was?.lastTransitionTime);

    await judge(kind, 'c', 'True');
    expect(await conditionNow(condition)).toMatchObject({ status: 'True', ...valid });
    expect(await conditionNow('Ready')).toBeUndefined();
  });

  it('keeps the hash of what was good while the config is broken, and takes up the new one', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'True');
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    expect(await statusNow()).toMatchObject({ phase: 'Failed', [hash]: 'hash1' });
    await judge(kind, 'c', 'True', { configHash: 'hash2' });
    expect(await statusNow()).toMatchObject({ [hash]: 'hash2' });
  });

  it.each(['True', 'False'] as const)(
    'keeps the verdict %s while an edited config is not judged yet',
    async (status) => {
      await applied(source(), referring('c'));
      await judge(kind, 'c', status, { reason: 'Broken', message: 'why' });
      const before = await statusNow();
      harness.forgetWrites();
      await applied(edited());
      await touchProxy('edited');
      expect((await harness.require(kind, 'c')).metadata.generation).toBe(2);
      expect(await statusNow()).toEqual(before);
      expect(harness.writes).toEqual([]);
    },
  );

  it('is pending again when the verdict on the config is gone', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await harness.patchStatus(kind, 'c', { conditions: [] });
    await harness.settle();
    expect(await conditionNow(condition)).toMatchObject({ status: 'Unknown', reason: pending });
  });

  it('leaves nothing behind when it is removed', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'True');
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await applied(aProxy(proxy));
    expect(await conditionNow(condition)).toBeUndefined();
    expect(await conditionNow('Ready')).toBeUndefined();
    expect(await statusNow()).not.toHaveProperty(hash);
  });

  it('follows when it is pointed elsewhere', async () => {
    await applied(source(), source('other'), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await judge(kind, 'other', 'True', { configHash: 'hash-other' });
    await applied(referring('other'));
    expect(await conditionNow(condition)).toMatchObject({ status: 'True', observedGeneration: 2 });
    expect(await statusNow()).toMatchObject({ [hash]: 'hash-other' });
  });

  it('does not show the faults of a config that is gone', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await harness.delete(kind, 'c');
    await harness.settle();
    expect(await conditionNow(condition)).toMatchObject({ status: 'False', reason: notFound.reason });
  });

  it('tells for which generation of the proxy it speaks', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'False', { reason: 'Broken', message: 'why' });
    await applied(referring('c', { proxyPort: 9000 }));
    expect(await conditionNow(condition)).toMatchObject({ status: 'False', observedGeneration: 2 });
    expect(await statusNow()).toMatchObject({ observedGeneration: 2 });
  });

  it('makes no write when nothing changed', async () => {
    await applied(source(), referring('c'));
    await judge(kind, 'c', 'True');
    harness.forgetWrites();
    await harness.patch(kind, 'c', { metadata: { labels: { touched: 'yes' } } });
    await harness.patch(MCPRemoteProxy, 'remote', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });
});

describe('two references of an MCPRemoteProxy that do not go together', () => {
  it('stay refused while one of the configs is judged anew', async () => {
    await applied(
      aConfig(MCPOIDCConfig, 'oidc', { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} }),
      aConfig(MCPExternalAuthConfig, 'as', anAuthServer('okta')),
      aConfig(MCPExternalAuthConfig, 'out', anAuthServer('okta')),
      aProxy({
        ...OIDC,
        authServerRef: { kind: 'MCPExternalAuthConfig', name: 'as' },
        externalAuthConfigRef: { name: 'out' },
      }),
    );
    await judge(MCPOIDCConfig, 'oidc', 'True');
    for (const name of ['as', 'out']) await judge(MCPExternalAuthConfig, name, 'True');
    expect(await conditionNow('AuthServerRefValidated')).toMatchObject({
      status: 'False',
      reason: 'AuthServerRefInvalidConfig',
      message: expect.stringContaining('conflict: both authServerRef and externalAuthConfigRef'),
    });

    const before = await statusNow();
    for (const name of ['out', 'as']) {
      await applied(aConfig(MCPExternalAuthConfig, name, anAuthServer('entra')));
      await touchProxy(name);
      expect(await statusNow()).toEqual(before);
    }
  });
});
