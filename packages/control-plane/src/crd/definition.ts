import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';

/** A CustomResourceDefinition's spec, as validation leaves it. */
export interface DefinitionSpec {
  readonly group: string;
  readonly scope: 'Namespaced' | 'Cluster';
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
  readonly schema: Schema;
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
  const spec = objectOf(definition['spec']);
  return {
    group: textOf(spec['group']),
    scope: spec['scope'] === 'Cluster' ? 'Cluster' : 'Namespaced',
    names: namesOf(spec['names']),
    versions: listOf(spec['versions']).map(versionOf),
    conversion: objectOf(spec['conversion']),
  };
}

/** Names as spec.names or status.acceptedNames carry them. */
export function namesOf(value: unknown): DefinitionNames {
  const names = objectOf(value);
  return {
    plural: textOf(names['plural']),
    singular: textOf(names['singular']),
    kind: textOf(names['kind']),
    listKind: textOf(names['listKind']),
    shortNames: listOf(names['shortNames']).map(textOf),
    categories: listOf(names['categories']).map(textOf),
  };
}

export function conditionOf(definition: Readonly<KubeObject>, type: string): DefinitionCondition | undefined {
  return conditionsOf(definition).find((condition) => condition.type === type);
}

export function conditionsOf(definition: Readonly<KubeObject>): DefinitionCondition[] {
  return listOf(objectOf(definition['status'])['conditions']).map((value) => {
    const { type, status, lastTransitionTime, reason, message } = objectOf(value);
    return {
      type: textOf(type),
      status: textOf(status),
      ...(typeof lastTransitionTime === 'string' ? { lastTransitionTime } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
      ...(typeof message === 'string' ? { message } : {}),
    };
  });
}

function versionOf(value: unknown): DefinitionVersion {
  const version = objectOf(value);
  const subresources = objectOf(version['subresources']);
  const warning = version['deprecationWarning'];
  const scale = scaleOf(subresources['scale']);
  return {
    name: textOf(version['name']),
    served: version['served'] === true,
    storage: version['storage'] === true,
    deprecated: version['deprecated'] === true,
    ...(typeof warning === 'string' ? { deprecationWarning: warning } : {}),
    schema: objectOf(objectOf(version['schema'])['openAPIV3Schema']),
    status: subresources['status'] !== undefined && subresources['status'] !== null,
    ...(scale === undefined ? {} : { scale }),
    columns: listOf(version['additionalPrinterColumns']).map(columnOf),
    selectableFields: listOf(version['selectableFields']).map((field) => textOf(objectOf(field)['jsonPath'])),
  };
}

function scaleOf(value: unknown): DefinitionVersion['scale'] {
  if (!isJsonObject(value)) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = value;
  return {
    specReplicasPath: textOf(specReplicasPath),
    statusReplicasPath: textOf(statusReplicasPath),
    ...(typeof labelSelectorPath === 'string' && labelSelectorPath !== '' ? { labelSelectorPath } : {}),
  };
}

function columnOf(value: unknown): DefinitionColumn {
  const column = objectOf(value);
  return {
    name: textOf(column['name']),
    type: textOf(column['type']),
    format: textOf(column['format']),
    description: textOf(column['description']),
    priority: typeof column['priority'] === 'number' ? column['priority'] : 0,
    jsonPath: textOf(column['jsonPath']),
  };
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
