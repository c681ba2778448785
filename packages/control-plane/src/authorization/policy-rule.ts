import { stringsAt } from '../access.js';
import type { JsonObject } from '../object.js';
import { quote } from '../schema/field-error.js';
import { resourceWithSub, type Attributes } from './attributes.js';

/** A rule of a Role or ClusterRole. Lists that do not matter to it are empty. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: all. */
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

const ALL = '*';

export function readRule(rule: JsonObject): PolicyRule {
  return {
    verbs: stringsAt(rule, 'verbs'),
    apiGroups: stringsAt(rule, 'apiGroups'),
    resources: stringsAt(rule, 'resources'),
    resourceNames: stringsAt(rule, 'resourceNames'),
    nonResourceURLs: stringsAt(rule, 'nonResourceURLs'),
  };
}

/**
 * Whether a rule allows a request.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources | Referring to resources}
 */
export function allows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if (attributes.type === 'path') return rule.nonResourceURLs.some((url) => coversUrl(url, attributes.path));
  const { group, name = '' } = attributes;
  return (
    includes(rule.apiGroups, group) &&
    coversResource(rule.resources, resourceWithSub(attributes)) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

/** Whether one rule gives everything that another one gives. */
export function covers(owned: PolicyRule, wanted: PolicyRule): boolean {
  return (
    wanted.verbs.every((verb) => includes(owned.verbs, verb)) &&
    wanted.apiGroups.every((group) => includes(owned.apiGroups, group)) &&
    wanted.resources.every((resource) => coversResource(owned.resources, resource)) &&
    wanted.nonResourceURLs.every((url) => owned.nonResourceURLs.some((own) => coversUrl(own, url))) &&
    (owned.resourceNames.length === 0 ||
      (wanted.resourceNames.length > 0 && wanted.resourceNames.every((name) => owned.resourceNames.includes(name))))
  );
}

/** The rule as rules of one verb on one thing each. */
export function breakDown(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const single = (part: Partial<PolicyRule>): PolicyRule => ({
    verbs: [],
    apiGroups: [],
    resources: [],
    resourceNames: [],
    nonResourceURLs: [],
    ...part,
  });
  const names = resourceNames.length === 0 ? [[]] : resourceNames.map((name) => [name]);
  return [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          names.map((name) =>
            single({ verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: name }),
          ),
        ),
      ),
    ),
    ...nonResourceURLs.flatMap((url) => verbs.map((verb) => single({ verbs: [verb], nonResourceURLs: [url] }))),
  ];
}

/** Joins rules that {@link breakDown} made and that differ in their verb alone. */
export function joinVerbs(rules: readonly PolicyRule[]): PolicyRule[] {
  const joined = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...target } = rule;
    // Paths stay apart: so does a real server's message.
    const key = rule.nonResourceURLs.length > 0 ? JSON.stringify(rule) : JSON.stringify(target);
    const before = joined.get(key);
    joined.set(key, before === undefined ? rule : { ...rule, verbs: [...new Set([...before.verbs, ...verbs])] });
  }
  return [...joined.values()];
}

/** A rule as messages show it: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function describeRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const;
  const shown = parts.filter(([, values]) => values.length > 0).map(([name, values]) => `${name}:${quoteList(values)}`);
  return `{${shown.join(', ')}}`;
}

/** A list of texts as Go prints it. */
export function quoteList(values: readonly string[]): string {
  return `[${values.map(quote).join(' ')}]`;
}

function includes(list: readonly string[], value: string): boolean {
  return list.includes(ALL) || list.includes(value);
}

/** A star covers everything, a star before a subresource that subresource of everything. */
function coversResource(list: readonly string[], resource: string): boolean {
  if (includes(list, resource)) return true;
  const slash = resource.indexOf('/');
  return slash > 0 && list.includes(`${ALL}${resource.slice(slash)}`);
}

function coversUrl(own: string, url: string): boolean {
  return own === url || (own.endsWith(ALL) && url.startsWith(own.slice(0, -1)));
}
