import { describe, expect, it } from '@jest/globals';
import type { ConfigMap } from '@trueup/core';
import { oidcCaBundleVerdict, oidcCaBundle } from './ca-bundle.js';
import type { MCPOIDCConfig } from './resource.js';

type CaBundleSource = NonNullable<NonNullable<MCPOIDCConfig['spec']['inline']>['caBundleRef']>;

const config = (caBundleRef?: CaBundleSource): MCPOIDCConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPOIDCConfig',
  metadata: { name: 'corp', namespace: 'team' },
  spec: {
    type: 'inline',
    inline: {
      issuer: 'https://idp',
      jwksAllowPrivateIP: false,
      protectedResourceAllowPrivateIP: false,
      insecureAllowHTTP: false,
      ...(caBundleRef && { caBundleRef }),
    },
  },
});
const corpCa = config({ configMapRef: { name: 'corp-ca', key: 'bundle.pem' } });
const configMap = (content: Partial<ConfigMap>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'corp-ca', namespace: 'team' },
  ...content,
});

describe('oidcCaBundle', () => {
  it('mounts one key of the ConfigMap where the run configuration says it is', () => {
    expect(oidcCaBundle(corpCa)).toEqual({
      configMap: 'corp-ca',
      key: 'bundle.pem',
      path: '/config/certs/corp-ca/bundle.pem',
      volume: {
        name: 'oidc-ca-bundle-corp-ca',
        configMap: { name: 'corp-ca', items: [{ key: 'bundle.pem', path: 'bundle.pem' }] },
      },
      mount: { mountPath: '/config/certs/corp-ca', readOnly: true },
    });
  });

  it('is nothing for a config without one, nor for the tokens of the cluster', () => {
    expect(oidcCaBundle(config())).toBeUndefined();
    expect(oidcCaBundle({ ...corpCa, spec: { ...corpCa.spec, type: 'kubernetesServiceAccount' } })).toBeUndefined();
  });
});

describe('oidcCaBundleVerdict', () => {
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
      { status: 'False', reason: 'CABundleRefInvalid', message: 'configMapRef must be specified in caBundleRef' },
    ],
    ['absent without a CA bundle', config(), undefined, { kind: 'absent' }],
  ])('is %s', (_, given, found, expected) => {
    expect(oidcCaBundleVerdict(given, found)).toMatchObject(expected);
  });
});
