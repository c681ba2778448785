import { objectAt, objectsAt, optionalStringAt, specOf, statusOf, stringAt } from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';
import { qualifiedResource } from '../resources/errors.js';
import { podResources } from './pod-resources.js';
import { addLists, ONE, resourceListAt, type ResourceList, ZERO } from './resource-list.js';

/** What quotas count of one kind of object. */
export interface Countable {
  readonly group: string;
  readonly plural: string;
  /** Whether an update may use more. */
  readonly countsUpdates: boolean;
  /** Whether a name in `spec.hard` is about objects of this kind. */
  isAbout(name: string): boolean;
  usage(object: Readonly<KubeObject>, now: Date): ResourceList;
  /** What an object must say for itself where a quota counts these resources. */
  missing?(object: Readonly<KubeObject>, names: readonly string[]): string | undefined;
}

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const POD_NAMES = [
  'pods',
  ...COMPUTE,
  ...COMPUTE.map((name) => `requests.${name}`),
  ...COMPUTE.map((name) => `limits.${name}`),
];
/** Containers must say what they need of these where there is a quota for it: an old mistake of quotas, kept. */
const DEMANDED = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const HUGE_PAGES = 'hugepages-';

const pods: Countable = {
  group: '',
  plural: 'pods',
  countsUpdates: false,
  isAbout: (name) =>
    name === 'count/pods' || POD_NAMES.includes(name) || name.startsWith(HUGE_PAGES) || isExtendedRequest(name),
  usage(pod, now) {
    const count = new Map([['count/pods', ONE]]);
    if (hasEnded(pod, now)) return count;
    return addLists(count, computeUsage(podResources(pod, 'requests'), podResources(pod, 'limits')));
  },
  missing(pod, names) {
    const demanded = names.filter((name) => DEMANDED.includes(name));
    const containers = ['containers', 'initContainers'].flatMap((field) => objectsAt(specOf(pod), field));
    const problems = demanded.sort().flatMap((name) => {
      const without = containers.filter((container) => !usageOfContainer(container).has(name));
      const containerNames = without.map((container) => stringAt(container, 'name')).sort();
      return without.length === 0 ? [] : [`${name} for: ${containerNames.join(',')}`];
    });
    return problems.length === 0 ? undefined : `must specify ${problems.join('; ')}`;
  },
};

function isExtendedRequest(name: string): boolean {
  if (!name.startsWith('requests.')) return false;
  const resource = name.slice('requests.'.length);
  return resource.startsWith(HUGE_PAGES) || (resource.includes('/') && !resource.includes('kubernetes.io/'));
}

function usageOfContainer(container: JsonObject): ResourceList {
  const resources = objectAt(container, 'resources');
  return computeUsage(resourceListAt(resources, 'requests'), resourceListAt(resources, 'limits'));
}

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage = new Map([['pods', ONE]]);
  for (const [name, amount] of requests) {
    if (COMPUTE.includes(name) || name.startsWith(HUGE_PAGES)) usage.set(name, amount);
    if (COMPUTE.includes(name) || isExtendedRequest(`requests.${name}`)) usage.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (COMPUTE.includes(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

/** Pods that have ended use nothing, nor do those that should be gone. */
function hasEnded(pod: Readonly<KubeObject>, now: Date): boolean {
  if (['Succeeded', 'Failed'].includes(stringAt(statusOf(pod), 'phase'))) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now.getTime() > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

const SERVICE_NAMES = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

const services: Countable = {
  group: '',
  plural: 'services',
  countsUpdates: true,
  isAbout: (name) => SERVICE_NAMES.includes(name),
  usage(service) {
    const spec = specOf(service);
    const ports = objectsAt(spec, 'ports');
    const isBalanced = spec['type'] === 'LoadBalancer';
    const hasPorts = spec['type'] === 'NodePort' || (isBalanced && spec['allocateLoadBalancerNodePorts'] !== false);
    const nodePorts = hasPorts ? ports : isBalanced ? ports.filter((port) => port['nodePort'] !== undefined) : [];
    return new Map([
      ['count/services', ONE],
      ['services', ONE],
      ['services.nodeports', { ...ONE, nanos: ONE.nanos * BigInt(nodePorts.length) }],
      ['services.loadbalancers', isBalanced ? ONE : ZERO],
    ]);
  },
};

const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
const CLAIM_NAMES = ['persistentvolumeclaims', 'requests.storage'];

const claims: Countable = {
  group: '',
  plural: 'persistentvolumeclaims',
  countsUpdates: true,
  isAbout: (name) =>
    name === 'count/persistentvolumeclaims' ||
    CLAIM_NAMES.some((claimName) => name === claimName || name.endsWith(`${CLASS_SUFFIX}${claimName}`)),
  usage(claim) {
    const spec = specOf(claim);
    const usage = new Map([
      ['count/persistentvolumeclaims', ONE],
      ['persistentvolumeclaims', ONE],
    ]);
    const className = optionalStringAt(spec, 'storageClassName');
    const prefix = className === undefined ? undefined : `${className}${CLASS_SUFFIX}`;
    if (prefix !== undefined) usage.set(`${prefix}persistentvolumeclaims`, ONE);
    const storage = resourceListAt(objectAt(spec, 'resources'), 'requests').get('storage');
    if (storage === undefined) return usage;
    usage.set('requests.storage', storage);
    if (prefix !== undefined) usage.set(`${prefix}requests.storage`, storage);
    return usage;
  },
};

/** Kinds that had a name in quotas before all kinds could be counted. */
const OLD_NAMES = ['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets'];

/** What quotas count of a kind: for most the objects, by the name `count/<plural>.<group>`. */
export function countableOf({ group, plural }: { readonly group: string; readonly plural: string }): Countable {
  const special = [pods, services, claims].find((kind) => kind.group === group && kind.plural === plural);
  if (special) return special;
  const names = [`count/${qualifiedResource({ group, plural })}`];
  if (group === '' && OLD_NAMES.includes(plural)) names.push(plural);
  return {
    group,
    plural,
    countsUpdates: false,
    isAbout: (name) => names.includes(name),
    usage: () => new Map(names.map((name) => [name, ONE])),
  };
}

/** The kinds that names in `spec.hard` are about. */
export function countablesFor(names: readonly string[]): Countable[] {
  const found = [pods, services, claims].filter((kind) => names.some((name) => kind.isAbout(name)));
  for (const name of names) {
    if (found.some((kind) => kind.isAbout(name))) continue;
    const qualified = name.startsWith('count/')
      ? name.slice('count/'.length)
      : OLD_NAMES.includes(name)
        ? name
        : undefined;
    if (qualified === undefined) continue;
    const [plural = '', ...group] = qualified.split('.');
    found.push(countableOf({ group: group.join('.'), plural }));
  }
  return found;
}
