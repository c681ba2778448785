/** A kind as the API server serves it: everything a client needs to build the path of its objects. */
export interface ResourceType {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower-case plural, the path segment: `configmaps`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Group and version as an object's `apiVersion` spells them: `v1`, `apps/v1`. */
export function apiVersionOf(resource: Pick<ResourceType, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
