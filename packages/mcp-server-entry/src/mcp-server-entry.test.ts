import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineModule, Secret, verdict } from '@trueup/core';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPGroup } from '@trueup/mcp-group';
import { Harness } from '@trueup/testing';
import { embeddedOnly } from '@trueup/testing/embedded-only';
import '@trueup/testing/matchers';
import { mcpServerEntry } from './module.js';
import { MCPServerEntryReconciler } from './reconciler.js';
import { MCPServerEntry } from './resource.js';

let harness: Harness;

beforeAll(async () => {
  // Nobody reconciles groups and configs, so that a test says how they stand.
  const targets = defineModule({ name: 'targets', kinds: [MCPGroup, MCPExternalAuthConfig], reconcilers: [] });
  harness = await Harness.start({ modules: [targets, mcpServerEntry] });
});
afterAll(() => harness.stop());

const object = (kind: string, name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind,
  metadata: { name, ...metadata },
  spec,
});
const MINIMAL = {
  remoteUrl: 'https://mcp.example.com/mcp',
  transport: 'streamable-http',
  groupRef: { name: 'tools' },
};
const anEntry = (name: string, spec: object = {}) => object('MCPServerEntry', name, { ...MINIMAL, ...spec });
const aSecret = (name: string, stringData: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const aBundle = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const header = (headerName: string, name: string, key = 'k') => ({ headerName, valueSecretRef: { name, key } });
const secretHeaders = (...headers: readonly object[]) => ({ headerForward: { addHeadersFromSecret: headers } });
const bundleRef = (name: string, key = 'ca.crt') => ({ caBundleRef: { configMapRef: { name, key } } });

/** Says of a group what its own controller would. */
async function groupStatus(name: string, phase: string, status: 'True' | 'False'): Promise<void> {
  const { metadata } = await harness.require(MCPGroup, name);
  await harness.patchStatus(MCPGroup, name, {
    phase,
    conditions: [{ ...condition('MCPServersChecked', status), observedGeneration: metadata.generation }],
  });
}
/** Judges a config as its own controller would. */
async function judge(name: string, status: 'True' | 'False', reason = 'Judged', message = ''): Promise<void> {
  const { metadata } = await harness.require(MCPExternalAuthConfig, name);
  await harness.patchStatus(MCPExternalAuthConfig, name, {
    conditions: [{ ...condition('Valid', status), reason, message, observedGeneration: metadata.generation }],
  });
}
const condition = (type: string, status: 'True' | 'False') => ({
  type,
  status,
  reason: 'Judged',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** Standing of an entry: its conditions in one line each. */
async function standing(name: string): Promise<{ readonly phase?: string; readonly [condition: string]: unknown }> {
  const { metadata, status } = await harness.require(MCPServerEntry, name);
  expect(status?.observedGeneration).toBe(metadata.generation);
  const conditions = status?.conditions ?? [];
  for (const condition of conditions) expect(condition.observedGeneration).toBe(metadata.generation);
  // Whatever is wrong, Ready names the first of it.
  const cause = conditions.find((condition) => condition.status === 'False' && condition.type !== 'Ready');
  if (cause !== undefined) {
    const { reason, message } = cause;
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False', reason, message }));
  }
  const others = conditions.filter(({ type }) => type !== 'Ready');
  return {
    phase: status?.phase,
    ...Object.fromEntries(others.map(({ type, status: is, reason, message }) => [type, `${is} ${reason}: ${message}`])),
  };
}

const USABLE = {
  phase: 'Valid',
  RemoteURLValidated: 'True RemoteURLValid: Remote URL is valid',
  GroupRefValidated: 'True GroupRefIsValid: Referenced MCPGroup exists and is ready',
  ExternalAuthConfigValidated: 'True AuthConfigNotConfigured: No external auth config reference configured',
  CABundleRefValidated: 'True CABundleRefNotConfigured: No CA bundle reference configured',
  Valid: 'True ConfigValid: All referenced resources are valid',
};
const BROKEN = {
  ...USABLE,
  phase: 'Failed',
  Valid: 'False ConfigInvalid: One or more referenced resources are missing or invalid',
};
const CA_FOUND = 'True CABundleRefValid: Referenced CA bundle ConfigMap exists';
const CA_MISSING = 'False CABundleRefNotFound: Referenced CA bundle ConfigMap not found';
const HEADERS_FOUND = 'True HeaderSecretsValid: All referenced header Secrets exist with required keys';
const AUTH_FOUND = 'True AuthConfigValid: Referenced MCPExternalAuthConfig exists';
const blocked = (problem: string) => `False RemoteURLInvalid: remote URL host is not allowed: ${problem}`;
const unsupported = (config: string, type: string) =>
  `False AuthConfigTypeUnsupported: MCPExternalAuthConfig '${config}' has type ${type}, which MCPServerEntry does not support`;

interface Row {
  readonly name: string;
  readonly spec: object;
  readonly standing: (namespace: string) => object;
}

const ROWS: readonly Row[] = [
  { name: 'with nothing but a URL and a group', spec: {}, standing: () => USABLE },
  {
    name: 'whose group is not there',
    spec: { groupRef: { name: 'nope' } },
    standing: (ns) => ({
      ...BROKEN,
      GroupRefValidated: `False GroupRefNotFound: MCPGroup 'nope' not found in namespace '${ns}'`,
    }),
  },
  {
    name: 'whose group is in another namespace',
    spec: { groupRef: { name: 'elsewhere' } },
    standing: (ns) => ({
      ...BROKEN,
      GroupRefValidated: `False GroupRefNotFound: MCPGroup 'elsewhere' not found in namespace '${ns}'`,
    }),
  },
  {
    name: 'whose group has no status yet',
    spec: { groupRef: { name: 'new' } },
    standing: () => ({
      ...BROKEN,
      GroupRefValidated: "False GroupRefNotReady: MCPGroup 'new' is not ready (current phase: )",
    }),
  },
  {
    name: 'whose group has failed',
    spec: { groupRef: { name: 'failed' } },
    standing: () => ({
      ...BROKEN,
      GroupRefValidated: "False GroupRefNotReady: MCPGroup 'failed' is not ready (current phase: Failed)",
    }),
  },
  {
    name: 'whose group is being deleted',
    spec: { groupRef: { name: 'doomed' } },
    standing: () => ({
      ...BROKEN,
      GroupRefValidated: 'False GroupRefNotFound: Referenced MCPGroup is being deleted',
    }),
  },
  {
    name: 'at a private address',
    spec: { remoteUrl: 'http://10.1.2.3:8080' },
    standing: () => ({
      ...BROKEN,
      RemoteURLValidated: blocked('IP address 10.1.2.3 falls within blocked range 10.0.0.0/8'),
    }),
  },
  {
    name: 'at a private address that it allows',
    spec: { remoteUrl: 'http://10.1.2.3:8080', allowPrivateEndpoint: true },
    standing: () => USABLE,
  },
  {
    name: 'at the metadata of a node, whatever it allows',
    spec: { remoteUrl: 'http://169.254.169.254/latest/meta-data', allowPrivateEndpoint: true },
    standing: () => ({
      ...BROKEN,
      RemoteURLValidated: blocked('IP address 169.254.169.254 falls within blocked range 169.254.0.0/16'),
    }),
  },
  {
    name: 'with a config for its requests',
    spec: { externalAuthConfigRef: { name: 'auth' } },
    standing: () => ({ ...USABLE, ExternalAuthConfigValidated: AUTH_FOUND }),
  },
  {
    name: 'whose config is invalid',
    spec: { externalAuthConfigRef: { name: 'invalid' } },
    standing: () => ({
      ...BROKEN,
      ExternalAuthConfigValidated: 'False EnterpriseRequired: needs an enterprise build',
    }),
  },
  {
    name: 'whose config nobody has judged',
    spec: { externalAuthConfigRef: { name: 'new' } },
    standing: () => {
      const { Valid: _, ...others } = USABLE;
      return {
        ...others,
        phase: 'Pending',
        ExternalAuthConfigValidated:
          'Unknown ExternalAuthConfigPending: MCPExternalAuthConfig new has not been validated yet',
      };
    },
  },
  {
    name: 'whose config is an authorization server',
    spec: { externalAuthConfigRef: { name: 'embedded' } },
    standing: () => ({ ...BROKEN, ExternalAuthConfigValidated: unsupported('embedded', 'embeddedAuthServer') }),
  },
  {
    name: 'whose config is for the other direction',
    spec: { externalAuthConfigRef: { name: 'bearer' } },
    standing: () => ({ ...BROKEN, ExternalAuthConfigValidated: unsupported('bearer', 'bearerToken') }),
  },
  {
    name: 'with a CA bundle',
    spec: bundleRef('corp-ca'),
    standing: () => ({ ...USABLE, CABundleRefValidated: CA_FOUND }),
  },
  { name: 'with a CA bundle that says nothing', spec: { caBundleRef: {} }, standing: () => USABLE },
  {
    name: 'whose CA bundle has no such key',
    spec: bundleRef('corp-ca', 'zz'),
    standing: () => ({
      ...BROKEN,
      CABundleRefValidated: "False CABundleRefInvalid: Key 'zz' not found in ConfigMap 'corp-ca'",
    }),
  },
  {
    name: 'whose CA bundle has no name',
    spec: { caBundleRef: { configMapRef: { key: 'ca.crt' } } },
    standing: () => ({ ...BROKEN, CABundleRefValidated: CA_MISSING }),
  },
  {
    name: 'with a header from a Secret',
    spec: secretHeaders(header('X-API-Key', 's2', 'other')),
    standing: () => ({ ...USABLE, HeaderSecretRefsValidated: HEADERS_FOUND }),
  },
  {
    name: 'with two Secrets missing',
    spec: secretHeaders(header('X-A', 's1'), header('X-B', 'a,metadata.name!=b')),
    standing: () => ({
      ...BROKEN,
      HeaderSecretRefsValidated:
        'False HeaderSecretNotFound: Secret "s1" referenced for header "X-A" not found; Secret "a,metadata.name!=b" referenced for header "X-B" not found',
    }),
  },
  {
    name: 'with a header that nobody may forward',
    spec: { headerForward: { addPlaintextHeaders: { host: 'x' } } },
    standing: () => ({
      ...BROKEN,
      HeaderForwardValidated:
        'False RestrictedHeader: header "Host" is restricted and cannot be configured for forwarding',
    }),
  },
  {
    name: 'that lacks everything',
    spec: {
      groupRef: { name: 'nope' },
      externalAuthConfigRef: { name: 'nope-auth' },
      ...bundleRef('nope-ca'),
      ...secretHeaders(header('X-API-Key', 's1'), header('X-Other', 's2')),
    },
    standing: (ns) => ({
      ...BROKEN,
      GroupRefValidated: `False GroupRefNotFound: MCPGroup 'nope' not found in namespace '${ns}'`,
      ExternalAuthConfigValidated: 'False AuthConfigNotFound: Referenced MCPExternalAuthConfig not found',
      CABundleRefValidated: CA_MISSING,
      HeaderSecretRefsValidated:
        'False HeaderSecretNotFound: Secret "s1" referenced for header "X-API-Key" not found; Secret "s2" has no key "k" referenced for header "X-Other"',
    }),
  },
];
const nameOf = (row: Row) => `entry-${ROWS.indexOf(row)}`;

describe('an MCPServerEntry', () => {
  beforeAll(async () => {
    const embeddedAuthServer = {
      issuer: 'https://i.example.com',
      upstreamProviders: [
        { name: 'a', type: 'oidc', oidcConfig: { issuerUrl: 'https://o.example.com', clientId: 'c' } },
      ],
    };
    const bearerToken = { tokenSecretRef: { name: 's', key: 'k' } };
    await harness.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'far' } },
      object('MCPGroup', 'elsewhere', {}, { namespace: 'far' }),
      ...['tools', 'new', 'failed'].map((name) => object('MCPGroup', name, {})),
      object('MCPGroup', 'doomed', {}, { finalizers: ['example.com/theirs'] }),
      ...['auth', 'invalid', 'new'].map((name) => object('MCPExternalAuthConfig', name, { type: 'unauthenticated' })),
      object('MCPExternalAuthConfig', 'embedded', { type: 'embeddedAuthServer', embeddedAuthServer }),
      object('MCPExternalAuthConfig', 'bearer', { type: 'bearerToken', bearerToken }),
      aBundle('corp-ca', { 'ca.crt': 'PEM' }),
      aSecret('s2', { other: 'x' }),
      ...ROWS.map((row) => anEntry(nameOf(row), row.spec)),
    );
    await groupStatus('tools', 'Ready', 'True');
    await groupStatus('failed', 'Failed', 'False');
    await groupStatus('doomed', 'Ready', 'True');
    await harness.delete(MCPGroup, 'doomed');
    await judge('invalid', 'False', 'EnterpriseRequired', 'needs an enterprise build');
    for (const name of ['auth', 'embedded', 'bearer']) await judge(name, 'True');
    await harness.settle();
  });

  it.each(ROWS)('$name says so', async (row) => {
    expect(await standing(nameOf(row))).toEqual(row.standing(harness.namespace));
  });

  it('is left alone when nothing about it changes', async () => {
    harness.forgetWrites();
    for (const row of ROWS)
      await harness.patch(MCPServerEntry, nameOf(row), { metadata: { labels: { touched: 'yes' } } });
    await harness.patch(MCPGroup, 'tools', { spec: { description: 'other words' } });
    await groupStatus('tools', 'Ready', 'True');
    await harness.patchStatus(MCPGroup, 'tools', { servers: ['another-member'], serverCount: 1 });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('heals when what it lacks appears, and notices when it goes', async () => {
    const spec = {
      groupRef: { name: 'late' },
      ...bundleRef('late-ca'),
      ...secretHeaders(header('X-API-Key', 'late')),
      externalAuthConfigRef: { name: 'late' },
    };
    await harness.apply(anEntry('late', spec));
    await harness.settle();
    expect(await standing('late')).toMatchObject({ phase: 'Failed' });

    await harness.apply(
      object('MCPGroup', 'late', {}),
      aSecret('late', { k: 'v' }),
      aBundle('late-ca', { 'ca.crt': 'PEM' }),
      object('MCPExternalAuthConfig', 'late', { type: 'unauthenticated' }),
    );
    await groupStatus('late', 'Ready', 'True');
    await judge('late', 'True');
    await harness.settle();
    expect(await standing('late')).toEqual({
      ...USABLE,
      ExternalAuthConfigValidated: AUTH_FOUND,
      CABundleRefValidated: CA_FOUND,
      HeaderSecretRefsValidated: HEADERS_FOUND,
    });

    await harness.delete(Secret, 'late');
    await harness.settle();
    expect(await standing('late')).toMatchObject({
      phase: 'Failed',
      HeaderSecretRefsValidated: expect.stringContaining('"late" referenced for header'),
    });
  });

  it('says the same of a Secret that is rotated', async () => {
    await harness.apply(aSecret('rotated', { k: 'one' }), anEntry('rotated', secretHeaders(header('X-A', 'rotated'))));
    await harness.settle();
    const before = (await harness.require(MCPServerEntry, 'rotated')).metadata.resourceVersion;
    await harness.apply(aSecret('rotated', { k: 'two' }));
    await harness.settle();
    expect(await standing('rotated')).toMatchObject({ HeaderSecretRefsValidated: HEADERS_FOUND });
    expect((await harness.require(MCPServerEntry, 'rotated')).metadata.resourceVersion).toBe(before);
  });

  embeddedOnly('says nothing new while a Secret cannot be read', async () => {
    await harness.apply(aSecret('unread', { k: 'v' }), anEntry('unread'));
    await harness.settle();
    const match = { resource: 'secrets' };
    const permit = harness.controlPlane?.faults.inject({ type: 'status', code: 500, match });
    const refused = new Promise<void>((resolve) => {
      harness.operator.client.onRequest(
        ({ resource, status }) => resource.kind === 'Secret' && status === 500 && resolve(),
      );
    });
    await harness.apply(anEntry('unread', secretHeaders(header('X-A', 'unread'))));
    await refused;
    expect((await harness.require(MCPServerEntry, 'unread')).status).toMatchObject({ phase: 'Valid' });

    permit?.();
    await harness.settle();
    expect(await standing('unread')).toMatchObject({ phase: 'Valid', HeaderSecretRefsValidated: HEADERS_FOUND });
  });

  it('keeps its verdict while an edited config is not judged yet', async () => {
    await harness.apply(object('MCPExternalAuthConfig', 'edited', { type: 'unauthenticated' }));
    await judge('edited', 'True');
    await harness.apply(anEntry('steady', { externalAuthConfigRef: { name: 'edited' } }));
    await harness.settle();
    harness.forgetWrites();
    await harness.apply(object('MCPExternalAuthConfig', 'edited', { type: 'obo', obo: {} }));
    await harness.patch(MCPServerEntry, 'steady', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
    expect(await standing('steady')).toMatchObject({ phase: 'Valid' });

    await judge('edited', 'False', 'EnterpriseRequired', 'm');
    await harness.settle();
    expect(await standing('steady')).toMatchObject({
      phase: 'Failed',
      ExternalAuthConfigValidated: 'False EnterpriseRequired: m',
    });
  });

  it('is not called valid while something it needs is still being looked up', async () => {
    const entry = await harness.require(MCPServerEntry, 'entry-0');
    const conditions = entry.status?.conditions?.filter(({ type }) => type !== 'Valid') ?? [];
    const valid = (isApplied: boolean) => new MCPServerEntryReconciler().valid(entry, { conditions, isApplied });
    expect(valid(false)).toEqual(verdict.unchanged);
    expect(valid(true)).toMatchObject({ status: 'True' });
  });

  it('loses the conditions of what its spec no longer has', async () => {
    const broken = { ...secretHeaders(header('Host', 's1')), externalAuthConfigRef: { name: 'nope' } };
    await harness.apply(anEntry('mended', broken));
    await harness.settle();
    expect(Object.keys(await standing('mended'))).toEqual(
      expect.arrayContaining(['HeaderSecretRefsValidated', 'HeaderForwardValidated']),
    );
    await harness.apply(anEntry('mended'));
    await harness.settle();
    expect(await standing('mended')).toEqual(USABLE);
    expect(await harness.get(MCPServerEntry, 'mended')).toHaveCondition('Ready', { status: 'True', reason: 'Ready' });
  });
});
