import type { KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';

/** Who writes and when: what a managedFields entry records. */
export interface Writer {
  readonly manager: string;
  /** The version the request was made in, `apps/v1`. */
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly now: Date;
  /**
   * The object in another version of its kind, for managedFields entries that were recorded in that version; undefined
   * when it is no longer served, which drops such entries. When this is absent, versions differ in name only.
   */
  readonly inVersion?: (object: KubeObject, apiVersion: string) => VersionedObject | undefined;
}

export interface VersionedObject {
  readonly object: KubeObject;
  readonly schema: Schema;
}

/** A create, an update or a patch that is no apply, for which `managedFields` are to be set. */
export interface UpdateRequest extends Writer {
  readonly schema: Schema;
  /** A custom kind's `managedFields: []` counts as absent; a built-in kind's clears. */
  readonly custom: boolean;
  /** Absent for a create. */
  readonly live?: KubeObject;
  /** What a new object is compared with; absent: nothing but its type. */
  readonly zero?: KubeObject;
  /** The object to be stored; its `managedFields`, if any, are what the client sent. */
  readonly next: KubeObject;
  /** Fields that this endpoint does not write (`status` on the main path, `metadata.labels`): never owned through it. */
  readonly ignoredFields: readonly string[];
}

export interface ApplyRequest extends Writer {
  readonly schema: Schema;
  /** The kind that the endpoint serves. */
  readonly kind: string;
  /** A built-in kind starts as an empty Go struct, a custom one as nothing. */
  readonly custom: boolean;
  readonly live?: KubeObject;
  /** The applied configuration as sent, decoded. */
  readonly patch: KubeObject;
  readonly force: boolean;
  /** Fields that this endpoint does not write (`status` on the main path): dropped and not owned. */
  readonly ignoredFields: readonly string[];
}
