import { ensureObjectAt, objectAt, objectsAt, specOf, stringAt } from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';
import { formatQuantity, NANO, type Quantity } from '../quantity.js';
import { podResources } from '../quota/pod-resources.js';
import { namesOf, resourceListAt, ZERO, type ResourceList } from '../quota/resource-list.js';
import { refusal } from '../resources/admission-request.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import type { Table } from '../storage/table.js';

const ANNOTATION = 'kubernetes.io/limit-ranger';

/**
 * Gives containers the requests and limits that a LimitRange of their namespace has for them, and refuses pods and claims
 * that ask for less or more than it allows.
 *
 * @see {@link https://kubernetes.io/docs/concepts/policy/limit-range/ | Limit ranges}
 */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #limitRanges: Table;

  constructor(limitRanges: Table) {
    this.#limitRanges = limitRanges;
  }

  mutate(request: AdmissionRequest): void {
    if (this.#limitRanges.size === 0 || !isNew(request, 'pods')) return;
    for (const limitRange of this.#limitRanges.list(request.namespace)) applyDefaults(request.object, limitRange);
  }

  validate(request: AdmissionRequest): void {
    if (this.#limitRanges.size === 0) return;
    for (const limitRange of this.#limitRanges.list(request.namespace)) {
      const items = objectsAt(specOf(limitRange), 'limits');
      const problems = isNew(request, 'pods')
        ? items.flatMap((item) => podProblems(request.object, item))
        : isClaim(request)
          ? items.flatMap((item) => claimProblems(request.object, item))
          : [];
      const [first] = problems;
      if (first !== undefined) throw refusal(request, problems.length === 1 ? first : `[${problems.join(', ')}]`);
    }
  }
}

type Submission = AdmissionRequest & { readonly object: KubeObject };

function isNew(request: AdmissionRequest, plural: string): request is Submission {
  const { operation, resource, subresource, object } = request;
  const isOfKind = resource.group === '' && resource.plural === plural;
  return operation === 'CREATE' && isOfKind && subresource === undefined && object !== undefined;
}

function isClaim(request: AdmissionRequest): request is Submission {
  const { operation, resource, subresource, object } = request;
  const isWritten = (operation === 'CREATE' || operation === 'UPDATE') && subresource === undefined;
  return isWritten && resource.plural === 'persistentvolumeclaims' && resource.group === '' && object !== undefined;
}

/** Fills what containers leave open, and says so in an annotation. */
function applyDefaults(pod: KubeObject, limitRange: Readonly<KubeObject>): void {
  const done: string[] = [];
  for (const item of objectsAt(specOf(limitRange), 'limits')) {
    if (item['type'] !== 'Container') continue;
    for (const [field, label] of [
      ['containers', 'container'],
      ['initContainers', 'init container'],
    ] as const) {
      for (const container of objectsAt(specOf(pod), field)) {
        const where = `${label} ${stringAt(container, 'name')}`;
        done.push(...fill(container, 'requests', objectAt(item, 'defaultRequest'), `request for ${where}`));
        done.push(...fill(container, 'limits', objectAt(item, 'default'), `limit for ${where}`));
      }
    }
  }
  if (done.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${done.join('; ')}`,
  };
}

/** @returns what was filled, in words. */
function fill(container: JsonObject, field: 'requests' | 'limits', defaults: JsonObject, what: string): string[] {
  const present = objectAt(objectAt(container, 'resources'), field);
  const missing = Object.keys(defaults).filter((name) => present[name] === undefined);
  if (missing.length === 0) return [];
  const amounts = ensureObjectAt(ensureObjectAt(container, 'resources'), field);
  for (const name of missing) amounts[name] = defaults[name];
  return [`${missing.sort().join(', ')} ${what}`];
}

/** What something asks for, as limits are held against it. */
interface Demand {
  /** As messages name it. */
  readonly type: string;
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

function podProblems(pod: KubeObject, item: JsonObject): string[] {
  const type = stringAt(item, 'type');
  if (type === 'Pod') {
    return problemsOf({ type, requests: podResources(pod, 'requests'), limits: podResources(pod, 'limits') }, item);
  }
  if (type !== 'Container') return [];
  return ['containers', 'initContainers']
    .flatMap((field) => objectsAt(specOf(pod), field))
    .flatMap((container) => {
      const resources = objectAt(container, 'resources');
      const [requests, limits] = [resourceListAt(resources, 'requests'), resourceListAt(resources, 'limits')];
      return problemsOf({ type, requests, limits }, item);
    });
}

function problemsOf(demand: Demand, item: JsonObject): string[] {
  return [
    ...eachOf(item, 'min', (name, least) => minProblem(demand, name, least)),
    ...eachOf(item, 'max', (name, most) => maxProblem(demand, name, most)),
    ...eachOf(item, 'maxLimitRequestRatio', (name, ratio) => ratioProblem(demand, name, ratio)),
  ];
}

function eachOf(
  item: JsonObject,
  field: string,
  problem: (name: string, bound: Quantity) => string | undefined,
): string[] {
  const bounds = resourceListAt(item, field);
  return namesOf(bounds).flatMap((name) => problem(name, bounds.get(name) ?? ZERO) ?? []);
}

function minProblem({ type, requests, limits }: Demand, name: string, least: Quantity): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${formatQuantity(least)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (request.nanos < least.nanos) return `${rule}, but request is ${formatQuantity(request)}`;
  return limit && limit.nanos < least.nanos ? `${rule}, but limit is ${formatQuantity(limit)}` : undefined;
}

function maxProblem({ type, requests, limits }: Demand, name: string, most: Quantity): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${formatQuantity(most)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (limit.nanos > most.nanos) return `${rule}, but limit is ${formatQuantity(limit)}`;
  return request && request.nanos > most.nanos ? `${rule}, but request is ${formatQuantity(request)}` : undefined;
}

function ratioProblem({ type, requests, limits }: Demand, name: string, ratio: Quantity): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${formatQuantity(ratio)}`;
  const [request, limit] = [requests.get(name)?.nanos ?? 0n, limits.get(name)?.nanos ?? 0n];
  if (request === 0n) return `${rule}, but no request is specified or request is 0`;
  if (limit === 0n) return `${rule}, but no limit is specified or limit is 0`;
  if (limit * NANO <= request * ratio.nanos) return undefined;
  return `${rule}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`;
}

/** Claims have no limits: their requests are held against both bounds. */
function claimProblems(claim: KubeObject, item: JsonObject): string[] {
  if (item['type'] !== 'PersistentVolumeClaim') return [];
  const requests = resourceListAt(objectAt(specOf(claim), 'resources'), 'requests');
  const demand: Demand = { type: 'PersistentVolumeClaim', requests, limits: new Map() };
  return [
    ...eachOf(item, 'min', (name, least) => minProblem(demand, name, least)),
    ...eachOf(item, 'max', (name, most) => {
      const request = requests.get(name);
      const rule = `maximum ${name} usage per PersistentVolumeClaim is ${formatQuantity(most)}`;
      if (request === undefined) return `${rule}.  No request is specified`;
      return request.nanos > most.nanos ? `${rule}, but request is ${formatQuantity(request)}` : undefined;
    }),
  ];
}
