import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
import { mcpTelemetryConfig } from './module.js';
import { telemetryReferenceWording } from './reference-wording.js';
import { MCPTelemetryConfig } from './resource.js';

const Engine = defineKind({
  group: 'test.example.com',
  kind: 'Engine',
  versions: { v1: {} },
  spec: z.object({ telemetryConfigRef: z.object({ name: z.string() }).optional() }),
  status: z
    .object({ conditions: conditions(), observedGeneration: int64(), telemetryConfigHash: z.string() })
    .partial(),
});

const telemetryRef = configRef({
  from: Engine,
  to: MCPTelemetryConfig,
  name: (engine: ObjectOf<typeof Engine>) => engine.spec.telemetryConfigRef?.name,
  condition: 'TelemetryConfigRefValidated',
  hash: 'telemetryConfigHash',
  wording: telemetryReferenceWording,
});

@Reconciler(Engine)
@References(telemetryRef)
class EngineReconciler {}

const aTelemetryConfig = (name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPTelemetryConfig',
  metadata: { name },
  spec,
});
const anEngine = (name: string, config: string) => ({
  apiVersion: 'test.example.com/v1',
  kind: 'Engine',
  metadata: { name },
  spec: { telemetryConfigRef: { name: config } },
});
const secretKeyRef = { name: 's', key: 'k' };

describe('an MCPTelemetryConfig', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        mcpTelemetryConfig,
        defineModule({ name: 'engines', kinds: [Engine], reconcilers: [EngineReconciler] }),
      ],
    });
  });
  afterAll(() => harness.stop());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const config = (name: string) => harness.require(MCPTelemetryConfig, name);
  const engine = (name: string) => harness.require(Engine, name);
  const edit = async (name: string, spec: object) => {
    await harness.patch(MCPTelemetryConfig, name, { spec });
    await harness.settle();
  };

  it('is valid with its defaults stored, hashed, protected, and then left alone', async () => {
    await given(
      aTelemetryConfig('otel', {
        openTelemetry: {
          enabled: true,
          endpoint: 'https://otel:4318',
          tracing: { enabled: true },
          caBundleRef: { configMapRef: { name: 'ca', key: 'ca.crt' } },
        },
      }),
    );

    const otel = await config('otel');
    expect(otel.spec.openTelemetry).toMatchObject({
      insecure: false,
      useLegacyAttributes: true,
      tracing: { enabled: true, samplingRate: '0.05' },
    });
    expect(otel.metadata.finalizers).toEqual(['mcptelemetryconfig.toolhive.stacklok.dev/finalizer']);
    expect(otel).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ValidationSucceeded',
      message: 'Spec validation passed',
      observedGeneration: 1,
    });
    expect(otel.status).toMatchObject({ configHash: '56ceb065', observedGeneration: 1, referenceCount: 0 });

    harness.forgetWrites();
    await harness.patch(MCPTelemetryConfig, 'otel', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('is valid when empty', async () => {
    await given(aTelemetryConfig('empty', {}));
    expect(await config('empty')).toHaveCondition('Valid', { status: 'True' });
    expect((await config('empty')).status?.configHash).toBe('5465b825');
  });

  it('says what is wrong, on its users too, tells of each turn once, and heals', async () => {
    const problem = 'endpoint requires at least one of tracing or metrics to be enabled';
    await given(
      aTelemetryConfig('silent', { openTelemetry: { enabled: true, endpoint: 'otel:4318' } }),
      anEngine('quiet', 'silent'),
    );
    expect(await config('silent')).toHaveCondition('Valid', {
      status: 'False',
      reason: 'ValidationFailed',
      message: problem,
      observedGeneration: 1,
    });
    expect((await config('silent')).status).not.toHaveProperty('configHash');
    expect(await engine('quiet')).toHaveCondition('TelemetryConfigRefValidated', {
      status: 'False',
      reason: 'TelemetryConfigRefInvalid',
      message: `MCPTelemetryConfig silent is invalid: ${problem}`,
    });

    await edit('silent', { openTelemetry: { tracing: { enabled: true } } });
    expect(await config('silent')).toHaveCondition('Valid', { status: 'True', observedGeneration: 2 });
    expect(await engine('quiet')).toHaveCondition('TelemetryConfigRefValidated', {
      status: 'True',
      reason: 'TelemetryConfigRefValid',
      message: 'MCPTelemetryConfig silent is valid',
    });
    expect((await engine('quiet')).status?.telemetryConfigHash).toBe((await config('silent')).status?.configHash);
    const events = (await harness.list(Event)).filter(({ regarding }) => regarding?.name === 'silent');
    expect(events.map(({ type, reason, note }) => [type, reason, note]).sort()).toEqual([
      ['Normal', 'ConfigValid', 'spec validation passed'],
      ['Warning', 'ConfigInvalid', `spec validation failed: ${problem}`],
    ]);
  });

  it.each([
    [
      'the same header in both lists',
      { headers: { 'x-key': 'v' }, sensitiveHeaders: [{ name: 'x-key', secretKeyRef }] },
      /a header name cannot appear in both headers and sensitiveHeaders/,
    ],
    ['a sampling rate over 1', { tracing: { samplingRate: '1.5' } }, /samplingRate/],
    ['an empty sampling rate', { tracing: { samplingRate: '' } }, /samplingRate/],
    [
      'a sensitive header without a name',
      { sensitiveHeaders: [{ name: '', secretKeyRef }] },
      /sensitiveHeaders\[0\]\.name/,
    ],
  ])('is refused at admission with %s', async (_, openTelemetry, message) => {
    await expect(harness.apply(aTelemetryConfig('refused', { openTelemetry }))).rejects.toThrow(message);
  });

  it('knows that a header is the same in another case, which admission does not', async () => {
    const headers = { headers: { 'x-key': 'v' }, sensitiveHeaders: [{ name: 'X-Key', secretKeyRef }] };
    await given(aTelemetryConfig('cases', { openTelemetry: headers }));
    expect(await config('cases')).toHaveCondition('Valid', {
      status: 'False',
      message: 'header "X-Key" appears in both headers and sensitiveHeaders',
    });
  });

  it('stays while any kind uses it, whichever it is, and goes with the last user', async () => {
    await given(aTelemetryConfig('used', { prometheus: { enabled: true } }), anEngine('user', 'used'));
    await harness.delete(MCPTelemetryConfig, 'used');
    await harness.settle();
    expect(await config('used')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      reason: 'ReferencedByWorkloads',
      message: 'Cannot delete: referenced by workloads: [{Engine user}]',
    });
    await harness.patch(Engine, 'user', { spec: { telemetryConfigRef: { name: 'gone' } } });
    await harness.settle();
    expect(await harness.get(MCPTelemetryConfig, 'used')).toBeUndefined();
    expect(await engine('user')).toHaveCondition('TelemetryConfigRefValidated', {
      status: 'False',
      reason: 'TelemetryConfigRefNotFound',
      message: 'MCPTelemetryConfig gone not found',
    });
  });
});
