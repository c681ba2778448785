import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigMap, defineModule, findCondition, Secret, type KindOf } from '@trueup/core';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { mcpServerEntry } from './module.js';
import { MCPServerEntry } from './resource.js';

const API_VERSION = 'toolhive.stacklok.dev/v1beta1';

let harness: Harness;

beforeAll(async () => {
  // Nobody reconciles the configs, so that a test says how they are judged.
  const configs = defineModule({ name: 'configs', kinds: [MCPExternalAuthConfig], reconcilers: [] });
  harness = await Harness.start({ modules: [configs, mcpServerEntry] });
});
afterAll(() => harness.stop());
beforeEach(async () => {
  for (const kind of [MCPServerEntry, MCPExternalAuthConfig, Secret] as readonly KindOf[]) {
    for (const { metadata } of await harness.list(kind)) await harness.delete(kind, metadata.name);
  }
  if (await harness.get(ConfigMap, 'corp-ca')) await harness.delete(ConfigMap, 'corp-ca');
  await harness.settle();
});

const anEntry = (spec: object = {}) => ({
  apiVersion: API_VERSION,
  kind: 'MCPServerEntry',
  metadata: { name: 'entry' },
  spec: {
    remoteUrl: 'https://mcp.example.com/mcp',
    transport: 'streamable-http',
    groupRef: { name: 'tools' },
    ...spec,
  },
});

const anAuthConfig = (spec: object = { type: 'unauthenticated' }, name = 'auth') => ({
  apiVersion: API_VERSION,
  kind: 'MCPExternalAuthConfig',
  metadata: { name },
  spec,
});

const header = (headerName: string, name: string, key = 'k') => ({ headerName, valueSecretRef: { name, key } });
const aSecret = (name: string, stringData: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const aBundle = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'corp-ca' }, data });

async function applied(...objects: readonly ManifestObject[]): Promise<MCPServerEntry> {
  await harness.apply(...objects);
  await harness.settle();
  return harness.require(MCPServerEntry, 'entry');
}

/** Judges a config as its own controller would. */
async function judge(status: 'True' | 'False', reason = 'Judged', message = '', name = 'auth'): Promise<void> {
  const { metadata } = await harness.require(MCPExternalAuthConfig, name);
  const valid = { type: 'Valid', status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' };
  await harness.patchStatus(MCPExternalAuthConfig, name, {
    conditions: [{ ...valid, observedGeneration: metadata.generation }],
  });
  await harness.settle();
}

const entryNow = () => harness.require(MCPServerEntry, 'entry');
const conditionsOf = ({ status }: MCPServerEntry) =>
  Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: is, reason, message }) => [type, `${is} ${reason}: ${message}`]),
  );

const VALID_URL = 'True RemoteURLValid: Remote URL is valid';
const NO_BUNDLE = 'True CABundleRefNotConfigured: No CA bundle reference configured';
const INVALID = 'False ConfigInvalid: One or more referenced resources are missing or invalid';

describe('an MCPServerEntry', () => {
  it('says of itself what can be told without its group, and is then left alone', async () => {
    const entry = await applied(anEntry());
    expect(conditionsOf(entry)).toEqual({ RemoteURLValidated: VALID_URL, CABundleRefValidated: NO_BUNDLE });
    expect(entry.status).toMatchObject({ phase: 'Pending', observedGeneration: 1 });

    harness.forgetWrites();
    await harness.patch(MCPServerEntry, 'entry', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('names everything that is missing at once', async () => {
    const entry = await applied(
      aSecret('s2', { other: 'x' }),
      anEntry({
        externalAuthConfigRef: { name: 'nope-auth' },
        caBundleRef: { configMapRef: { name: 'corp-ca', key: 'ca.crt' } },
        headerForward: { addHeadersFromSecret: [header('X-API-Key', 's1'), header('X-Other', 's2')] },
      }),
    );
    expect(conditionsOf(entry)).toEqual({
      RemoteURLValidated: VALID_URL,
      ExternalAuthConfigValidated: 'False AuthConfigNotFound: Referenced MCPExternalAuthConfig not found',
      CABundleRefValidated: 'False CABundleRefNotFound: Referenced CA bundle ConfigMap not found',
      HeaderSecretRefsValidated:
        'False HeaderSecretNotFound: Secret "s1" referenced for header "X-API-Key" not found; Secret "s2" has no key "k" referenced for header "X-Other"',
      Valid: INVALID,
    });
    expect(entry.status).toMatchObject({ phase: 'Failed', observedGeneration: 1 });
  });

  it('heals when what was missing appears, and notices when it goes', async () => {
    await applied(
      anEntry({
        caBundleRef: { configMapRef: { name: 'corp-ca', key: 'ca.crt' } },
        headerForward: { addHeadersFromSecret: [header('X-API-Key', 's1')] },
      }),
    );
    const nowThere = await applied(aSecret('s1', { k: 'v' }), aBundle({ 'ca.crt': 'PEM' }));
    expect(conditionsOf(nowThere)).toEqual({
      RemoteURLValidated: VALID_URL,
      CABundleRefValidated: 'True CABundleRefValid: Referenced CA bundle ConfigMap exists',
      HeaderSecretRefsValidated: 'True HeaderSecretsValid: All referenced header Secrets exist with required keys',
    });
    expect(nowThere.status).toMatchObject({ phase: 'Pending' });

    await harness.delete(Secret, 's1');
    await harness.settle();
    expect(await entryNow()).toHaveCondition('HeaderSecretRefsValidated', { status: 'False' });
    expect((await entryNow()).status).toMatchObject({ phase: 'Failed' });
  });

  it('says which key of a CA bundle is missing', async () => {
    const caBundleRef = { configMapRef: { name: 'corp-ca', key: 'zz' } };
    expect(await applied(aBundle({ 'ca.crt': 'PEM' }), anEntry({ caBundleRef }))).toHaveCondition(
      'CABundleRefValidated',
      { status: 'False', reason: 'CABundleRefInvalid', message: "Key 'zz' not found in ConfigMap 'corp-ca'" },
    );
    expect(conditionsOf(await applied(anEntry({ caBundleRef: {} })))).toMatchObject({
      CABundleRefValidated: NO_BUNDLE,
    });
  });

  it('does not search for names that nothing can have', async () => {
    const entry = await applied(
      anEntry({
        caBundleRef: { configMapRef: { key: 'ca.crt' } },
        headerForward: { addHeadersFromSecret: [header('X-A', 'a,metadata.name!=b')] },
      }),
    );
    expect(entry).toHaveCondition('CABundleRefValidated', { reason: 'CABundleRefNotFound' });
    expect(entry).toHaveCondition('HeaderSecretRefsValidated', {
      message: 'Secret "a,metadata.name!=b" referenced for header "X-A" not found',
    });
  });

  it('loses the conditions of what its spec no longer has', async () => {
    await applied(
      anEntry({
        externalAuthConfigRef: { name: 'nope' },
        headerForward: { addHeadersFromSecret: [header('Host', 's1')] },
      }),
    );
    expect(await entryNow()).toHaveCondition('HeaderForwardValidated', {
      status: 'False',
      reason: 'RestrictedHeader',
      message: 'header "Host" is restricted and cannot be configured for forwarding',
    });
    const entry = await applied(anEntry());
    expect(conditionsOf(entry)).toEqual({ RemoteURLValidated: VALID_URL, CABundleRefValidated: NO_BUNDLE });
    expect(entry.status).toMatchObject({ phase: 'Pending', observedGeneration: 2 });
  });

  it('is not pointed at private addresses unless it says so', async () => {
    const remoteUrl = 'http://10.1.2.3:8080';
    expect(conditionsOf(await applied(anEntry({ remoteUrl })))).toMatchObject({
      RemoteURLValidated:
        'False RemoteURLInvalid: remote URL host is not allowed: IP address 10.1.2.3 falls within blocked range 10.0.0.0/8',
      Valid: INVALID,
    });
    expect(await applied(anEntry({ remoteUrl, allowPrivateEndpoint: true }))).toHaveCondition('RemoteURLValidated', {
      status: 'True',
    });
  });
});

describe('the reference of an MCPServerEntry to an MCPExternalAuthConfig', () => {
  const referring = anEntry({ externalAuthConfigRef: { name: 'auth' } });
  const TYPE = 'ExternalAuthConfigValidated';

  it('waits for the first verdict', async () => {
    expect(await applied(anAuthConfig(), referring)).toHaveCondition(TYPE, {
      status: 'Unknown',
      reason: 'ExternalAuthConfigPending',
      message: 'MCPExternalAuthConfig auth has not been validated yet',
    });
    expect((await entryNow()).status).toMatchObject({ phase: 'Pending' });
    await judge('True');
    expect(await entryNow()).toHaveCondition(TYPE, {
      status: 'True',
      reason: 'AuthConfigValid',
      message: 'Referenced MCPExternalAuthConfig exists',
      observedGeneration: 1,
    });
  });

  it('shows what is wrong with the config in its own words, until it is healed', async () => {
    await applied(anAuthConfig(), referring);
    await judge('False', 'EnterpriseRequired', 'needs an enterprise build');
    const before = await entryNow();
    expect(before).toHaveCondition(TYPE, {
      status: 'False',
      reason: 'EnterpriseRequired',
      message: 'needs an enterprise build',
    });
    expect(before.status).toMatchObject({ phase: 'Failed' });

    await judge('False', 'ValidationFailed', 'something else');
    const [was, is] = [before, await entryNow()].map(({ status }) => findCondition(status?.conditions, TYPE));
    expect(is).toMatchObject({ reason: 'ValidationFailed', message: 'something else' });
    expect(is?.lastTransitionTime).toBe(was?.lastTransitionTime);

    await judge('True');
    expect(conditionsOf(await entryNow())).not.toHaveProperty('Valid');
    expect(await entryNow()).toHaveCondition(TYPE, { status: 'True' });
  });

  it('keeps the last verdict while an edited config is not judged yet', async () => {
    await applied(anAuthConfig(), referring);
    await judge('True');
    harness.forgetWrites();
    await applied(anAuthConfig({ type: 'obo', obo: {} }));
    await harness.patch(MCPServerEntry, 'entry', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(await entryNow()).toHaveCondition(TYPE, { status: 'True' });
    expect(harness.writes).toEqual([]);
    await judge('False', 'EnterpriseRequired', 'm');
    expect(await entryNow()).toHaveCondition(TYPE, { status: 'False', reason: 'EnterpriseRequired' });
  });

  it('follows when it is pointed elsewhere, and when the config goes', async () => {
    await applied(anAuthConfig(), anAuthConfig({ type: 'unauthenticated' }, 'other'), referring);
    await judge('False', 'ValidationFailed', 'm');
    await judge('True', 'Judged', '', 'other');
    const moved = await applied(anEntry({ externalAuthConfigRef: { name: 'other' } }));
    expect(moved).toHaveCondition(TYPE, { status: 'True', observedGeneration: 2 });

    await harness.delete(MCPExternalAuthConfig, 'other');
    await harness.settle();
    expect(await entryNow()).toHaveCondition(TYPE, { status: 'False', reason: 'AuthConfigNotFound' });
  });

  it.each([
    [
      'embeddedAuthServer',
      {
        embeddedAuthServer: {
          issuer: 'https://i.example.com',
          upstreamProviders: [
            { name: 'a', type: 'oidc', oidcConfig: { issuerUrl: 'https://o.example.com', clientId: 'c' } },
          ],
        },
      },
    ],
    ['bearerToken', { bearerToken: { tokenSecretRef: { name: 's', key: 'k' } } }],
  ])('refuses the type %s, which nobody who calls the server can use', async (type, members) => {
    await applied(anAuthConfig({ type, ...members }), referring);
    await judge('True');
    expect(await entryNow()).toHaveCondition(TYPE, {
      status: 'False',
      reason: 'AuthConfigTypeUnsupported',
      message: `MCPExternalAuthConfig 'auth' has type ${type}, which MCPServerEntry does not support`,
    });
  });
});
