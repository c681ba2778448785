import type { KubernetesObject, ObjectMeta, ResourceType } from '@trueup/kube';
import type { z } from 'zod';
import type { Column } from './column.js';

/**
 * Anything the operator can read, watch or own: a kind of ours or a built-in one. The type parameter is what its objects
 * look like; at run time only `resource` exists.
 */
export interface KindOf<T extends KubernetesObject = KubernetesObject> {
  readonly resource: ResourceType;
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

/** One version of a kind. Exactly one version of a kind is the storage version. */
export interface VersionOptions {
  /** Objects are stored in this version. Default: true for the only version of a kind, otherwise false. */
  readonly storage?: boolean;
  /** Default true. */
  readonly served?: boolean;
  /** The warning that clients of this version get; marks it deprecated. */
  readonly deprecated?: string;
  /** The schema of `spec` in this version. Default: the kind's. Nothing converts between versions: fields it lacks are pruned. */
  readonly spec?: z.ZodType;
  /** The schema of `status` in this version. Default: the kind's. */
  readonly status?: z.ZodType;
  /** Default: the kind's. */
  readonly columns?: readonly Column[];
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
  readonly versions: Readonly<Record<string, VersionOptions>>;
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
