import { qualifiedResource } from './errors.js';
import type { Resource } from './resource.js';
import { compareVersions } from './version-order.js';

/** The versions of a group, best first, and what each serves. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly ServedVersion[];
}

export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly Resource[];
}

/** Everything the server serves at the moment: built-in kinds, and those of established CustomResourceDefinitions. */
export class ResourceRegistry {
  readonly #builtIn: readonly Resource[];
  readonly #custom = new Map<string, readonly Resource[]>();
  readonly #byPath = new Map<string, Resource>();
  #groups: readonly ServedGroup[] | undefined;
  #preferred: ReadonlyMap<string, Resource> | undefined;
  #revision = 0;

  constructor(builtIn: readonly Resource[]) {
    this.#builtIn = builtIn;
    for (const resource of builtIn) this.#byPath.set(pathOf(resource), resource);
  }

  /** Grows with each change: what is derived from the registry may be kept until then. */
  get revision(): number {
    return this.#revision;
  }

  /** What a path names. */
  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(pathOf({ group, version, plural }));
  }

  /** The resource in the group's preferred version. */
  preferred(group: string, plural: string): Resource | undefined {
    this.#preferred ??= preferredVersions(this.groups());
    return this.#preferred.get(`${group}/${plural}`);
  }

  /** The resource of a kind, as owner references name it. */
  ofKind(group: string, version: string, kind: string): Resource | undefined {
    const served = this.group(group)?.versions.find((candidate) => candidate.version === version);
    return served?.resources.find((resource) => resource.kind === kind);
  }

  group(name: string): ServedGroup | undefined {
    return this.groups().find((group) => group.name === name);
  }

  /** In order of priority: built-in groups as they were given, then groups of CustomResourceDefinitions by name. */
  groups(): readonly ServedGroup[] {
    return (this.#groups ??= arrange(this.all()));
  }

  all(): readonly Resource[] {
    return [...this.#builtIn, ...[...this.#custom.values()].flat()];
  }

  /** Serves the versions of a CustomResourceDefinition, instead of those it had before. */
  setCustom(definition: string, resources: readonly Resource[]): void {
    for (const resource of this.#custom.get(definition) ?? []) this.#byPath.delete(pathOf(resource));
    if (resources.length === 0) this.#custom.delete(definition);
    else this.#custom.set(definition, resources);
    for (const resource of resources) this.#byPath.set(pathOf(resource), resource);
    this.#groups = undefined;
    this.#preferred = undefined;
    this.#revision++;
  }
}

/** The store of a resource, by name. */
export function storeKey(resource: Resource): string {
  return resource.storedForm?.key ?? qualifiedResource(resource);
}

/** `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `{group: 'apps', version: 'v1'}` of `apps/v1`. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

function pathOf({ group, version, plural }: { group: string; version: string; plural: string }): string {
  return `${group}/${version}/${plural}`;
}

/** By group and plural: of each resource its best version. */
function preferredVersions(groups: readonly ServedGroup[]): ReadonlyMap<string, Resource> {
  const served = groups.flatMap(({ versions }) => versions).flatMap(({ resources }) => resources);
  return new Map(served.reverse().map((resource) => [`${resource.group}/${resource.plural}`, resource]));
}

function arrange(resources: readonly Resource[]): ServedGroup[] {
  const groups = new Map<string, Map<string, Resource[]>>();
  const customGroups = new Set<string>();
  for (const resource of resources) {
    let versions = groups.get(resource.group);
    if (!versions) {
      groups.set(resource.group, (versions = new Map()));
      if (resource.custom) customGroups.add(resource.group);
    }
    const served = versions.get(resource.version);
    if (served) served.push(resource);
    else versions.set(resource.version, [resource]);
  }
  const names = [...groups.keys()];
  const ordered = [
    ...names.filter((name) => !customGroups.has(name)),
    ...names.filter((name) => customGroups.has(name)).sort(),
  ];
  return ordered.map((name) => ({
    name,
    versions: [...(groups.get(name) ?? [])]
      .sort(([left], [right]) => compareVersions(left, right))
      .map(([version, served]) => ({ version, resources: served })),
  }));
}
