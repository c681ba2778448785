import { describe, expect, it } from '@jest/globals';

import { schemaOf } from './definitions.js';
import { decodeError, normalizeObject } from './go-codec.js';

const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment';
const CONFIG_MAP = 'io.k8s.api.core.v1.ConfigMap';
const SECRET = 'io.k8s.api.core.v1.Secret';
const LEASE = 'io.k8s.api.coordination.v1.Lease';

const container = (fields: object) => ({ spec: { template: { spec: { containers: [fields] } } } });

// Recorded from the libraries of kube-apiserver 1.34.
describe('decodeError', () => {
  it.each([
    [
      DEPLOYMENT,
      { spec: { replicas: '2' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      DEPLOYMENT,
      { spec: { replicas: 2.5 } },
      'json: cannot unmarshal number 2.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      DEPLOYMENT,
      { spec: { replicas: 3000000000 } },
      'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      DEPLOYMENT,
      container({ name: 5 }),
      'json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.name of type string',
    ],
    [
      DEPLOYMENT,
      { spec: { template: { spec: { containers: { a: 5 } } } } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      DEPLOYMENT,
      { spec: [] },
      'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec',
    ],
    [
      DEPLOYMENT,
      { metadata: 'x' },
      'json: cannot unmarshal string into Go struct field Deployment.metadata of type v1.ObjectMeta',
    ],
    [
      DEPLOYMENT,
      { metadata: { labels: { a: 5 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      DEPLOYMENT,
      { metadata: { labels: [] } },
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      DEPLOYMENT,
      { metadata: { creationTimestamp: 5 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
    ],
    [
      DEPLOYMENT,
      { metadata: { creationTimestamp: 'x' } },
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ],
    [
      DEPLOYMENT,
      { spec: { strategy: { rollingUpdate: { maxSurge: 1.5 } } } },
      'json: cannot unmarshal number 1.5 into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32',
    ],
    [
      DEPLOYMENT,
      container({ resources: { limits: { cpu: 'much' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      DEPLOYMENT,
      container({ resources: { limits: { cpu: true } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      CONFIG_MAP,
      { data: { k: 1 } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      CONFIG_MAP,
      { data: { k: {} } },
      'json: cannot unmarshal object into Go struct field ConfigMap.data of type string',
    ],
    [SECRET, { data: { k: 5 } }, 'json: cannot unmarshal number into Go struct field Secret.data of type []uint8'],
    [SECRET, { data: { k: '???' } }, 'illegal base64 data at input byte 0'],
    [SECRET, { data: { k: 'YWJ' } }, 'illegal base64 data at input byte 0'],
    [SECRET, { data: { k: 'YWJjZ' } }, 'illegal base64 data at input byte 4'],
    [
      LEASE,
      { spec: { renewTime: '2025-01-01T00:00:00.123Z' } },
      'parsing time "2025-01-01T00:00:00.123Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse ".123Z" as ".000000"',
    ],
    [
      LEASE,
      { spec: { renewTime: '2024-01-01T00:00:00.1234567Z' } },
      'parsing time "2024-01-01T00:00:00.1234567Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "7Z" as "Z07:00"',
    ],
    [
      LEASE,
      { spec: { renewTime: '2024-13-01T00:00:00.123456Z' } },
      'parsing time "2024-13-01T00:00:00.123456Z": month out of range',
    ],
    [
      LEASE,
      { spec: { renewTime: '2024-01-01' } },
      'parsing time "2024-01-01" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "" as "T"',
    ],
  ])('%s %j', (definition, document, message) => {
    expect(decodeError(schemaOf(definition), document)).toBe(message);
  });

  it('accepts nulls, unknown fields and numbers as quantities', () => {
    const document = { ...container({ name: null, nope: 1, resources: { limits: { cpu: 0.5 } } }), other: [] };

    expect(decodeError(schemaOf(DEPLOYMENT), document)).toBeUndefined();
  });
});

describe('normalizeObject', () => {
  it('drops what Go leaves out when empty, and writes what it always writes', () => {
    const object = {
      metadata: { name: 'd', labels: {}, finalizers: [] },
      spec: {
        paused: false,
        replicas: 0,
        template: {
          spec: {
            hostNetwork: false,
            automountServiceAccountToken: false,
            containers: [
              { name: 'a', args: [], env: [{ name: 'X', value: '' }], ports: [{ containerPort: 80, hostPort: 0 }] },
            ],
          },
        },
      },
    };

    normalizeObject(DEPLOYMENT, object);

    expect(object).toEqual({
      metadata: { name: 'd' },
      spec: {
        replicas: 0,
        strategy: {},
        template: {
          metadata: {},
          spec: {
            automountServiceAccountToken: false,
            containers: [{ name: 'a', env: [{ name: 'X' }], ports: [{ containerPort: 80 }], resources: {} }],
          },
        },
      },
      status: {},
    });
  });

  it('brings quantities, times and base64 into one form', () => {
    const event = {
      involvedObject: {},
      firstTimestamp: '2024-01-01T02:00:00.123+02:00',
      eventTime: '2024-01-01T02:00:00.123456+02:00',
    };
    const claim = { spec: { resources: { requests: { storage: '1024Mi' } } } };
    const secret = { data: { k: 'YW\nJj' } };

    normalizeObject('io.k8s.api.core.v1.Event', event);
    normalizeObject('io.k8s.api.core.v1.PersistentVolumeClaim', claim);
    normalizeObject(SECRET, secret);

    expect(event).toMatchObject({
      firstTimestamp: '2024-01-01T00:00:00Z',
      eventTime: '2024-01-01T00:00:00.123456Z',
      lastTimestamp: null,
    });
    expect(claim.spec.resources.requests.storage).toBe('1Gi');
    expect(secret.data.k).toBe('YWJj');
  });

  it.each([
    ['io.k8s.api.rbac.v1.Role', { rules: [] }, { metadata: {}, rules: null }],
    ['io.k8s.api.core.v1.ConfigMap', { metadata: {}, data: { k: null } }, { metadata: {}, data: { k: '' } }],
    [
      'io.k8s.api.policy.v1.PodDisruptionBudget',
      {},
      {
        metadata: {},
        spec: {},
        status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
      },
    ],
  ])('%s %j', (definition, object, normal) => {
    normalizeObject(definition, object);

    expect(object).toEqual(normal);
  });
});
