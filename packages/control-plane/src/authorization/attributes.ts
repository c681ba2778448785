/** What somebody wants to do, as RBAC sees it. */
export type Attributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  readonly type: 'resource';
  /** get, list, watch, create, update, patch, delete, deletecollection; also impersonate, escalate and bind. */
  readonly verb: string;
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource?: string;
  /** Absent at the cluster scope, and when all namespaces are meant. */
  readonly namespace?: string;
  /** Absent when a request names no object: creates, and most lists. */
  readonly name?: string;
}

export interface PathAttributes {
  readonly type: 'path';
  /** The HTTP method in lower case. */
  readonly verb: string;
  readonly path: string;
}

/** `pods`, `pods/status`. */
export function resourceWithSub({ resource, subresource }: ResourceAttributes): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}
