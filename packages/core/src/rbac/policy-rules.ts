import type { PolicyRule } from '../builtin-kinds.js';

/** Everything that is allowed on one resource, or on single objects of it. */
interface Grant {
  readonly group: string;
  readonly resource: string;
  /** Empty: all objects. */
  readonly names: readonly string[];
  readonly verbs: ReadonlySet<string>;
}

/**
 * The same permissions in as few rules as they can be read in: one for the resources of a group that share their verbs,
 * sorted, so that the same permissions always give the same text.
 */
export function mergeRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const merged = new Map<string, { readonly grant: Grant; readonly resources: string[] }>();
  for (const grant of grantsOf(rules)) {
    const key = JSON.stringify([grant.group, [...grant.verbs], grant.names]);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, { grant, resources: [grant.resource] });
    else same.resources.push(grant.resource);
  }
  return [...merged.values()].map(({ grant: { group, names, verbs }, resources }) => ({
    apiGroups: [group],
    resources,
    ...(names.length > 0 && { resourceNames: names }),
    verbs: [...verbs],
  }));
}

/** One grant a resource and set of names, sorted; what is allowed on all objects is not repeated for single ones. */
function grantsOf(rules: readonly PolicyRule[]): readonly Grant[] {
  const grants = new Map<string, Grant>();
  for (const { apiGroups = [], resources = [], resourceNames = [], verbs } of rules) {
    const names = [...resourceNames].sort();
    for (const group of apiGroups) {
      for (const resource of resources) {
        const key = keyOf(group, resource, names);
        const before = grants.get(key)?.verbs ?? [];
        grants.set(key, { group, resource, names, verbs: new Set([...before, ...verbs].sort()) });
      }
    }
  }
  return [...grants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, grant]) => {
      const onAll = grant.names.length === 0 ? undefined : grants.get(keyOf(grant.group, grant.resource, []))?.verbs;
      return { ...grant, verbs: new Set([...grant.verbs].filter((verb) => onAll?.has(verb) !== true)) };
    })
    .filter(({ verbs }) => verbs.size > 0);
}

function keyOf(group: string, resource: string, names: readonly string[]): string {
  return [group, resource, ...names].join('\n');
}

/** To make objects of these names, and these verbs on them. A name cannot limit `create`: there is no object yet when it is decided. */
export function makeOnce(
  { group, plural }: { readonly group: string; readonly plural: string },
  names: readonly string[],
  verbs: readonly string[],
): readonly PolicyRule[] {
  return [
    { apiGroups: [group], resources: [plural], verbs: ['create'] },
    { apiGroups: [group], resources: [plural], resourceNames: names, verbs },
  ];
}
