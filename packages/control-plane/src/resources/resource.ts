import type { KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';

/**
 * One kind in one version as the server serves it: its names, its schema, and the rules by which its objects are written.
 *
 * Built-in kinds are a table of these; a CustomResourceDefinition becomes one per served version. The generic write
 * pipeline (decode, default, admit, prepare, validate, store) knows kinds only through this.
 */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** True for kinds that come from a CustomResourceDefinition: their errors and media types differ from built-in kinds'. */
  readonly custom: boolean;
  /** The whole object's schema, `metadata` included for built-in kinds. */
  readonly schema: Schema;
  readonly subresources: Subresources;
  readonly strategy: Strategy;
  /** Field selectors beyond `metadata.name` and `metadata.namespace`: the label and how to read it. */
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
  readonly columns: readonly Column[];
  /** Shown as a `Warning` header with each request. */
  readonly deprecationWarning?: string;
  /** Absent for kinds that are stored as they are served, in a store of their own. */
  readonly storedForm?: StoredForm;
}

/** How a version of a kind relates to the form in which its objects are stored, shared with its other versions. */
export interface StoredForm {
  /** Names the store; equal for all resources that share it. */
  readonly key: string;
  /** From the version served to the form stored. The argument may be changed and returned. */
  toStored(object: KubeObject): KubeObject;
  /** From the form stored to the version served; the same object where nothing differs. */
  fromStored(stored: Readonly<KubeObject>): Readonly<KubeObject>;
  /** Present where the two methods above cannot convert: a webhook knows how. */
  readonly webhook?: ConversionWebhook;
}

/** Converts between versions that differ in more than their names. */
export interface ConversionWebhook {
  /** apiVersion in which objects are stored. */
  readonly storedVersion: string;
  toStored(object: KubeObject): Promise<KubeObject>;
  /** Whether an object is of another version than the one served. */
  isForeign(stored: Readonly<KubeObject>): boolean;
  /** @returns the objects in the version served, in the order given. */
  fromStored(stored: readonly Readonly<KubeObject>[]): Promise<readonly Readonly<KubeObject>[]>;
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface Subresources {
  readonly status: boolean;
  /** JSON paths as in a CRD: `.spec.replicas`, `.status.replicas`, `.status.selector`. */
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
}

/** What differs between kinds when their objects are written. But for `load`, pure functions; a `next` argument is the callee's to change. */
export interface Strategy {
  /** Loads what the others need, before the first write is admitted. Default: nothing is to be loaded. */
  load?(): Promise<void>;
  /**
   * Fills what a client left out, after decoding and after each patch.
   *
   * @param options.keepsNulls - Nulls of custom kinds without a default stay, to be refused. Default: they mean absent.
   */
  default?(next: KubeObject, options?: { readonly keepsNulls: boolean }): void;
  /** Before a create is validated: normalise, allocate (cluster IPs), reset status. */
  prepareForCreate?(next: KubeObject): void;
  /** Before an update of the main resource is validated. */
  prepareForUpdate?(next: KubeObject, old: KubeObject): void;
  /**
   * Before an update of `/status` is validated; the default takes everything but `status` and `metadata` from `old`, and
   * of metadata {@link Strategy.statusKeeps}.
   */
  prepareForStatusUpdate?(next: KubeObject, old: KubeObject): void;
  /** Fields of metadata that a write of `/status` does not change. Default: none; most built-in kinds let it change all. */
  readonly statusKeeps?: readonly string[];
  /** When an object is marked for deletion: finalizers of the server's own, a phase, a condition. */
  prepareForDelete?(next: KubeObject): void;
  /** Rules beyond the schema. `old` is absent on create. */
  validate?(next: KubeObject, old?: KubeObject): readonly FieldError[];
  /** Rules of `/status`; the default is `validate`. */
  validateStatus?(next: KubeObject, old: KubeObject): readonly FieldError[];
  /** Texts for `Warning` headers; asked after an object was validated, whether it was found valid or not. */
  warnings?(next: KubeObject, old?: KubeObject): readonly string[];
  /** Whether something beyond metadata.finalizers holds a deleted object (a Namespace's spec.finalizers). */
  isHeld?(object: KubeObject): boolean;
  /**
   * Whether the change from `old` to `next` counts as a new generation; absent for kinds that have no generation.
   * Called for main-resource writes only.
   */
  changesGeneration?(next: KubeObject, old: KubeObject): boolean;
  /** How a name must look; the default is a DNS-1123 subdomain. */
  readonly names?: 'subdomain' | 'label' | 'label-1035' | 'path-segment';
  /** PUT needs no resourceVersion. */
  readonly allowUnconditionalUpdate: boolean;
  /** PUT of a missing object creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** What DELETE answers once the object is gone. */
  readonly deleteReply: 'status' | 'object';
  /** Seconds of grace an object of this kind gets when the request names none; absent: deleted at once. */
  gracePeriodSeconds?(object: KubeObject): number;
}

/** A printer column. The server puts `Name` first by itself. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority: number;
  cell(object: KubeObject, nowMs: number): unknown;
}
