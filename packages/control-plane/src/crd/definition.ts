import {
  booleanAt,
  numberAt,
  objectAt,
  objectsAt,
  optionalObjectAt,
  optionalStringAt,
  stringAt,
  stringsAt,
} from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';

/** A CustomResourceDefinition's spec. What is absent, which in a valid one little is, reads as its Go zero value. */
export interface DefinitionSpec {
  readonly group: string;
  /** `Namespaced` or `Cluster` in a valid one. */
  readonly scope: string;
  readonly preserveUnknownFields: boolean;
  readonly names: DefinitionNames;
  readonly versions: readonly DefinitionVersion[];
  readonly conversion: JsonObject;
}

export interface DefinitionNames {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated: boolean;
  readonly deprecationWarning?: string;
  /** Always there in a valid one. */
  readonly schema?: Schema;
  /** Whether it has the subresource. */
  readonly status: boolean;
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  readonly columns: readonly DefinitionColumn[];
  readonly selectableFields: readonly string[];
}

export interface DefinitionColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  readonly jsonPath: string;
}

export type ConditionStatus = 'True' | 'False';

export interface DefinitionCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The finalizer that holds a definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export const DEFINITIONS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' } as const;

export function specOf(definition: Readonly<KubeObject>): DefinitionSpec {
  const spec = objectAt(definition, 'spec');
  return {
    group: stringAt(spec, 'group'),
    scope: stringAt(spec, 'scope'),
    preserveUnknownFields: booleanAt(spec, 'preserveUnknownFields'),
    names: namesAt(spec, 'names'),
    versions: objectsAt(spec, 'versions').map(versionOf),
    conversion: objectAt(spec, 'conversion'),
  };
}

/** The names that the server lets it have. */
export function acceptedNamesOf(definition: Readonly<KubeObject>): DefinitionNames {
  return namesAt(statusOf(definition), 'acceptedNames');
}

/** The versions that objects may be stored in. */
export function storedVersionsOf(definition: Readonly<KubeObject>): readonly string[] {
  return stringsAt(statusOf(definition), 'storedVersions');
}

export function conditionOf(definition: Readonly<KubeObject>, type: string): DefinitionCondition | undefined {
  return objectsAt(statusOf(definition), 'conditions')
    .filter((condition) => condition['type'] === type)
    .map(readCondition)[0];
}

export function isConditionTrue(definition: Readonly<KubeObject>, type: string): boolean {
  return conditionOf(definition, type)?.status === 'True';
}

function readCondition(condition: JsonObject): DefinitionCondition {
  const lastTransitionTime = optionalStringAt(condition, 'lastTransitionTime');
  const reason = optionalStringAt(condition, 'reason');
  const message = optionalStringAt(condition, 'message');
  return {
    type: stringAt(condition, 'type'),
    status: stringAt(condition, 'status'),
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function namesAt(parent: JsonObject, key: string): DefinitionNames {
  const names = objectAt(parent, key);
  return {
    plural: stringAt(names, 'plural'),
    singular: stringAt(names, 'singular'),
    kind: stringAt(names, 'kind'),
    listKind: stringAt(names, 'listKind'),
    shortNames: stringsAt(names, 'shortNames'),
    categories: stringsAt(names, 'categories'),
  };
}

function versionOf(version: JsonObject): DefinitionVersion {
  const subresources = objectAt(version, 'subresources');
  const schema = optionalObjectAt(objectAt(version, 'schema'), 'openAPIV3Schema');
  const deprecationWarning = optionalStringAt(version, 'deprecationWarning');
  const scale = optionalObjectAt(subresources, 'scale');
  return {
    name: stringAt(version, 'name'),
    served: booleanAt(version, 'served'),
    storage: booleanAt(version, 'storage'),
    deprecated: booleanAt(version, 'deprecated'),
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
    ...(schema === undefined ? {} : { schema }),
    status: optionalObjectAt(subresources, 'status') !== undefined,
    ...(scale === undefined ? {} : { scale: scaleOf(scale) }),
    columns: objectsAt(version, 'additionalPrinterColumns').map(columnOf),
    selectableFields: objectsAt(version, 'selectableFields').map((field) => stringAt(field, 'jsonPath')),
  };
}

function scaleOf(scale: JsonObject): NonNullable<DefinitionVersion['scale']> {
  const labelSelectorPath = stringAt(scale, 'labelSelectorPath');
  return {
    specReplicasPath: stringAt(scale, 'specReplicasPath'),
    statusReplicasPath: stringAt(scale, 'statusReplicasPath'),
    ...(labelSelectorPath === '' ? {} : { labelSelectorPath }),
  };
}

function columnOf(column: JsonObject): DefinitionColumn {
  return {
    name: stringAt(column, 'name'),
    type: stringAt(column, 'type'),
    format: stringAt(column, 'format'),
    description: stringAt(column, 'description'),
    priority: numberAt(column, 'priority'),
    jsonPath: stringAt(column, 'jsonPath'),
  };
}

function statusOf(definition: Readonly<KubeObject>): JsonObject {
  return objectAt(definition, 'status');
}
