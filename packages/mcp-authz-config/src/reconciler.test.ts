import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  conditions,
  configRef,
  defineKind,
  defineModule,
  Event,
  int64,
  Reconciler,
  References,
  type Context,
  type ObjectOf,
} from '@trueup/core';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { AUTHORIZER_BACKEND, type Assessment, type AuthorizerBackend } from './authorizer-backend.js';
import { AuthorizerRegistry } from './authorizer-registry.js';
import { authzConfigText } from './full-authz-config.js';
import { mcpAuthzConfig } from './module.js';
import { authzReferenceWording } from './reference-wording.js';
import { MCPAuthzConfig } from './resource.js';

const Proxy = defineKind({
  group: 'test.trueup.dev',
  kind: 'Proxy',
  versions: { v1: {} },
  spec: z.object({ authzConfigRef: z.object({ name: z.string() }).optional() }),
  status: z
    .object({ conditions: conditions(), observedGeneration: int64(), authzConfigHash: z.string(), authz: z.string() })
    .partial(),
});
const authzRef = configRef({
  from: Proxy,
  to: MCPAuthzConfig,
  name: (proxy) => proxy.spec.authzConfigRef?.name,
  condition: 'AuthzConfigRefValidated',
  hash: 'authzConfigHash',
  wording: authzReferenceWording,
});

/** Keeps the text of its authorization in the status, as a workload would in its run configuration. */
@Reconciler(Proxy)
@References(authzRef)
class ProxyReconciler {
  constructor(private readonly authorizers: AuthorizerRegistry) {}

  status({ status }: ObjectOf<typeof Proxy>, ctx: Context) {
    const resolved = ctx.reference(authzRef);
    if (resolved.state === 'none') return {};
    if (resolved.state === 'unusable') return status?.authz === undefined ? {} : { authz: status.authz };
    return { authz: authzConfigText(this.authorizers.fullConfig(resolved.config.spec)) };
  }
}

class OpaBackend implements AuthorizerBackend {
  readonly type = 'opa';
  readonly configKey = 'opa';
  assess = (): Assessment => ({ usable: true, remarks: [] });
}

const FINALIZER = 'mcpauthzconfig.toolhive.stacklok.dev/finalizer';
const PERMIT = 'permit(principal, action, resource);';
const config = (name: string, type: string, settings: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPAuthzConfig',
  metadata: { name },
  spec: { type, config: settings },
});
const proxy = (name: string, ref: string) => ({
  apiVersion: 'test.trueup.dev/v1',
  kind: 'Proxy',
  metadata: { name },
  spec: { authzConfigRef: { name: ref } },
});

describe('MCPAuthzConfig on an API server', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [mcpAuthzConfig, defineModule({ name: 'proxy', kinds: [Proxy], reconcilers: [ProxyReconciler] })],
      register: (container) => container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useClass: OpaBackend }),
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const edit = async (name: string, spec: object) => {
    await harness.patch(MCPAuthzConfig, name, { spec });
    await harness.settle();
  };
  const stored = (name: string) => harness.require(MCPAuthzConfig, name);
  const eventsOf = async (name: string) =>
    (await harness.list(Event))
      .filter(({ regarding }) => regarding?.name === name)
      .sort((a, b) => (String(a.eventTime) < String(b.eventTime) ? -1 : 1))
      .map(({ type, reason, note }) => ({ type, reason, note }));

  it('judges a config, hashes it, protects it, and then leaves it alone', async () => {
    await given(config('readers', 'cedarv1', { policies: [PERMIT] }));

    const readers = await stored('readers');
    expect(readers.metadata.finalizers).toEqual([FINALIZER]);
    expect(readers).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ConfigValid',
      message: 'Spec validation passed',
      observedGeneration: 1,
    });
    expect(readers.status).toMatchObject({ configHash: '5ad174f2', observedGeneration: 1, referenceCount: 0 });
    expect(await eventsOf('readers')).toEqual([]);

    harness.forgetWrites();
    await harness.patch(MCPAuthzConfig, 'readers', { metadata: { labels: { team: 'a' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it.each([
    [
      'unknown-type',
      'rego',
      {},
      'type "rego" is not a registered authorizer backend (registered: [cedarv1 httpv1 opa])',
    ],
    ['cedar-empty', 'cedarv1', {}, 'at least one policy is required for Cedar authorization'],
    ['cedar-syntax', 'cedarv1', { policies: ['permit(oops'] }, /^cedar policy at index 0 has invalid syntax: /],
    ['cedar-string', 'cedarv1', { policies: 'permit' }, /^failed to parse configuration: config\.policies: /],
    ['cedar-entities', 'cedarv1', { policies: [PERMIT], entities_json: 'not json' }, /^entities_json is not valid: /],
    ['http-empty', 'httpv1', {}, 'http configuration is required'],
    [
      'http-badclaim',
      'httpv1',
      { http: { url: 'http://pdp:9000' }, claim_mapping: 'custom' },
      'invalid claim_mapping "custom" (valid values: mpe, standard)',
    ],
  ])('says what is wrong with %s and gives it no hash', async (name, type, settings, message) => {
    await given(config(name, type, settings));
    expect(await stored(name)).toHaveCondition('Valid', {
      status: 'False',
      reason: 'ConfigInvalid',
      message,
      observedGeneration: 1,
    });
    const { status, metadata } = await stored(name);
    expect(status).not.toHaveProperty('configHash');
    expect(metadata.finalizers).toEqual([FINALIZER]);
    expect(await eventsOf(name)).toEqual([
      expect.objectContaining({ reason: 'ConfigInvalid', note: expect.stringContaining('spec validation failed: ') }),
    ]);
  });

  it('judges an object without a spec, which the schema lets in', async () => {
    const { spec: _, ...nothing } = config('nothing', '', {});
    await given(nothing);
    expect(await stored('nothing')).toHaveCondition('Valid', { status: 'False', message: 'type must not be empty' });
  });

  it('refuses an empty type at the door', async () => {
    await expect(harness.apply(config('empty', '', {}))).rejects.toThrow(/spec\.type/);
  });

  it('keeps what a backend of the application is given, member by member', async () => {
    const settings = { bundle: { url: 'https://b', retries: 0, ratio: 0.25 }, nothing: null, list: [{ a: 'x<y' }, []] };
    await given(config('opa', 'opa', settings));
    expect((await stored('opa')).spec.config).toEqual(settings);
    expect(await stored('opa')).toHaveCondition('Valid', { status: 'True' });
  });

  it('names unknown members, which nobody will read', async () => {
    await given(config('unknown', 'cedarv1', { policies: [PERMIT], foo: 1, bar: 2 }));
    expect(await stored('unknown')).toHaveCondition('Valid', {
      status: 'True',
      message: 'Spec validation passed; unknown members ignored: [bar foo]',
    });
  });

  it('fails stale: a broken config keeps its hash and its workload what it had, and both heal', async () => {
    await given(config('team', 'cedarv1', { policies: [PERMIT] }), proxy('p', 'team'));
    const text = `{"cedar":{"policies":["${PERMIT}"]},"type":"cedarv1","version":"1.0"}`;
    const p = () => harness.require(Proxy, 'p');
    expect(await p()).toHaveCondition('AuthzConfigRefValidated', {
      status: 'True',
      reason: 'AuthzConfigRefValid',
      message: 'MCPAuthzConfig team is valid and ready',
    });
    expect((await p()).status).toMatchObject({ authzConfigHash: '5ad174f2', authz: text });
    expect((await stored('team')).status?.referencingWorkloads).toEqual([{ kind: 'Proxy', name: 'p' }]);

    await edit('team', { config: { policies: [] } });
    expect(await stored('team')).toHaveCondition('Valid', { status: 'False' });
    expect((await stored('team')).status).toMatchObject({ configHash: '5ad174f2' });
    expect(await p()).toHaveCondition('AuthzConfigRefValidated', {
      status: 'False',
      reason: 'AuthzConfigRefNotValid',
      message: 'MCPAuthzConfig team is not valid: at least one policy is required for Cedar authorization',
    });
    expect((await p()).status).toMatchObject({ authzConfigHash: '5ad174f2', authz: text });

    await edit('team', { config: { policies: [PERMIT.replace('permit', 'forbid')] } });
    expect((await stored('team')).status?.configHash).not.toBe('5ad174f2');
    expect(await p()).toHaveCondition('AuthzConfigRefValidated', { status: 'True' });
    expect((await p()).status).toMatchObject({
      authzConfigHash: (await stored('team')).status?.configHash,
      authz: text.replace('permit', 'forbid'),
    });
    expect(await eventsOf('team')).toEqual([
      expect.objectContaining({ type: 'Warning', reason: 'ConfigInvalid' }),
      expect.objectContaining({ type: 'Normal', reason: 'ConfigValid', note: 'spec validation passed' }),
    ]);
  });

  it('names a config that is missing, and notices when it comes', async () => {
    await given(proxy('early', 'late'));
    expect(await harness.require(Proxy, 'early')).toHaveCondition('AuthzConfigRefValidated', {
      status: 'False',
      reason: 'AuthzConfigRefNotFound',
      message: `MCPAuthzConfig late not found: failed to get MCPAuthzConfig ${harness.namespace}/late: MCPAuthzConfig.toolhive.stacklok.dev "late" not found`,
    });
    await given(config('late', 'httpv1', { http: { url: 'http://pdp:9000' }, claim_mapping: 'mpe' }));
    expect(await harness.require(Proxy, 'early')).toHaveCondition('AuthzConfigRefValidated', { status: 'True' });
  });

  it('keeps its hash when its members are reordered, and changes it with the order of policies', async () => {
    const two = [PERMIT, PERMIT.replace('permit', 'forbid')];
    await given(config('order', 'cedarv1', { policies: two, entities_json: '[]' }));
    const before = (await stored('order')).status?.configHash;
    await given(config('order', 'cedarv1', { entities_json: '[]', policies: two }));
    expect((await stored('order')).status?.configHash).toBe(before);
    await edit('order', { config: { policies: [...two].reverse() } });
    expect((await stored('order')).status?.configHash).not.toBe(before);
  });

  it('stays while a workload refers to it, and goes with the last one', async () => {
    await given(config('held', 'cedarv1', { policies: [PERMIT] }), proxy('holder', 'held'));
    await harness.delete(MCPAuthzConfig, 'held');
    await harness.settle();
    expect(await stored('held')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      reason: 'ReferencedByWorkloads',
      message: 'Cannot delete: referenced by workloads: [{Proxy holder}]',
    });
    await harness.patch(Proxy, 'holder', { spec: { authzConfigRef: null } });
    await harness.settle();
    expect(await harness.get(MCPAuthzConfig, 'held')).toBeUndefined();
    expect((await harness.require(Proxy, 'holder')).status).not.toHaveProperty('authzConfigHash');
  });
});
