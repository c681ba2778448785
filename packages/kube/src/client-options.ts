import type { KubernetesObject } from './object.js';

/** What every request takes. */
export interface RequestOptions {
  /** Aborts the request; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Until the whole answer is there, retries included; for a watch until it begins. Default: 30 000. */
  readonly timeoutMs?: number;
  /**
   * Whether to try again after 429, a `Retry-After`, and, for reads, a broken connection or 502, 503, 504.
   * Default: true; a watch is never retried.
   */
  readonly retry?: boolean;
}

/** How much of an object is asked for. */
export interface ContentOptions {
  /**
   * Asks for the metadata alone: a fraction of the bytes, for kinds of which only names, labels or owners matter. What
   * comes has the apiVersion and kind of the resource and nothing beside its metadata.
   */
  readonly metadataOnly?: boolean;
}

export interface GetOptions extends RequestOptions, ContentOptions {
  readonly subresource?: string;
}

/** Which objects a list or watch is about. */
export interface Selection {
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends RequestOptions, Selection, ContentOptions {
  /** Objects in one page. Default: all in one. */
  readonly limit?: number;
  /** The page after the one that gave this token. */
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface PagesOptions extends RequestOptions, Selection, ContentOptions {
  /** Objects in one page. Default: 500, about 2 MB of pods. */
  readonly limit?: number;
}

export interface WatchOptions extends RequestOptions, Selection, ContentOptions {
  /** Changes after this version. Default: the current state as `ADDED` events, then changes. */
  readonly resourceVersion?: string;
  /**
   * Begins with the objects there are, as `ADDED` events, then a bookmark annotated `k8s.io/initial-events-end`, then
   * changes: a list and a watch in one. Servers before 1.32 refuse it.
   *
   * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists | Streaming lists}
   */
  readonly sendInitialEvents?: boolean;
  /** When the server should end the watch. Default: the server's choice. */
  readonly timeoutSeconds?: number;
  /** Ends the watch with an error when not a byte has come for so long; bookmarks come about once a minute. */
  readonly idleTimeoutMs?: number;
  /** Called when the server has accepted the watch. */
  readonly onOpen?: () => void;
}

export interface WriteOptions extends RequestOptions {
  readonly subresource?: string;
  /** Whose change this is in `managedFields`. Default: the client's. */
  readonly fieldManager?: string;
  /** Has the server check and answer, and change nothing. */
  readonly dryRun?: boolean;
  /** What the server does about fields it doesn't know. Default: its own, `Warn`. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields other managers own. Default: false; a controller wants true. */
  readonly force?: boolean;
}

export interface DeleteOptions extends RequestOptions {
  /** Deletes only this incarnation or this state of the object. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** What becomes of what it owns. Default: `Background`. */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** A list as the API server sends it; items carry apiVersion and kind, as they do in a watch. */
export interface ObjectList<T extends KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly T[];
}

/** One page of a list. */
export interface ListPage<T extends KubernetesObject> extends ObjectList<T> {
  /** Zero for the first page, and again when the list had to start over: forget the pages before it. */
  readonly index: number;
}
