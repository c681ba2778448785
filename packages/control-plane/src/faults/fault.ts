/** Which requests a fault meets, in the terms of RBAC. What is left out may be anything. */
export interface FaultMatch {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`. */
  readonly verb?: string;
  /** Empty: the core group. */
  readonly group?: string;
  /** Plural. */
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Who makes the request. */
  readonly user?: string;
}

/** What goes wrong. */
export type FaultEffect =
  /** The answer is this error; nothing is done. */
  | {
      readonly type: 'status';
      /** HTTP status, 400 to 599. */
      readonly code: number;
      /** Default: what Kubernetes says with this code. */
      readonly reason?: string;
      readonly message?: string;
      /** Goes into the Status and the header `Retry-After`. */
      readonly retryAfterSeconds?: number;
    }
  /** The request waits before it is looked at. */
  | { readonly type: 'latency'; readonly ms: number }
  /** The connection is cut: before the request is looked at, or after it is done and before it is answered. */
  | { readonly type: 'reset'; readonly when: 'before' | 'after' }
  /** Open watches lose their connection, and those that are opened. */
  | { readonly type: 'cut-watch' }
  /** Watches stay open, but are sent nothing until the fault is removed; then what they have missed. */
  | { readonly type: 'stall-watch' }
  /** Watches end with the error 410, as if they had fallen behind what the server remembers. */
  | { readonly type: 'expire-watch' }
  /** Bookmarks are not sent. */
  | { readonly type: 'drop-bookmarks' }
  /** An event of a watch is sent twice. */
  | { readonly type: 'repeat-events' }
  /** Of an event of a watch half a line is sent; with it the watch ends. */
  | { readonly type: 'halve-events' }
  /** Discovery says nothing of an API group, which is served as ever. Nothing is matched, nothing counted. */
  | { readonly type: 'hide-group'; readonly group: string }
  /** The server's clock is ahead of the client's by this, or behind if it is negative. Nothing is matched, nothing counted. */
  | { readonly type: 'skew-clock'; readonly ms: number };

/** A fault to inject: what goes wrong, for which requests or events, how often. */
export type Fault = FaultEffect & {
  readonly match?: FaultMatch;
  /** How many requests, watches, bookmarks or events it meets. Default: all, until it is removed. */
  readonly times?: number;
};

/** What a fault is matched with. */
export type FaultSubject = FaultMatch;

export function matches({ match = {} }: Fault, subject: FaultSubject): boolean {
  const { verb, group, resource, subresource, namespace, name, user } = match;
  return (
    (verb ?? subject.verb) === subject.verb &&
    (group ?? subject.group) === subject.group &&
    (resource ?? subject.resource) === subject.resource &&
    (subresource ?? subject.subresource) === subject.subresource &&
    (namespace ?? subject.namespace) === subject.namespace &&
    (name ?? subject.name) === subject.name &&
    (user ?? subject.user) === subject.user
  );
}
