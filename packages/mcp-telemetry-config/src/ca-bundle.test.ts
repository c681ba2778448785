import { describe, expect, it } from '@jest/globals';
import type { ConfigMap } from '@trueup/core';
import { telemetryCaBundleVerdict, telemetryCaBundle } from './ca-bundle.js';
import type { MCPTelemetryConfig } from './resource.js';

type OpenTelemetry = NonNullable<MCPTelemetryConfig['spec']['openTelemetry']>;
type CaBundleSource = NonNullable<OpenTelemetry['caBundleRef']>;

const config = (caBundleRef?: CaBundleSource): MCPTelemetryConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPTelemetryConfig',
  metadata: { name: 'otel', namespace: 'team' },
  spec: {
    openTelemetry: { enabled: false, insecure: false, useLegacyAttributes: true, ...(caBundleRef && { caBundleRef }) },
  },
});
const corpCa = config({ configMapRef: { name: 'corp-ca', key: 'bundle.pem' } });
const configMap = (content: Partial<ConfigMap>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'corp-ca', namespace: 'team' },
  ...content,
});

describe('telemetryCaBundle', () => {
  it('mounts one key of the ConfigMap where the run configuration says it is', () => {
    expect(telemetryCaBundle(corpCa)).toEqual({
      configMap: 'corp-ca',
      key: 'bundle.pem',
      path: '/config/certs/otel/corp-ca/bundle.pem',
      volume: {
        name: 'otel-ca-bundle-corp-ca',
        configMap: { name: 'corp-ca', items: [{ key: 'bundle.pem', path: 'bundle.pem' }] },
      },
      mount: { mountPath: '/config/certs/otel/corp-ca', readOnly: true },
    });
  });

  it('is there for a config that is switched off, and for none that names none', () => {
    expect(telemetryCaBundle(corpCa)).toBeDefined();
    expect(telemetryCaBundle(config())).toBeUndefined();
    expect(telemetryCaBundle({ ...corpCa, spec: {} })).toBeUndefined();
  });

  it('refuses one that cannot be mounted', () => {
    expect(() => telemetryCaBundle(config({ configMapRef: { name: 'a.b', key: 'k' } }))).toThrow(
      expect.objectContaining({
        code: 'ERR_SPEC_INVALID',
        message: 'openTelemetry.caBundleRef.configMapRef.name "a.b" cannot be used in a volume name',
      }),
    );
  });
});

describe('telemetryCaBundleVerdict', () => {
  it.each([
    [
      'True when the key is there',
      corpCa,
      configMap({ data: { 'bundle.pem': '' } }),
      {
        status: 'True',
        reason: 'CABundleRefValid',
        message: "CA bundle ConfigMap 'corp-ca' is valid (key: bundle.pem)",
      },
    ],
    [
      'False without the ConfigMap',
      corpCa,
      undefined,
      {
        status: 'False',
        reason: 'CABundleRefNotFound',
        message: "CA bundle ConfigMap 'corp-ca' not found in namespace 'team'",
      },
    ],
    [
      'False without the key',
      corpCa,
      configMap({ data: { other: '' } }),
      { status: 'False', reason: 'CABundleRefInvalid', message: "Key 'bundle.pem' not found in ConfigMap 'corp-ca'" },
    ],
    [
      'False when the key holds binary data, which is not looked at',
      corpCa,
      configMap({ binaryData: { 'bundle.pem': '' } }),
      { status: 'False', reason: 'CABundleRefInvalid', message: "Key 'bundle.pem' not found in ConfigMap 'corp-ca'" },
    ],
    [
      'False when no ConfigMap is named',
      config({}),
      undefined,
      {
        status: 'False',
        reason: 'CABundleRefInvalid',
        message: 'openTelemetry.caBundleRef.configMapRef must be specified',
      },
    ],
    ['absent without a CA bundle', config(), undefined, { kind: 'absent' }],
  ])('is %s', (_, given, found, expected) => {
    expect(telemetryCaBundleVerdict(given, found)).toMatchObject(expected);
  });
});
