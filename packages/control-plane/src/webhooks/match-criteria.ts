import { objectAt, objectsAt, stringAt, stringsAt } from '../access.js';
import { isEmptySelector, matchesSelector } from '../builtins/label-selector.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { AdmissionRequest } from '../resources/admission.js';
import { notFound } from '../resources/errors.js';
import { storeKey } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import type { WebhookEnvironment } from './environment.js';

/** Which requests a webhook, a policy or a binding is about. */
export interface MatchCriteria {
  readonly rules: readonly Rule[];
  readonly excluded: readonly Rule[];
  readonly namespaceSelector: JsonObject;
  readonly objectSelector: JsonObject;
  /** A rule for one version of a kind is about its other versions as well. */
  readonly isEquivalent: boolean;
}

interface Rule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  /** `r`, `r/sub`, `*`, `r/*`, and those for all resources. */
  readonly resources: readonly string[];
  readonly scope: string;
  /** Empty: all. */
  readonly names: readonly string[];
}

/** Reads what a webhook (`rules`) and a policy's `matchConstraints` (`resourceRules`) share. */
export function readMatchCriteria(source: JsonObject, rules: 'rules' | 'resourceRules'): MatchCriteria {
  return {
    rules: objectsAt(source, rules).map(readRule),
    excluded: objectsAt(source, 'excludeResourceRules').map(readRule),
    namespaceSelector: objectAt(source, 'namespaceSelector'),
    objectSelector: objectAt(source, 'objectSelector'),
    isEquivalent: stringAt(source, 'matchPolicy') !== 'Exact',
  };
}

function readRule(rule: JsonObject): Rule {
  return {
    operations: stringsAt(rule, 'operations'),
    groups: stringsAt(rule, 'apiGroups'),
    versions: stringsAt(rule, 'apiVersions'),
    resources: stringsAt(rule, 'resources'),
    scope: stringAt(rule, 'scope'),
    names: stringsAt(rule, 'resourceNames'),
  };
}

/**
 * Whether a request is one of those the criteria are about.
 *
 * @returns the resource in the version that the rule is for, which may be another than the request's; undefined when the
 * request does not match.
 * @throws 404 when the request's namespace is not there to be selected.
 */
export function match(
  criteria: MatchCriteria,
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): Resource | undefined {
  const { resource } = request;
  if (!matchesNamespace(criteria, request, environment) || !matchesObject(criteria, request)) return undefined;
  const versions = criteria.isEquivalent ? [resource, ...otherVersions(resource, environment)] : [resource];
  const isAbout = (rules: readonly Rule[], version: Resource): boolean =>
    rules.some((rule) => matchesRule(rule, request, version));
  if (versions.some((version) => isAbout(criteria.excluded, version))) return undefined;
  return versions.find((version) => isAbout(criteria.rules, version));
}

/** Like {@link match}, where no rules at all mean any request: a binding may narrow down what its policy is about. */
export function matchesBinding(
  criteria: MatchCriteria,
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): boolean {
  const everything: Rule = {
    operations: ['*'],
    groups: ['*'],
    versions: ['*'],
    resources: ['*/*'],
    scope: '*',
    names: [],
  };
  const rules = criteria.rules.length === 0 ? [everything] : criteria.rules;
  return match({ ...criteria, rules }, request, environment) !== undefined;
}

function matchesRule(rule: Rule, request: AdmissionRequest, { group, version, plural, namespaced }: Resource): boolean {
  const { operation, subresource = '', object } = request;
  const name = request.name === '' ? (object?.metadata.name ?? '') : request.name;
  return (
    includes(rule.operations, operation) &&
    includes(rule.groups, group) &&
    includes(rule.versions, version) &&
    (rule.scope === '' || rule.scope === '*' || (rule.scope === 'Namespaced') === namespaced) &&
    rule.resources.some((text) => matchesResource(text, plural, subresource)) &&
    (rule.names.length === 0 || rule.names.includes(name))
  );
}

function includes(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}

/** `widgets/*` is about the widgets themselves, too; `widgets` and `*` are about no subresource. */
function matchesResource(text: string, plural: string, subresource: string): boolean {
  const slash = text.indexOf('/');
  const resource = slash < 0 ? text : text.slice(0, slash);
  const sub = slash < 0 ? '' : text.slice(slash + 1);
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource);
}

/** The other resources that serve the same objects. */
function otherVersions(resource: Resource, { registry }: WebhookEnvironment): readonly Resource[] {
  if (!resource.storedForm) return [];
  const key = storeKey(resource);
  return registry.all().filter((other) => other !== resource && storeKey(other) === key);
}

function matchesNamespace(
  { namespaceSelector }: MatchCriteria,
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): boolean {
  if (isEmptySelector(namespaceSelector)) return true;
  const { resource, namespace } = request;
  const isNamespace = resource.group === '' && resource.plural === 'namespaces';
  if (namespace === undefined && !isNamespace) return true;
  return matchesSelector(namespaceSelector, labelsOfNamespace(request, isNamespace, environment));
}

function labelsOfNamespace(
  { operation, subresource, object, namespace = '' }: AdmissionRequest,
  isNamespace: boolean,
  { store }: WebhookEnvironment,
): Readonly<Record<string, string>> | undefined {
  // The labels that a Namespace is about to have count, not those it had.
  if (isNamespace && subresource === undefined && operation !== 'DELETE') return object?.metadata.labels;
  const stored = store.table('namespaces').get(undefined, namespace);
  if (!stored) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace);
  return stored.metadata.labels;
}

function matchesObject({ objectSelector }: MatchCriteria, { object, oldObject }: AdmissionRequest): boolean {
  if (isEmptySelector(objectSelector)) return true;
  const isSelected = (candidate: Readonly<KubeObject> | undefined): boolean =>
    candidate !== undefined && matchesSelector(objectSelector, candidate.metadata.labels);
  return isSelected(object) || isSelected(oldObject);
}
