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
import { mcpWebhookConfig } from './module.js';
import { webhookReferenceWording } from './reference-wording.js';
import { MCPWebhookConfig } from './resource.js';
import { workloadWebhooks } from './workload-webhooks.js';

const Server = defineKind({
  group: 'test.trueup.dev',
  kind: 'Server',
  versions: { v1: {} },
  spec: z.object({ webhookConfigRef: z.object({ name: z.string() }).optional() }),
  status: z
    .object({
      conditions: conditions(),
      observedGeneration: int64(),
      webhookConfigHash: z.string(),
      webhooks: z.array(z.string()),
    })
    .partial(),
});
const webhookRef = configRef({
  from: Server,
  to: MCPWebhookConfig,
  name: (server) => server.spec.webhookConfigRef?.name,
  condition: 'WebhookConfigValidated',
  hash: 'webhookConfigHash',
  wording: webhookReferenceWording,
});

/** Keeps the addresses of its webhooks in the status, as a workload would in its run configuration. */
@Reconciler(Server)
@References(webhookRef)
class ServerReconciler {
  status({ status }: ObjectOf<typeof Server>, ctx: Context) {
    const resolved = ctx.reference(webhookRef);
    if (resolved.state === 'none') return {};
    if (resolved.state === 'unusable') return status?.webhooks === undefined ? {} : { webhooks: status.webhooks };
    return { webhooks: workloadWebhooks(resolved.config).validating.map(({ url }) => url) };
  }
}

const FINALIZER = 'mcpwebhookconfig.toolhive.stacklok.dev/finalizer';
const URL = 'https://policy.example.com/validate';
const config = (name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1alpha1',
  kind: 'MCPWebhookConfig',
  metadata: { name },
  spec,
});
const server = (name: string, ref: string) => ({
  apiVersion: 'test.trueup.dev/v1',
  kind: 'Server',
  metadata: { name },
  spec: { webhookConfigRef: { name: ref } },
});

describe('MCPWebhookConfig on an API server', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [mcpWebhookConfig, defineModule({ name: 'server', kinds: [Server], reconcilers: [ServerReconciler] })],
    });
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const stored = (name: string) => harness.require(MCPWebhookConfig, name);
  const user = (name: string) => harness.require(Server, name);
  const eventsOf = async (name: string) =>
    (await harness.list(Event))
      .filter(({ regarding }) => regarding?.name === name)
      .sort((a, b) => (String(a.eventTime) < String(b.eventTime) ? -1 : 1))
      .map(({ type, reason }) => ({ type, reason }));

  it('judges a config, hashes it with its defaults, protects it, and then leaves it alone', async () => {
    await given(config('policy', { validating: [{ name: 'policy', url: URL, timeout: '5s' }] }));

    const policy = await stored('policy');
    expect(policy.spec.validating).toEqual([{ name: 'policy', url: URL, timeout: '5s', failurePolicy: 'fail' }]);
    expect(policy.metadata.finalizers).toEqual([FINALIZER]);
    expect(policy).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ValidationSucceeded',
      message: 'Spec validation passed',
      observedGeneration: 1,
    });
    expect(policy.status).toMatchObject({ configHash: '8dd9b62', observedGeneration: 1, referenceCount: 0 });
    expect(await eventsOf('policy')).toEqual([]);

    harness.forgetWrites();
    await harness.patch(MCPWebhookConfig, 'policy', { metadata: { labels: { team: 'a' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it.each([
    ['no spec', undefined, /spec: Required value/],
    ['no webhook', {}, /at least one validating or mutating webhook must be defined/],
    [
      'a certificate without its key',
      { validating: [{ name: 'a', url: URL, tlsConfig: { clientCertSecretRef: { name: 's', key: 'k' } } }] },
      /clientCertSecretRef and clientKeySecretRef must be set together/,
    ],
    ['one name twice', { mutating: [1, 2].map(() => ({ name: 'a', url: URL })) }, /Duplicate value|duplicate/],
    ['no duration', { mutating: [{ name: 'a', url: URL, timeout: '3 days' }] }, /spec\.mutating\[0\]\.timeout/],
    ['an unknown failure policy', { mutating: [{ name: 'a', url: URL, failurePolicy: 'Fail' }] }, /Unsupported value/],
    ['what is no URI', { mutating: [{ name: 'a', url: 'policy' }] }, /spec\.mutating\[0\]\.url/],
  ])('refuses %s at the door', async (_, spec, message) => {
    const { spec: _without, ...manifest } = config('refused', {});
    // Not applied but created: an apply would stumble over the repeated name before validation does.
    const create = harness.client.create(MCPWebhookConfig.resource, {
      ...manifest,
      metadata: { name: 'refused', namespace: harness.namespace },
      ...(spec && { spec }),
    });
    await expect(create).rejects.toThrow(message);
  });

  it('says what is wrong with all webhooks at once, and gives the config no hash', async () => {
    const bad = { url: 'http://policy/validate', timeout: '45s' };
    await given(
      config('bad', { validating: [{ name: 'policy-check', ...bad }], mutating: [{ name: 'redact', ...bad }] }),
    );
    const text = 'webhook URL must use HTTPS (set insecure_skip_verify to allow HTTP for development/in-cluster use)';
    expect(await stored('bad')).toHaveCondition('Valid', {
      status: 'False',
      reason: 'ValidationFailed',
      message: `validating webhook[0] "policy-check": ${text}\nmutating webhook[0] "redact": ${text}`,
    });
    expect((await stored('bad')).status).not.toHaveProperty('configHash');
    expect(await eventsOf('bad')).toEqual([{ type: 'Warning', reason: 'ConfigInvalid' }]);
  });

  it('fails stale: a broken config keeps its hash and its workload what it had, and both heal', async () => {
    await given(server('s', 'hooks'));
    expect(await user('s')).toHaveCondition('WebhookConfigValidated', {
      status: 'False',
      reason: 'WebhookConfigNotFound',
      message: `MCPWebhookConfig 'hooks' not found in namespace '${harness.namespace}'`,
    });

    await given(config('hooks', { validating: [{ name: 'a', url: URL }] }));
    const hash = (await stored('hooks')).status?.configHash;
    expect(await user('s')).toHaveCondition('WebhookConfigValidated', {
      status: 'True',
      reason: 'WebhookConfigValid',
      message: "MCPWebhookConfig 'hooks' is valid",
    });
    expect((await user('s')).status).toMatchObject({ webhookConfigHash: hash, webhooks: [URL] });
    expect((await stored('hooks')).status?.referencingWorkloads).toEqual([{ kind: 'Server', name: 's' }]);

    await given(config('hooks', { validating: [{ name: 'a', url: URL, timeout: '500ms' }] }));
    expect((await stored('hooks')).status).toMatchObject({ configHash: hash });
    expect(await user('s')).toHaveCondition('WebhookConfigValidated', {
      status: 'False',
      reason: 'WebhookConfigInvalid',
      message:
        'MCPWebhookConfig \'hooks\' is not valid: validating webhook[0] "a": webhook timeout must be between 1s and 30s',
    });
    expect((await user('s')).status).toMatchObject({ webhookConfigHash: hash, webhooks: [URL] });

    await given(config('hooks', { validating: [{ name: 'a', url: `${URL}/2` }] }));
    expect(await user('s')).toHaveCondition('WebhookConfigValidated', { status: 'True' });
    expect((await user('s')).status).toMatchObject({ webhooks: [`${URL}/2`] });
    expect((await user('s')).status?.webhookConfigHash).not.toBe(hash);
    expect(await eventsOf('hooks')).toEqual([
      { type: 'Warning', reason: 'ConfigInvalid' },
      { type: 'Normal', reason: 'ConfigValid' },
    ]);
  });

  it('stays while a workload refers to it, and goes with the last one', async () => {
    await given(config('held', { mutating: [{ name: 'a', url: URL }] }), server('holder', 'held'));
    await harness.delete(MCPWebhookConfig, 'held');
    await harness.settle();
    expect(await stored('held')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      reason: 'ReferencedByWorkloads',
      message: 'Cannot delete: referenced by workloads: [{Server holder}]',
    });
    await harness.patch(Server, 'holder', { spec: { webhookConfigRef: null } });
    await harness.settle();
    expect(await harness.get(MCPWebhookConfig, 'held')).toBeUndefined();
    expect((await user('holder')).status).not.toHaveProperty('webhookConfigHash');
    expect((await user('holder')).status?.conditions ?? []).toEqual([]);
  });
});
