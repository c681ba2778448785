import type { JsonObject } from '../object.js';
import type { Store } from '../storage/store.js';
import type { Admission } from './admission.js';
import type { ResourceRegistry } from './registry.js';
import type { Resource } from './resource.js';

/** What a write needs of the server. */
export interface WritePipeline {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly admission: Admission;
  now(): Date;
}

/** Who makes a request. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** The subresources that the write pipeline knows; others have handlers of their own. */
export type WritableSubresource = 'status' | 'scale' | 'finalize' | 'binding';

/** One write request, apart from its body. */
export interface WriteContext {
  readonly resource: Resource;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly subresource?: WritableSubresource;
  readonly user: UserInfo;
  /** Field manager: who owns the fields written. */
  readonly manager: string;
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** The options that the client gave, as CreateOptions, UpdateOptions or DeleteOptions have them. Default: none. */
  readonly options?: JsonObject;
  /** The request is for a whole collection: admission is not told the names of its objects. */
  readonly ofCollection?: boolean;
  /** Checks that the user may create, for a write that finds nothing to change. @throws StatusError 403. Default: may. */
  authorizeCreation?(): void;
  /** Adds a `Warning` header to the reply. */
  warn(text: string): void;
}
