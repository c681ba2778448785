import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { specOf, statusOf } from '../access.js';
import { ControlPlane } from '../control-plane.js';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EVENTS,
  NAMESPACES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  REPLICA_SETS,
  RESOURCE_QUOTAS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../controllers/resource-names.js';
import type { ResourceName } from '../controllers/api.js';
import type { JsonObject, KubeObject } from '../object.js';

const LIMIT_RANGES = { group: '', plural: 'limitranges' };
const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', plural: 'priorityclasses' };
const STORAGE_CLASSES = { group: 'storage.k8s.io', plural: 'storageclasses' };

let controlPlane: ControlPlane;
let nowMs = Date.parse('2026-01-01T00:00:00Z');
/** Each test has its own. */
let namespace = 'n';

beforeAll(async () => {
  controlPlane = await ControlPlane.start({ tls: false, clock: () => new Date(nowMs) });
});
afterAll(() => controlPlane.stop());
beforeEach(async () => {
  namespace += '1';
  await create(NAMESPACES, 'Namespace', namespace, {});
  await controlPlane.settle();
});

async function create(resource: ResourceName, kind: string, name: string, content: JsonObject): Promise<KubeObject> {
  const version = 'v1';
  const apiVersion = resource.group === '' ? version : `${resource.group}/${version}`;
  const isGlobal = [NAMESPACES.plural, 'priorityclasses', 'storageclasses'].includes(resource.plural);
  const metadata = { name, ...(isGlobal ? {} : { namespace }), ...(content['metadata'] as object | undefined) };
  return controlPlane.api.create(resource, { apiVersion, kind, ...content, metadata });
}

/** A pod that no node runs: its scheduling gate is never opened. */
function createPod(name: string, resources: JsonObject = {}, spec: JsonObject = {}): Promise<KubeObject> {
  const containers = [{ name: 'main', image: 'app:1', resources }];
  return create(PODS, 'Pod', name, { spec: { containers, schedulingGates: [{ name: 'example.com/held' }], ...spec } });
}

async function createQuota(spec: JsonObject, name = 'q'): Promise<void> {
  await create(RESOURCE_QUOTAS, 'ResourceQuota', name, { spec });
  await controlPlane.settle();
}

const used = (name = 'q'): unknown =>
  statusOf(controlPlane.api.get(RESOURCE_QUOTAS, namespace, name) ?? { apiVersion: '', kind: '', metadata: {} })[
    'used'
  ];

const forbidden = (message: string): object => ({ code: 403, reason: 'Forbidden', message });

describe('a ResourceQuota', () => {
  it('is charged with what is made, at once, and with what goes no more', async () => {
    await createQuota({ hard: { pods: '2', 'requests.cpu': '1', 'limits.memory': '2Gi' } });
    expect(used()).toEqual({ pods: '0', 'requests.cpu': '0', 'limits.memory': '0' });

    const resources = { requests: { cpu: '300m' }, limits: { memory: '1Gi' } };
    await createPod('a', resources);
    expect(used()).toEqual({ pods: '1', 'requests.cpu': '300m', 'limits.memory': '1Gi' });

    await controlPlane.api.delete(PODS, namespace, 'a');
    await controlPlane.settle();
    expect(used()).toEqual({ pods: '0', 'requests.cpu': '0', 'limits.memory': '0' });
  });

  it.each([
    {
      what: 'would exceed one of its limits',
      hard: { pods: '3', 'requests.cpu': '500m' },
      first: { requests: { cpu: '300m' } },
      second: { requests: { cpu: '201m' } },
      message: 'exceeded quota: q, requested: requests.cpu=201m, used: requests.cpu=300m, limited: requests.cpu=500m',
    },
    {
      what: 'would exceed several of them',
      hard: { pods: '1', 'limits.memory': '1Gi' },
      first: { limits: { memory: '768Mi' } },
      second: { limits: { memory: '512Mi' } },
      message:
        'exceeded quota: q, requested: limits.memory=512Mi,pods=1, used: limits.memory=768Mi,pods=1, limited: limits.memory=1Gi,pods=1',
    },
    {
      what: 'does not say what it needs',
      hard: { 'requests.cpu': '1', 'limits.cpu': '2' },
      first: { requests: { cpu: '100m' }, limits: { cpu: '1' } },
      second: { requests: { cpu: '100m' } },
      message: 'failed quota: q: must specify limits.cpu for: main',
    },
  ])('refuses a pod that $what', async ({ hard, first, second, message }) => {
    await createQuota({ hard });
    await createPod('a', first);

    await expect(createPod('b', second)).rejects.toMatchObject(forbidden(`pods "b" is forbidden: ${message}`));
    expect(controlPlane.api.get(PODS, namespace, 'b')).toBeUndefined();
  });

  it('lets no more in than there is room for when all come at once', async () => {
    await createQuota({ hard: { 'count/configmaps': '4' } });
    const names = Array.from({ length: 10 }, (_, index) => `c${String(index)}`);

    const results = await Promise.allSettled(names.map((name) => create(CONFIG_MAPS, 'ConfigMap', name, {})));

    // The root certificate of the namespace is one of them.
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(used()).toEqual({ 'count/configmaps': '4' });
  });

  it('counts any kind, services by what they take up, and claims by class', async () => {
    await createQuota({
      hard: {
        'count/deployments.apps': '5',
        configmaps: '9',
        'services.nodeports': '4',
        'services.loadbalancers': '1',
        'requests.storage': '10Gi',
        'fast.storageclass.storage.k8s.io/requests.storage': '5Gi',
      },
    });
    await create(SERVICES, 'Service', 's', { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '4Gi' } } };
    await create(PERSISTENT_VOLUME_CLAIMS, 'PersistentVolumeClaim', 'c', {
      spec: { ...claim, storageClassName: 'fast' },
    });

    expect(used()).toEqual({
      'count/deployments.apps': '0',
      configmaps: '1',
      'services.nodeports': '1',
      'services.loadbalancers': '1',
      'requests.storage': '4Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '4Gi',
    });
    await expect(
      create(PERSISTENT_VOLUME_CLAIMS, 'PersistentVolumeClaim', 'd', { spec: { ...claim, storageClassName: 'fast' } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('limited: fast.storageclass.storage.k8s.io/requests.storage=5Gi'),
    });
  });

  it.each([
    { scopes: ['BestEffort'], counts: [true, false, false] },
    { scopes: ['NotBestEffort'], counts: [false, true, true] },
    { scopes: ['Terminating'], counts: [false, false, true] },
    { scopes: ['NotTerminating'], counts: [true, true, false] },
  ])('of scope $scopes counts only such pods', async ({ scopes, counts }) => {
    await createQuota({ hard: { pods: '9' }, scopes });
    const kinds: [JsonObject, JsonObject][] = [
      [{}, {}],
      [{ requests: { cpu: '1m' } }, {}],
      [{ requests: { cpu: '1m' } }, { activeDeadlineSeconds: 60 }],
    ];
    const counted: boolean[] = [];
    for (const [position, [resources, spec]] of kinds.entries()) {
      const before = used();
      await createPod(`p${String(position)}`, resources, spec);
      counted.push(JSON.stringify(before) !== JSON.stringify(used()));
    }
    expect(counted).toEqual(counts);
  });

  it('no longer counts pods that have ended', async () => {
    await createQuota({ hard: { pods: '1', 'count/pods': '5' } });
    await createPod('a');
    const end = (draft: KubeObject): void => {
      draft['status'] = { ...statusOf(draft), phase: 'Succeeded' };
    };
    await controlPlane.api.update(PODS, namespace, 'a', end, 'status');
    await controlPlane.settle();

    expect(used()).toEqual({ pods: '0', 'count/pods': '1' });
  });

  it('finds within five minutes what was charged and not made', async () => {
    await createQuota({ hard: { 'count/configmaps': '9' } });
    await create(CONFIG_MAPS, 'ConfigMap', 'c', {});
    await expect(create(CONFIG_MAPS, 'ConfigMap', 'c', {})).rejects.toMatchObject({ code: 409 });

    nowMs += 300_000;
    await controlPlane.settle();

    expect(used()).toEqual({ 'count/configmaps': '2' });
  });

  it('keeps a Deployment from growing, which says so, until there is room', async () => {
    await createQuota({ hard: { pods: '1' } });
    const labels = { app: 'a' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'app:1' }] } };
    await create(DEPLOYMENTS, 'Deployment', 'd', {
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    });
    await controlPlane.settle();

    const why = expect.stringMatching(
      /^pods "d-.*-.*" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1$/,
    );
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: why };
    const [set] = controlPlane.api.list(REPLICA_SETS, namespace);
    expect(statusOf(set ?? { apiVersion: '', kind: '', metadata: {} })).toMatchObject({
      replicas: 1,
      conditions: [failure],
    });
    const deployment = (): unknown => controlPlane.api.get(DEPLOYMENTS, namespace, 'd')?.['status'];
    expect(deployment()).toMatchObject({
      readyReplicas: 1,
      conditions: expect.arrayContaining([expect.objectContaining(failure)]),
    });
    expect(controlPlane.api.list(EVENTS, namespace).map(({ reason }) => reason)).toContain('FailedCreate');

    await controlPlane.api.update(RESOURCE_QUOTAS, namespace, 'q', (draft) => {
      draft['spec'] = { hard: { pods: '5' } };
    });
    await controlPlane.settle();

    expect(deployment()).toMatchObject({ readyReplicas: 2 });
    expect(deployment()).not.toMatchObject({ conditions: expect.arrayContaining([expect.objectContaining(failure)]) });
  });

  it.each([
    {
      spec: { hard: { cpus: '1' } },
      error: 'spec.hard[cpus]: Invalid value: "cpus": must be a standard resource for quotas',
    },
    {
      spec: { hard: { pods: '-1' } },
      error: 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
    },
    { spec: { hard: { pods: '500m' } }, error: 'spec.hard[pods]: Invalid value: "500m": must be an integer' },
    {
      spec: { hard: { services: '1' }, scopes: ['BestEffort'] },
      error: 'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    },
  ])('is refused with $spec', async ({ spec, error }) => {
    await expect(createQuota(spec)).rejects.toMatchObject({ message: `ResourceQuota "q" is invalid: ${error}` });
  });
});

describe('a LimitRange', () => {
  const limit = (item: JsonObject): Promise<KubeObject> =>
    create(LIMIT_RANGES, 'LimitRange', 'l', { spec: { limits: [item] } });

  it('gives containers what they leave open, and says so', async () => {
    await limit({ type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } });

    const pod = await createPod('a', { requests: { memory: '128Mi' } });

    expect(specOf(pod)).toMatchObject({
      containers: [
        { resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '1Gi' } } },
      ],
    });
    expect(pod.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container main; cpu, memory limit for container main',
    });
  });

  it('takes its own defaults from its bounds', async () => {
    const made = await limit({ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '64Mi' } });

    expect(specOf(made)).toEqual({
      limits: [
        {
          type: 'Container',
          max: { cpu: '2' },
          min: { cpu: '1', memory: '64Mi' },
          default: { cpu: '2' },
          defaultRequest: { cpu: '2', memory: '64Mi' },
        },
      ],
    });
  });

  it.each([
    [
      { type: 'Pod', min: { cpu: '100m' } },
      { requests: { cpu: '50m' } },
      'minimum cpu usage per Pod is 100m, but request is 50m',
    ],
    [{ type: 'Pod', min: { cpu: '100m' } }, {}, 'minimum cpu usage per Pod is 100m.  No request is specified'],
    [{ type: 'Pod', max: { memory: '1Gi' } }, {}, 'maximum memory usage per Pod is 1Gi.  No limit is specified'],
    [
      { type: 'Container', max: { cpu: '1', memory: '1Gi' } },
      { limits: { cpu: '2', memory: '2Gi' } },
      '[maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '100m' }, limits: { cpu: '500m' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000',
    ],
  ])('%j refuses a container with %j', async (item, resources, message) => {
    await limit(item);

    await expect(createPod('a', resources)).rejects.toMatchObject(forbidden(`pods "a" is forbidden: ${message}`));
  });

  it.each([
    ['500Mi', 'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi'],
    ['3Gi', 'maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi'],
  ])('refuses a claim for %s', async (storage, message) => {
    await limit({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } });
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };

    await expect(create(PERSISTENT_VOLUME_CLAIMS, 'PersistentVolumeClaim', 'c', { spec })).rejects.toMatchObject(
      forbidden(`persistentvolumeclaims "c" is forbidden: ${message}`),
    );
  });

  it('is refused when its bounds contradict each other', async () => {
    await expect(limit({ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } })).rejects.toMatchObject({
      message:
        'LimitRange "l" is invalid: spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    });
  });
});

describe('the priority of a pod', () => {
  it('is that of its class, of the default class, or 0', async () => {
    expect(specOf(await createPod('a'))).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    expect(specOf(await createPod('b', {}, { priorityClassName: 'system-node-critical' }))).toMatchObject({
      priority: 2_000_001_000,
    });

    await create(PRIORITY_CLASSES, 'PriorityClass', 'usual', {
      value: 7,
      globalDefault: true,
      preemptionPolicy: 'Never',
    });
    expect(specOf(await createPod('c'))).toMatchObject({
      priorityClassName: 'usual',
      priority: 7,
      preemptionPolicy: 'Never',
    });
    await expect(
      create(PRIORITY_CLASSES, 'PriorityClass', 'other', { value: 8, globalDefault: true }),
    ).rejects.toMatchObject(
      forbidden(
        'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
      ),
    );
    await controlPlane.api.delete(PRIORITY_CLASSES, undefined, 'usual');
  });

  it.each([
    [{ priorityClassName: 'nope' }, 'no PriorityClass with name nope was found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
  ])('cannot be %j', async (spec, message) => {
    await expect(createPod('a', {}, spec)).rejects.toMatchObject(forbidden(`pods "a" is forbidden: ${message}`));
  });

  it.each([
    ['high', 1_000_000_001, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    [
      'system-mine',
      1,
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ])('cannot come from a class %s of %d', async (name, value, error) => {
    await expect(create(PRIORITY_CLASSES, 'PriorityClass', name, { value })).rejects.toMatchObject({
      message: `PriorityClass.scheduling.k8s.io "${name}" is invalid: ${error}`,
    });
  });
});

describe('the service account of a pod', () => {
  it('is the default one, with its pull secrets, unless it is named', async () => {
    await controlPlane.api.update(SERVICE_ACCOUNTS, namespace, 'default', (draft) => {
      draft['imagePullSecrets'] = [{ name: 'registry' }];
    });

    expect(specOf(await createPod('a'))).toMatchObject({
      serviceAccountName: 'default',
      serviceAccount: 'default',
      imagePullSecrets: [{ name: 'registry' }],
    });
  });

  it('must be there', async () => {
    await expect(createPod('a', {}, { serviceAccountName: 'nope' })).rejects.toMatchObject(
      forbidden(
        `pods "a" is forbidden: error looking up service account ${namespace}/nope: serviceaccount "nope" not found`,
      ),
    );
  });
});

describe('the class of a claim', () => {
  it('is the default one unless it is named, or refused by an empty name', async () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await create(STORAGE_CLASSES, 'StorageClass', 'standard', {
      metadata: { annotations },
      provisioner: 'example.com/p',
    });
    const classOf = async (name: string, spec: JsonObject): Promise<unknown> => {
      const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec };
      return specOf(await create(PERSISTENT_VOLUME_CLAIMS, 'PersistentVolumeClaim', name, { spec: claim }))[
        'storageClassName'
      ];
    };

    expect(await classOf('a', {})).toBe('standard');
    expect(await classOf('b', { storageClassName: 'fast' })).toBe('fast');
    expect(await classOf('c', { storageClassName: '' })).toBe('');
    await controlPlane.api.delete(STORAGE_CLASSES, undefined, 'standard');
  });
});
