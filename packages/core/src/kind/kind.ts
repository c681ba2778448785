import type { KubernetesObject, ObjectMeta, ResourceType } from '@trueup/kube';
import type { z } from 'zod';
import type { Column } from './column.js';

/**
 * Anything the operator can read, watch or own: a kind of ours or a built-in one. The type parameter is what its objects
 * look like; at run time only `resource` exists.
 */
export interface KindOf<T extends KubernetesObject = KubernetesObject> {
  readonly resource: ResourceType;
  /** The objects with other labels are not there for the operator. Default: all are. */
  readonly labelSelector?: string;
  /** Never set: carries `T` for the compiler. */
  readonly objectType?: T;
}

/** The object type of a kind: `ObjectOf<typeof MCPServer>`. */
export type ObjectOf<K extends KindOf> = K extends KindOf<infer T> ? T : never;

/** An object of a kind defined in zod. `spec` has its defaults, as the API server filled them in. */
export interface CustomObject<Spec = unknown, Status = unknown> extends KubernetesObject {
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}

/** What a conversion makes of an object; of its metadata only labels and annotations can change. */
export interface ConvertedObject<Spec = unknown, Status = unknown> {
  readonly spec: Spec;
  /** Default: as it was. */
  readonly status?: Status;
  /** Default: as they were. */
  readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>;
}

/**
 * Converts between a version and the stored one, by a webhook that the operator serves. Pure functions: they are called for
 * every read and write in this version. What the other version has no field for is best kept in an annotation, so that
 * nothing is lost there and back.
 *
 * A {@link SpecError} tells the client why an object cannot be converted; it can then not be read in that version either.
 */
export interface VersionConversion<StoredSpec = unknown, StoredInput = unknown, StoredStatus = unknown> {
  toStored(object: CustomObject): ConvertedObject<StoredInput, StoredStatus>;
  fromStored(object: CustomObject<StoredSpec, StoredStatus>): ConvertedObject;
}

/** One version of a kind. Exactly one version of a kind is the storage version. */
export interface VersionOptions<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> {
  /** Objects are stored in this version. Default: true for the only version of a kind, otherwise false. */
  readonly storage?: boolean;
  /** Default true. */
  readonly served?: boolean;
  /** The warning that clients of this version get; marks it deprecated. */
  readonly deprecated?: string;
  /** The schema of `spec` in this version. Default: the kind's. Without `convert` fields it lacks are pruned. */
  readonly spec?: z.ZodType;
  /** The schema of `status` in this version. Default: the kind's. */
  readonly status?: z.ZodType;
  /** Default: the kind's. */
  readonly columns?: readonly Column[];
  /** Default: an object is the same in this version, apart from its `apiVersion`. Not for the stored version. */
  readonly convert?: VersionConversion<z.output<Spec>, z.input<Spec>, z.output<Status>>;
}

/** What `defineKind` takes. Everything about a kind is said here once; types, CRD, validation and columns follow. */
export interface KindDefinition<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> {
  readonly group: string;
  readonly kind: string;
  /** Default: the kind in lower case plus `s`. */
  readonly plural?: string;
  /** Default: the kind in lower case. */
  readonly singular?: string;
  /** Default `Namespaced`. */
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Shown by `kubectl explain`. */
  readonly description?: string;
  /** Labels of the CustomResourceDefinition itself. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, VersionOptions<Spec, Status>>>;
  readonly spec: Spec;
  /** Refuses objects without a `spec`. Default false. */
  readonly specRequired?: boolean;
  readonly status?: Status;
  readonly columns?: readonly Column[];
  /** JSON paths usable in field selectors, `.spec.color`. */
  readonly selectableFields?: readonly string[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
}

/** A kind defined in zod. Made by `defineKind`. */
export interface Kind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> extends KindOf<
  CustomObject<z.output<Spec>, z.output<Status>>
> {
  readonly definition: KindDefinition<Spec, Status>;
}

/** Whether a kind was defined in zod, so that its schema can be asked. */
export function isDefinedKind(kind: KindOf): kind is Kind {
  return 'definition' in kind;
}
