import { describe, expect, it } from '@jest/globals';

import type { KubeObject } from '../object.js';
import { builtinResources } from './builtin-resources.js';
import { openApiDefinition } from './definitions.js';

function resourceOf(kind: string, group = ''): (typeof builtinResources)[number] {
  const resource = builtinResources.find((candidate) => candidate.kind === kind && candidate.group === group);
  if (resource === undefined) throw new Error(`no ${kind}.${group}`);
  return resource;
}

/** What is stored after a create: the pipeline's order, without its metadata. */
function created(kind: string, group: string, object: Partial<KubeObject>): KubeObject {
  const { strategy, version } = resourceOf(kind, group);
  const next: KubeObject = {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name: 'a', namespace: 'default' },
    ...object,
  };
  strategy.default?.(next);
  strategy.prepareForCreate?.(next);
  return next;
}

function errorsOf(kind: string, group: string, object: Partial<KubeObject>, old?: Partial<KubeObject>): string[] {
  const { strategy } = resourceOf(kind, group);
  const errors = strategy.validate?.(created(kind, group, object), old && created(kind, group, old)) ?? [];
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

const container = { name: 'a', image: 'a:1' };
const workload = (spec: object = {}, podSpec: object = {}) => ({
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: { metadata: { labels: { app: 'd' } }, spec: { containers: [container], ...podSpec } },
    ...spec,
  },
});

const defaultedContainer = {
  image: 'a:1',
  imagePullPolicy: 'IfNotPresent',
  name: 'a',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const defaultedPodSpec = {
  containers: [defaultedContainer],
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};

const jobOf = (spec: object) => ({
  spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } }, ...spec },
});

describe('built-in kinds', () => {
  it('have an OpenAPI definition, and unique names within their group', () => {
    const names = builtinResources.map(({ group, plural }) => `${plural}.${group}`);

    expect(new Set(names).size).toBe(names.length);
    for (const { definitions, schema } of builtinResources) {
      expect(schema.properties).toHaveProperty('metadata');
      for (const definition of definitions) expect(openApiDefinition(definition)).toHaveProperty('type', 'object');
    }
  });
});

// Recorded from the libraries of kube-apiserver 1.34.
describe('a created object', () => {
  it('Deployment', () => {
    const { spec, status } = created('Deployment', 'apps', workload());

    expect({ spec, status }).toEqual({
      spec: {
        progressDeadlineSeconds: 600,
        replicas: 1,
        revisionHistoryLimit: 10,
        selector: { matchLabels: { app: 'd' } },
        strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' },
        template: { metadata: { labels: { app: 'd' } }, spec: defaultedPodSpec },
      },
      status: {},
    });
  });

  it('Pod', () => {
    const { spec, status } = created('Pod', '', { spec: { containers: [{ name: 'a', image: 'b' }] } });

    expect({ spec, status }).toEqual({
      spec: {
        ...defaultedPodSpec,
        containers: [{ ...defaultedContainer, image: 'b', imagePullPolicy: 'Always' }],
        enableServiceLinks: true,
        tolerations: ['not-ready', 'unreachable'].map((taint) => ({
          effect: 'NoExecute',
          key: `node.kubernetes.io/${taint}`,
          operator: 'Exists',
          tolerationSeconds: 300,
        })),
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  it('Service', () => {
    const { spec, status } = created('Service', '', { spec: { ports: [{ port: 80 }], selector: { a: 'b' } } });

    expect({ spec, status }).toEqual({
      spec: {
        clusterIP: expect.stringMatching(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/),
        clusterIPs: [expect.any(String)],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        selector: { a: 'b' },
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    });
  });

  it('Job', () => {
    const metadata = { name: 'j', uid: 'u' };
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [container] } } };
    const job = created('Job', 'batch', { metadata, spec });

    expect(job['spec']).toEqual({
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: 1,
      parallelism: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
      suspend: false,
      template: {
        metadata: {
          labels: {
            'batch.kubernetes.io/controller-uid': 'u',
            'batch.kubernetes.io/job-name': 'j',
            'controller-uid': 'u',
            'job-name': 'j',
          },
        },
        spec: { ...defaultedPodSpec, restartPolicy: 'Never' },
      },
    });
  });

  it('CustomResourceDefinition', () => {
    const names = { kind: 'Foo', plural: 'foos' };
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
    const spec = { group: 'd.io', scope: 'Namespaced', names, versions };
    const crd = created('CustomResourceDefinition', 'apiextensions.k8s.io', { spec });

    expect(crd['spec']).toEqual({
      ...spec,
      names: { ...names, singular: 'foo', listKind: 'FooList' },
      conversion: { strategy: 'None' },
    });
    expect(crd['status']).toEqual({
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: ['v1'],
    });
  });

  it('Namespace keeps its own finalizers and gets the label of its name', () => {
    const namespace = created('Namespace', '', { metadata: { name: 'n' }, spec: { finalizers: ['example.com/f'] } });

    expect(namespace).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } },
      spec: { finalizers: ['example.com/f', 'kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it('Secret has its stringData in data', () => {
    const secret = created('Secret', '', { data: { k: 'b2xk' }, stringData: { k: 'new', l: 'x' } });

    expect(secret).toMatchObject({ type: 'Opaque', data: { k: 'bmV3', l: 'eA==' } });
    expect(secret).not.toHaveProperty('stringData');
  });

  it('Pod has the quality of service its resources ask for', () => {
    const withResources = (resources: object) =>
      created('Pod', '', { spec: { containers: [{ ...container, resources }] } })['status'];

    expect(withResources({ limits: { cpu: '1', memory: '1Gi' } })).toMatchObject({ qosClass: 'Guaranteed' });
    expect(withResources({ requests: { cpu: '1' } })).toMatchObject({ qosClass: 'Burstable' });
  });
});

describe('validation', () => {
  const immutable = 'Forbidden: field is immutable when `immutable` is set';

  it.each([
    [
      'ConfigMap',
      '',
      { data: { 'a b': '1' } },
      [expect.stringMatching(/^data\[a b\]: Invalid value: "a b": a valid config key/)],
    ],
    [
      'ConfigMap',
      '',
      { data: { k: '1' }, binaryData: { k: 'YQ==' } },
      ['data[k]: Invalid value: "k": duplicate of key present in binaryData'],
    ],
    ['Secret', '', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
    [
      'Lease',
      'coordination.k8s.io',
      { spec: { leaseDurationSeconds: 0 } },
      ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
    ],
    [
      'Event',
      '',
      { involvedObject: { namespace: 'other' } },
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    [
      'Service',
      '',
      { spec: { type: 'Odd', ports: [{ port: 0 }] } },
      [
        'spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      'Deployment',
      'apps',
      workload({ selector: { matchLabels: { other: '1' } } }),
      ['spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`'],
    ],
    [
      'Deployment',
      'apps',
      workload({}, { containers: [{ name: 'a' }], restartPolicy: 'Never' }),
      [
        'spec.template.spec.containers[0].image: Required value',
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      ],
    ],
    [
      'Deployment',
      'apps',
      workload({}, { containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }),
      ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      'Role',
      'rbac.authorization.k8s.io',
      { rules: [{ verbs: ['get'], apiGroups: [''] }] },
      ['rules[0].resources: Required value: resource rules must supply at least one resource'],
    ],
    [
      'ControllerRevision',
      'apps',
      { revision: -1 },
      ['data: Required value: data is mandatory', 'revision: Invalid value: -1: must be greater than or equal to 0'],
    ],
  ])('%s.%s %j', (kind, group, object, errors) => {
    expect(errorsOf(kind, group, object)).toEqual(errors);
  });

  it.each([
    [
      { action: 'FailIndex' },
      [
        'rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
        'rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
      ],
    ],
    [
      { onExitCodes: { operator: 'In', containerName: 'b', values: [2, 0, 2] }, onPodConditions: [{ type: 'Any' }] },
      [
        'rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
        'rules[0].onExitCodes.containerName: Invalid value: "b": must be one of the container or initContainer names in the pod template',
        'rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
        'rules[0].onExitCodes.values[2]: Duplicate value: 2',
        'rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered',
        'rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported',
      ],
    ],
    [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }, []],
  ])('of the podFailurePolicy of a Job: %j', (rule, errors) => {
    const job = jobOf({ podFailurePolicy: { rules: [rule] } });

    expect(errorsOf('Job', 'batch', job)).toEqual(errors.map((error) => `spec.podFailurePolicy.${error}`));
  });

  it.each([
    [{}, ['rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified']],
    [
      { succeededIndexes: '0-1,3', succeededCount: 4 },
      [
        'rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)',
      ],
    ],
    ...[
      ['2,1', 'non-increasing order, previous: 2, current: 1'],
      ['1-1', 'non-increasing order, previous: 1, current: 1'],
      ['0-5', 'too large index: "5"'],
      ['a', 'cannot convert string to integer for index: "a"'],
      [
        '1-2-3',
        'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
      ],
    ].map(([text = '', problem = '']): [object, string[]] => [
      { succeededIndexes: text },
      [`rules[0].succeededIndexes: Invalid value: "${text}": error parsing succeededIndexes: ${problem}`],
    ]),
  ])('of the successPolicy of a Job: %j', (rule, errors) => {
    const job = jobOf({ completionMode: 'Indexed', completions: 5, successPolicy: { rules: [rule] } });

    expect(errorsOf('Job', 'batch', job)).toEqual(errors.map((error) => `spec.successPolicy.${error}`));
  });

  it('of how the parts of a Job go together', () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
    const job = jobOf({
      maxFailedIndexes: 1,
      podFailurePolicy: { rules },
      podReplacementPolicy: 'TerminatingOrFailed',
      successPolicy: { rules: [] },
      template: { spec: { restartPolicy: 'OnFailure', containers: [container] } },
    });

    expect(errorsOf('Job', 'batch', job)).toEqual([
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
      'spec.successPolicy: Invalid value: {"rules":null}: requires indexed completion mode',
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ]);
  });

  it.each([
    [
      'ControllerRevision',
      'apps',
      { data: { a: 1 }, revision: 1 },
      { data: { a: 2 }, revision: 2 },
      ['data: Invalid value: {"a":2}: field is immutable'],
    ],
    [
      'ConfigMap',
      '',
      { immutable: true, data: { k: '1' } },
      { data: { k: '2' } },
      [`immutable: ${immutable}`, `data: ${immutable}`],
    ],
    ['Secret', '', { type: 'a' }, { type: 'b' }, ['type: Invalid value: "b": field is immutable']],
    [
      'Deployment',
      'apps',
      workload(),
      workload({
        selector: { matchLabels: { app: 'd', more: '1' } },
        template: { metadata: { labels: { app: 'd', more: '1' } }, spec: { containers: [container] } },
      }),
      ['spec.selector: Invalid value: {"matchLabels":{"app":"d","more":"1"}}: field is immutable'],
    ],
    [
      'Service',
      '',
      { spec: { clusterIP: '10.96.1.1', ports: [{ port: 80 }] } },
      { spec: { clusterIP: '10.96.1.2', ports: [{ port: 80 }] } },
      ['spec.clusterIPs[0]: Invalid value: ["10.96.1.2"]: may not change once set'],
    ],
    [
      'RoleBinding',
      'rbac.authorization.k8s.io',
      { roleRef: { kind: 'Role', name: 'a' } },
      { roleRef: { kind: 'Role', name: 'b' } },
      [
        'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"b"}: cannot change roleRef',
      ],
    ],
    ['Pod', '', { spec: { containers: [container] } }, { spec: { containers: [{ ...container, image: 'a:2' }] } }, []],
    [
      'Pod',
      '',
      { spec: { containers: [container] } },
      { spec: { containers: [container], hostNetwork: true } },
      [expect.stringMatching(/^spec: Forbidden: pod updates may not change fields other than/)],
    ],
    ['StatefulSet', 'apps', workload(), workload({ replicas: 3 }), []],
    [
      'StatefulSet',
      'apps',
      workload(),
      workload({ serviceName: 's' }),
      [expect.stringMatching(/^spec: Forbidden: updates to statefulset spec/)],
    ],
  ])('update of %s.%s from %j to %j', (kind, group, before, after, errors) => {
    expect(errorsOf(kind, group, after, before)).toEqual(errors);
  });
});

describe('generations', () => {
  it.each([
    ['Deployment', 'apps', { metadata: { name: 'a', annotations: { n: '1' } } }, true],
    ['ReplicaSet', 'apps', { metadata: { name: 'a', annotations: { n: '1' } } }, false],
    ['Deployment', 'apps', { status: { replicas: 1 } }, false],
    ['Deployment', 'apps', workload({ replicas: 2 }), true],
  ])('of a %s.%s changed by %j: %s', (kind, group, change, grows) => {
    const old = created(kind, group, workload());
    const { strategy } = resourceOf(kind, group);

    expect(
      strategy.changesGeneration?.(
        { ...old, ...created(kind, group, { ...workload(), ...change }), ...('status' in change ? change : {}) },
        old,
      ),
    ).toBe(grows);
  });

  it('are not counted for kinds that have none', () => {
    for (const kind of ['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Namespace', 'Event']) {
      expect(resourceOf(kind).strategy.changesGeneration).toBeUndefined();
    }
  });
});

describe('events', () => {
  const core = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'ConfigMap', name: 'c' },
    message: 'hello',
    reportingComponent: 'x',
    count: 2,
  };

  it('read the same through both groups', () => {
    const form = resourceOf('Event', 'events.k8s.io').storedForm;

    if (form === undefined) throw new Error('events.k8s.io events have no stored form');
    const served = form.fromStored(core);

    expect(served).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      note: 'hello',
      regarding: { name: 'c' },
      reportingController: 'x',
      deprecatedCount: 2,
    });
    expect(served).not.toHaveProperty('message');
    expect(form.toStored({ ...served })).toEqual(core);
  });
});
