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
  type ObjectOf,
} from '@trueup/core';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { mcpOidcConfig } from './module.js';
import { oidcReferenceWording } from './reference-wording.js';
import { MCPOIDCConfig } from './resource.js';

const Door = defineKind({
  group: 'test.example.com',
  kind: 'Door',
  versions: { v1: {} },
  spec: z.object({ oidcConfigRef: z.object({ name: z.string() }).optional() }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), oidcConfigHash: z.string() }).partial(),
});

const oidcRef = configRef({
  from: Door,
  to: MCPOIDCConfig,
  name: (door: ObjectOf<typeof Door>) => door.spec.oidcConfigRef?.name,
  condition: 'OIDCConfigRefValidated',
  hash: 'oidcConfigHash',
  wording: oidcReferenceWording,
});

@Reconciler(Door)
@References(oidcRef)
class DoorReconciler {}

const anOidcConfig = (name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPOIDCConfig',
  metadata: { name },
  spec,
});
const inline = (issuer: string, more: object = {}) => ({ type: 'inline', inline: { issuer, ...more } });
const aDoor = (name: string, config: string) => ({
  apiVersion: 'test.example.com/v1',
  kind: 'Door',
  metadata: { name },
  spec: { oidcConfigRef: { name: config } },
});

describe('an MCPOIDCConfig', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({
      modules: [mcpOidcConfig, defineModule({ name: 'doors', kinds: [Door], reconcilers: [DoorReconciler] })],
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const config = (name: string) => harness.require(MCPOIDCConfig, name);
  const edit = async (name: string, spec: object) => {
    await harness.patch(MCPOIDCConfig, name, { spec });
    await harness.settle();
  };
  const eventsOf = async (name: string) =>
    (await harness.list(Event))
      .filter(({ regarding }) => regarding?.name === name)
      .map(({ type, reason, note }) => ({ type, reason, note }));

  it('is valid with its defaults stored, hashed, protected, and then left alone', async () => {
    await given(anOidcConfig('corp', inline('https://issuer.example.com')));

    const corp = await config('corp');
    expect(corp.metadata.finalizers).toEqual(['mcpoidcconfig.toolhive.stacklok.dev/finalizer']);
    expect(corp).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ConfigValid',
      message: 'Spec validation passed',
      observedGeneration: 1,
    });
    expect(corp.status).toMatchObject({ configHash: 'a79d81ea', observedGeneration: 1, referenceCount: 0 });
    expect(await eventsOf('corp')).toEqual([]);

    harness.forgetWrites();
    await harness.patch(MCPOIDCConfig, 'corp', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('takes the tokens of the cluster, whose issuer is filled in, and null for what is absent', async () => {
    const spec = { type: 'kubernetesServiceAccount', kubernetesServiceAccount: { useClusterAuth: null } };
    const created = anOidcConfig('k8s', spec);
    // An apply with a null is refused.
    await harness.client.create(MCPOIDCConfig.resource, {
      ...created,
      metadata: { ...created.metadata, namespace: harness.namespace },
    });
    await harness.settle();
    expect((await config('k8s')).spec.kubernetesServiceAccount).toEqual({ issuer: 'https://kubernetes.default.svc' });
    expect(await config('k8s')).toHaveCondition('Valid', { status: 'True' });
  });

  it('says that a service account does not restrict access, since it reads as if it did', async () => {
    await given(
      anOidcConfig('restricting', {
        type: 'kubernetesServiceAccount',
        kubernetesServiceAccount: { serviceAccount: 'agent', namespace: 'team' },
      }),
    );
    expect(await config('restricting')).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ConfigValid',
      message: 'Spec validation passed; serviceAccount and namespace do not restrict access',
    });
  });

  it('is judged again when it is edited, tells of each turn once, and keeps the hash of the last valid spec', async () => {
    const problem =
      'OIDC issuer URL "http://idp.internal" uses HTTP scheme, which is insecure; use HTTPS or set insecureAllowHTTP: true for development only';
    await given(anOidcConfig('edited', inline('http://idp.internal')));
    expect(await config('edited')).toHaveCondition('Valid', {
      status: 'False',
      reason: 'ConfigInvalid',
      message: problem,
      observedGeneration: 1,
    });
    expect((await config('edited')).status).not.toHaveProperty('configHash');

    await edit('edited', { inline: { insecureAllowHTTP: true } });
    expect(await config('edited')).toHaveCondition('Valid', { status: 'True', observedGeneration: 2 });
    const hash = (await config('edited')).status?.configHash;
    expect(hash).toBeDefined();

    await edit('edited', { inline: { insecureAllowHTTP: false } });
    expect((await config('edited')).status).toMatchObject({ configHash: hash, observedGeneration: 3 });
    expect(await eventsOf('edited')).toEqual(
      expect.arrayContaining([
        { type: 'Warning', reason: 'ConfigInvalid', note: `spec validation failed: ${problem}` },
        { type: 'Normal', reason: 'ConfigValid', note: 'spec validation passed' },
      ]),
    );
  });

  it.each([
    ['no member for its type', { type: 'inline' }, /inline must be set when type is 'inline'/],
    [
      'the member of another type',
      { ...inline('https://a'), kubernetesServiceAccount: {} },
      /kubernetesServiceAccount must be set when type is 'kubernetesServiceAccount', and must not be set otherwise/,
    ],
    ['an empty issuer', inline(''), /spec\.inline\.issuer/],
    [
      'a CA ConfigMap whose name is too long',
      inline('https://a', { caBundleRef: { configMapRef: { name: 'x'.repeat(49), key: 'k' } } }),
      /spec\.inline\.caBundleRef\.configMapRef\.name/,
    ],
  ])('is refused at admission with %s', async (_, spec, message) => {
    await expect(harness.apply(anOidcConfig('refused', spec))).rejects.toThrow(message);
  });

  it('breaks its users only in words, heals them, and stays while it is used', async () => {
    await given(anOidcConfig('used', inline('https://a.example.com')), aDoor('front', 'used'), aDoor('back', 'used'));
    const door = (name: string) => harness.require(Door, name);
    expect(await door('front')).toHaveCondition('OIDCConfigRefValidated', {
      status: 'True',
      reason: 'OIDCConfigRefValid',
      message: 'MCPOIDCConfig used is valid and ready',
    });
    const hash = (await config('used')).status?.configHash;
    expect((await door('front')).status?.oidcConfigHash).toBe(hash);

    await edit('used', { inline: { issuer: 'idp' } });
    expect(await door('front')).toHaveCondition('OIDCConfigRefValidated', {
      status: 'False',
      reason: 'OIDCConfigRefNotValid',
      message: 'MCPOIDCConfig used is not valid: OIDC issuer URL "idp" is malformed: missing scheme or host',
    });
    expect((await door('front')).status?.oidcConfigHash).toBe(hash);

    await edit('used', { inline: { issuer: 'https://a.example.com' } });
    expect(await door('front')).toHaveCondition('OIDCConfigRefValidated', { status: 'True' });

    await harness.delete(MCPOIDCConfig, 'used');
    await harness.settle();
    expect(await config('used')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      reason: 'ReferencedByWorkloads',
      message: 'Cannot delete: referenced by workloads: [{Door back} {Door front}]',
    });
    await harness.delete(Door, 'back');
    await harness.patch(Door, 'front', { spec: { oidcConfigRef: { name: 'missing' } } });
    await harness.settle();
    expect(await harness.get(MCPOIDCConfig, 'used')).toBeUndefined();
    expect(await door('front')).toHaveCondition('OIDCConfigRefValidated', {
      status: 'False',
      reason: 'OIDCConfigRefNotFound',
      message: `MCPOIDCConfig missing not found: failed to get MCPOIDCConfig ${harness.namespace}/missing: MCPOIDCConfig.toolhive.stacklok.dev "missing" not found`,
    });
  });
});
