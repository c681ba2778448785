import { describe, expect, it } from '@jest/globals';
import type { ContentRef, Deployment } from '@trueup/core';
import { type z } from 'zod';
import { VirtualMCPServer } from '../resource.js';
import { accountRules } from './account-rules.js';
import { serverDeployment, type DeploymentParts } from './deployment.js';
import { service } from './service.js';

type Given = Partial<z.input<(typeof VirtualMCPServer)['definition']['spec']>>;

function aServer(name: string, spec: Given = {}): VirtualMCPServer {
  return {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'VirtualMCPServer',
    metadata: { name, namespace: 'default', uid: '1111', generation: 1 },
    spec: VirtualMCPServer.definition.spec.parse({
      groupRef: { name: 'demo-group' },
      incomingAuth: { type: 'anonymous' },
      ...spec,
    }),
  };
}

const parts: DeploymentParts = {
  image: 'vmcp:v1',
  defaultPullSecrets: [],
  openShift: false,
  checksum: 'sum',
  env: [
    { name: 'VMCP_NAME', value: 'demo' },
    {
      name: 'VMCP_SESSION_HMAC_SECRET',
      valueFrom: { secretKeyRef: { name: 'demo-hmac-secret', key: 'hmac-secret' } },
    },
  ],
  volumes: [],
  volumeMounts: [],
  live: undefined,
  fieldManager: 'virtualmcpserver-controller',
  contents: () => ({ digest: undefined }),
};

function made(spec: Given = {}, overrides: Partial<DeploymentParts> = {}) {
  const made = serverDeployment(aServer('demo', spec), { ...parts, ...overrides });
  return made as typeof made & { readonly spec: NonNullable<Deployment['spec']> };
}
const template = (spec: Given = {}, overrides: Partial<DeploymentParts> = {}) => made(spec, overrides).spec.template;
const container = (spec: Given = {}, overrides: Partial<DeploymentParts> = {}) =>
  template(spec, overrides).spec?.containers.find(({ name }) => name === 'vmcp');

const labels = {
  app: 'virtualmcpserver',
  'app.kubernetes.io/name': 'virtualmcpserver',
  'app.kubernetes.io/instance': 'demo',
  toolhive: 'true',
  'toolhive-name': 'demo',
};

describe('the Deployment of a server', () => {
  it('is that of the smallest one as it always was', () => {
    const ids = { runAsUser: 1000, runAsGroup: 1000 };
    const seccompProfile = { type: 'RuntimeDefault' };
    expect(made()).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'demo', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'toolhive.stacklok.dev/runconfig-checksum': 'sum' } },
          spec: {
            serviceAccountName: 'demo-vmcp',
            terminationGracePeriodSeconds: 30,
            securityContext: { runAsNonRoot: true, ...ids, fsGroup: 1000, seccompProfile },
            containers: [
              {
                name: 'vmcp',
                image: 'vmcp:v1',
                imagePullPolicy: 'IfNotPresent',
                args: ['serve', '--config=/etc/vmcp-config/config.yaml', '--host=0.0.0.0', '--port=4483'],
                ports: [{ name: 'http', containerPort: 4483, protocol: 'TCP' }],
                env: [
                  ...parts.env,
                  { name: 'XDG_CONFIG_HOME', value: '/tmp' },
                  { name: 'HOME', value: '/tmp' },
                  { name: 'TOOLHIVE_RUNTIME', value: 'kubernetes' },
                  { name: 'UNSTRUCTURED_LOGS', value: 'false' },
                ],
                resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
                volumeMounts: [{ name: 'vmcp-config', mountPath: '/etc/vmcp-config', readOnly: true }],
                livenessProbe: {
                  httpGet: { path: '/health', port: 'http' },
                  initialDelaySeconds: 30,
                  periodSeconds: 10,
                  timeoutSeconds: 5,
                  failureThreshold: 3,
                },
                readinessProbe: {
                  httpGet: { path: '/readyz', port: 'http' },
                  initialDelaySeconds: 15,
                  periodSeconds: 5,
                  timeoutSeconds: 3,
                  failureThreshold: 3,
                },
                securityContext: {
                  privileged: false,
                  runAsNonRoot: true,
                  ...ids,
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  seccompProfile,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
            volumes: [{ name: 'vmcp-config', configMap: { name: 'demo-vmcp-config' } }],
          },
        },
      },
    });
  });

  it.each([
    { what: 'replicas', spec: { replicas: 0 }, path: 'spec.replicas', value: 0 },
    { what: 'debug log', spec: { config: { operational: { logLevel: 'debug' } } }, path: 'args.4', value: '--debug' },
    { what: 'own account', spec: { serviceAccount: 'mine' }, path: 'serviceAccountName', value: 'mine' },
  ] as const)('takes from the spec: $what', ({ spec, path, value }) => {
    const found = { ...made(spec), ...container(spec), ...template(spec).spec };
    expect(found).toHaveProperty(path, value);
  });

  it('takes pull secrets from spec and operator, each once, and tells them by a hash without order', () => {
    const imagePullSecrets = [{ name: 'b' }, { name: 'a' }, { name: 'b' }];
    expect(template({ imagePullSecrets }, { defaultPullSecrets: ['a', 'c'] }).spec?.imagePullSecrets).toEqual([
      { name: 'b' },
      { name: 'a' },
      { name: 'c' },
    ]);
    expect(made({ imagePullSecrets }).metadata.annotations).toEqual({
      'toolhive.stacklok.io/imagepullsecrets-hash': 'd3b2d07b08c3426ea2fa9d31dfc25a76be26b642552182f18566f6514d4b9137',
    });
  });

  it('leaves user ids to OpenShift', () => {
    expect(template({}, { openShift: true }).spec?.securityContext).not.toHaveProperty('fsGroup');
    expect(container({}, { openShift: true })?.securityContext).not.toHaveProperty('runAsUser');
  });

  it('has the pod template of the spec laid over it, and tells it by a hash', () => {
    const podTemplateSpec = {
      metadata: { labels: { x: 'y' } },
      spec: {
        nodeSelector: { disk: 'ssd' },
        containers: [{ name: 'vmcp', env: [{ name: 'EXTRA', value: '1' }], resources: { limits: { cpu: '1' } } }],
      },
    };
    const { metadata, spec } = template({ podTemplateSpec });
    expect(metadata?.labels).toEqual({ ...labels, x: 'y' });
    expect(spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, serviceAccountName: 'demo-vmcp' });
    expect(container({ podTemplateSpec })).toMatchObject({
      image: 'vmcp:v1',
      resources: { limits: { cpu: '1', memory: '512Mi' }, requests: { cpu: '100m' } },
    });
    expect(
      container({ podTemplateSpec })
        ?.env?.map(({ name }) => name)
        .slice(0, 2),
    ).toEqual(['EXTRA', 'VMCP_NAME']);
    const disk = { podTemplateSpec: { spec: { nodeSelector: { disk: 'ssd' } } } };
    expect(made(disk).metadata.annotations).toEqual({
      'toolhive.stacklok.io/podtemplatespec-hash': '5b3c17477d919cc312495d08b5c36e3e96e88044785078461ca1ac447ae356c6',
    });
  });

  it('is not changed by an empty pod template', () => {
    expect(made({ podTemplateSpec: {} }).spec).toEqual(made().spec);
    expect(Object.keys(made({ podTemplateSpec: {} }).metadata.annotations ?? {})).toHaveLength(1);
  });

  it('is refused with a pod template that is none', () => {
    expect(() => made({ podTemplateSpec: { spec: { containers: 'x' } } })).toThrow(
      expect.objectContaining({
        code: 'ERR_SPEC_INVALID',
        message: expect.stringMatching(/^Invalid PodTemplateSpec: json: cannot unmarshal string/),
      }),
    );
  });

  it('changes with what its pods take in at their start: all but the configuration and our own Secret', () => {
    const asked: ContentRef[] = [];
    const caBundle = { name: 'ca', configMap: { name: 'corp', items: [{ key: 'ca.crt', path: 'ca.crt' }] } };
    const found = template(
      {},
      {
        env: [...parts.env, { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 't' } } }],
        volumes: [caBundle],
        contents: (refs) => {
          asked.push(...refs);
          return { digest: 'd1' };
        },
      },
    );
    expect(asked.map(({ name }) => name)).toEqual(['token', 'corp']);
    expect(found.metadata?.annotations).toMatchObject({ 'toolhive.stacklok.dev/secrets-digest': 'd1' });
  });
});

describe('what stands beside it', () => {
  it('is a Service that keeps clients at one pod', () => {
    expect(service('demo', aServer('demo').spec)).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'vmcp-demo', labels },
      spec: {
        type: 'ClusterIP',
        selector: labels,
        sessionAffinity: 'ClientIP',
        ports: [{ name: 'http', port: 4483, targetPort: 4483, protocol: 'TCP' }],
      },
    });
  });

  it('is an account that may look for backends if it has to, and report on its own server alone', () => {
    const group = 'toolhive.stacklok.dev';
    const own = [
      { apiGroups: [group], resources: ['virtualmcpservers'], verbs: ['get'], resourceNames: ['demo'] },
      {
        apiGroups: [group],
        resources: ['virtualmcpservers/status'],
        verbs: ['update', 'patch'],
        resourceNames: ['demo'],
      },
    ];
    expect(accountRules('demo', 'inline')).toEqual(own);
    expect(accountRules('demo', 'discovered').slice(2)).toEqual(own);
    expect(accountRules('demo', 'discovered')[0]?.resources).toEqual(['configmaps', 'secrets']);
  });
});
