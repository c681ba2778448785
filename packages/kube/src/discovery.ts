import { isNotFound, KindNotServedError } from './errors.js';
import type { Operation } from './operation.js';
import { versionPath } from './resource-path.js';
import type { ResourceType } from './resource-type.js';

/** A kind one wants to know more about. */
export interface KindQuery {
  /** Empty for the core group. */
  readonly group: string;
  /** Default: the version the server prefers, or the first it lists that has the kind. */
  readonly version?: string;
  readonly kind: string;
}

type GetJson = (operation: Operation, path: string) => Promise<unknown>;

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/**
 * Kinds as the server serves them.
 *
 * @see {@link https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api | Discovery API}
 */
export class Discovery {
  readonly #get: GetJson;
  readonly #cached = new Map<string, Promise<readonly ResourceType[]>>();

  constructor(get: GetJson) {
    this.#get = get;
  }

  async find(query: KindQuery): Promise<ResourceType> {
    const known = await this.#search(query);
    if (known !== undefined) return known;
    const fresh = this.#forget(query.group) ? await this.#search(query) : undefined;
    if (fresh !== undefined) return fresh;
    const group = query.group === '' ? 'the core group' : query.group;
    const version = query.version === undefined ? '' : `, version ${query.version}`;
    throw new KindNotServedError(
      `The API server does not serve ${query.kind} in ${group}${version}; is its CustomResourceDefinition installed?`,
    );
  }

  async #search({ group, version, kind }: KindQuery): Promise<ResourceType | undefined> {
    const versions = version === undefined ? await this.#versions(group) : [version];
    for (const candidate of versions) {
      const found = (await this.#resources({ group, version: candidate })).find((resource) => resource.kind === kind);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Versions of a group, the preferred one first. */
  async #versions(group: string): Promise<readonly string[]> {
    if (group === '') return ['v1'];
    const answer = await this.#getOrNothing(operationFor({ group, version: '' }, 'APIGroup'), `/apis/${group}`);
    const { preferredVersion, versions } = (answer ?? {}) as ApiGroup;
    const names = (versions ?? []).map(({ version }) => version);
    return preferredVersion === undefined ? names : [...new Set([preferredVersion.version, ...names])];
  }

  #resources(groupVersion: GroupVersion): Promise<readonly ResourceType[]> {
    const path = versionPath(groupVersion);
    let resources = this.#cached.get(path);
    if (resources === undefined) {
      resources = this.#fetchResources(groupVersion, path);
      this.#cached.set(path, resources);
      resources.catch(() => this.#cached.delete(path));
    }
    return resources;
  }

  async #fetchResources({ group, version }: GroupVersion, path: string): Promise<readonly ResourceType[]> {
    const answer = await this.#getOrNothing(operationFor({ group, version }, 'APIResourceList'), path);
    const { resources = [] } = (answer ?? {}) as ApiResourceList;
    return resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced }) => ({ group, version, kind, plural: name, namespaced }));
  }

  async #getOrNothing(operation: Operation, path: string): Promise<unknown> {
    try {
      return await this.#get(operation, path);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #forget(group: string): boolean {
    const prefix = group === '' ? '/api/' : `/apis/${group}/`;
    const stale = [...this.#cached.keys()].filter((path) => path.startsWith(prefix));
    for (const path of stale) this.#cached.delete(path);
    return stale.length > 0;
  }
}

interface ApiGroup {
  readonly preferredVersion?: { readonly version: string };
  readonly versions?: readonly { readonly version: string }[];
}

interface ApiResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** Discovery documents are no resources; this is how errors and observers call them. */
function operationFor({ group, version }: GroupVersion, kind: 'APIGroup' | 'APIResourceList'): Operation {
  const name = [group, version].filter((part) => part !== '').join('/');
  return { verb: 'get', resource: { group, version, kind, plural: '', namespaced: false }, name };
}
