import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { copyJson, equalJson } from '../json.js';
import type { Column, Resource, StoredForm, Strategy, Subresources, Verb } from '../resources/resource.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';
import { ageColumn } from './columns.js';
import { schemaOf } from './definitions.js';
import { validateEnums } from './enum-validation.js';
import { normalizeObject } from './go-codec.js';

/** A built-in kind: a resource that knows its OpenAPI definitions. */
export interface BuiltinResource extends Resource {
  /** The OpenAPI names of the kind and of what else its requests carry. */
  readonly definitions: readonly string[];
}

/** What is particular about a built-in kind; the rest follows from its OpenAPI definition. */
export interface BuiltinDefinition {
  /** OpenAPI name, `io.k8s.api.apps.v1.Deployment`. */
  readonly definition: string;
  readonly group: string;
  readonly version?: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Default true. */
  readonly namespaced?: boolean;
  /** Default: all. */
  readonly verbs?: readonly Verb[];
  readonly subresources?: Partial<Subresources>;
  /** Whether objects count their generations; see {@link contentChanged}. */
  readonly generation?: boolean;
  /** PUT needs a resourceVersion. */
  readonly conditionalUpdate?: boolean;
  readonly createOnUpdate?: boolean;
  readonly deleteReply?: Strategy['deleteReply'];
  readonly names?: Strategy['names'];
  readonly selectableFields?: Resource['selectableFields'];
  /** Default: Age. */
  readonly columns?: readonly Column[];
  readonly storedForm?: StoredForm;
  /** Default: none. See {@link Strategy.statusKeeps}. */
  readonly statusKeeps?: readonly string[];
  /** OpenAPI names of what its subresources take. */
  readonly subresourceBodies?: readonly string[];
  /** The status of a new object; default empty. For kinds with a status subresource. */
  initialStatus?(next: KubeObject): JsonObject;
  /** Fills defaults of an object that is in normal form. */
  defaults?(next: KubeObject): void;
  /** See {@link Strategy.load}. */
  load?(): Promise<void>;
  prepareForCreate?(next: KubeObject): void;
  prepareForUpdate?(next: KubeObject, old: KubeObject): void;
  prepareForDelete?(next: KubeObject): void;
  isHeld?(object: KubeObject): boolean;
  validate?(next: KubeObject, old?: KubeObject): readonly FieldError[];
  changesGeneration?(next: KubeObject, old: KubeObject): boolean;
  gracePeriodSeconds?(object: KubeObject): number;
}

const SCALE = 'io.k8s.api.autoscaling.v1.Scale';
const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export function defineBuiltin(kind: BuiltinDefinition): BuiltinResource {
  const name = kind.definition.slice(kind.definition.lastIndexOf('.') + 1);
  const verbs = kind.verbs ?? ALL_VERBS;
  return {
    group: kind.group,
    version: kind.version ?? 'v1',
    kind: name,
    listKind: `${name}List`,
    plural: kind.plural,
    singular: kind.singular ?? name.toLowerCase(),
    shortNames: kind.shortNames ?? [],
    categories: kind.categories ?? [],
    namespaced: kind.namespaced ?? true,
    verbs,
    custom: false,
    get schema(): Schema {
      return schemaOf(kind.definition);
    },
    subresources: { status: false, ...kind.subresources },
    strategy: strategyOf(kind),
    selectableFields: kind.selectableFields ?? {},
    columns: kind.columns ?? [ageColumn],
    definitions: [
      kind.definition,
      ...(verbs.includes('list') ? [`${kind.definition}List`] : []),
      ...(kind.subresources?.scale === undefined ? [] : [SCALE]),
      ...(kind.subresourceBodies ?? []),
    ],
    ...(kind.storedForm === undefined ? {} : { storedForm: kind.storedForm }),
  };
}

function strategyOf(kind: BuiltinDefinition): Strategy {
  const hasStatus = kind.subresources?.status === true;
  const changesGeneration = kind.changesGeneration ?? (kind.generation === true ? contentChanged : undefined);
  return {
    default(next) {
      normalizeObject(kind.definition, next);
      kind.defaults?.(next);
    },
    prepareForCreate(next) {
      if (hasStatus) next['status'] = kind.initialStatus?.(next) ?? {};
      kind.prepareForCreate?.(next);
      normalizeObject(kind.definition, next);
    },
    validate(next, old) {
      return [...validateEnums(schemaOf(kind.definition), next), ...(kind.validate?.(next, old) ?? [])];
    },
    // Clients and controllers write what they observe; the server has next to no opinion on it.
    validateStatus: () => [],
    allowUnconditionalUpdate: kind.conditionalUpdate !== true,
    allowCreateOnUpdate: kind.createOnUpdate === true,
    deleteReply: kind.deleteReply ?? 'status',
    ...(kind.names === undefined ? {} : { names: kind.names }),
    ...(kind.load === undefined ? {} : { load: kind.load }),
    ...(changesGeneration === undefined ? {} : { changesGeneration }),
    ...(kind.prepareForUpdate === undefined ? {} : { prepareForUpdate: kind.prepareForUpdate }),
    ...(kind.statusKeeps === undefined ? {} : { statusKeeps: kind.statusKeeps }),
    ...(kind.prepareForDelete === undefined ? {} : { prepareForDelete: kind.prepareForDelete }),
    ...(kind.isHeld === undefined ? {} : { isHeld: kind.isHeld }),
    ...(kind.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: kind.gracePeriodSeconds }),
  };
}

/** Whether anything but metadata and status differs: a new generation for most kinds that count them. */
export function contentChanged(next: KubeObject, old: KubeObject): boolean {
  return !equalJson(contentOf(next), contentOf(old));
}

function contentOf({ metadata: _metadata, status: _status, ...content }: KubeObject): JsonObject {
  return content;
}

/** What the server calls the metadata of a kind whose `/status` writes the status and nothing else. */
export const ALL_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** A copy of an object whose `spec` takes some fields from another one: for comparing what must not change. */
export function specWith(object: KubeObject, other: KubeObject, fields: readonly string[]): JsonObject {
  const spec: JsonObject = isJsonObject(object['spec']) ? copyJson(object['spec']) : {};
  const source: JsonObject = isJsonObject(other['spec']) ? other['spec'] : {};
  for (const field of fields) {
    if (source[field] === undefined) delete spec[field];
    else spec[field] = source[field];
  }
  return spec;
}
