import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { jsonEqual } from '../schema/json.js';
import type { Schema } from '../schema/schema.js';

/** What the rules for CustomResourceDefinitions look at. A field that is absent reads as its Go zero value. */
export interface Definition {
  readonly group: string;
  readonly scope: string;
  readonly preservesUnknownFields: boolean;
  readonly names: DefinitionNames;
  readonly versions: readonly DefinitionVersion[];
  readonly conversion?: JsonObject;
  readonly storedVersions: readonly string[];
  readonly acceptedNames: DefinitionNames;
  readonly isEstablished: boolean;
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
  readonly isStorage: boolean;
  readonly isDeprecated: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: Schema;
  readonly subresources?: JsonObject;
  readonly columns: readonly JsonObject[];
  readonly selectableFields: readonly JsonObject[];
}

/**
 * Where errors about parts of a version are reported: the server keeps a part that all versions share in the spec, so
 * errors of a single version's schema are at `spec.validation`.
 */
export interface PartPaths {
  readonly schema: string;
  readonly subresources: string;
  readonly columns: string;
  readonly selectableFields: string;
}

export function readDefinition(crd: KubeObject): Definition {
  const spec = objectAt(crd, 'spec') ?? {};
  const status = objectAt(crd, 'status') ?? {};
  const conversion = objectAt(spec, 'conversion');
  return {
    group: textAt(spec, 'group'),
    scope: textAt(spec, 'scope'),
    preservesUnknownFields: spec.preserveUnknownFields === true,
    names: readNames(objectAt(spec, 'names') ?? {}),
    versions: objectsAt(spec, 'versions').map(readVersion),
    ...(conversion === undefined ? {} : { conversion }),
    storedVersions: textsAt(status, 'storedVersions'),
    acceptedNames: readNames(objectAt(status, 'acceptedNames') ?? {}),
    isEstablished: objectsAt(status, 'conditions').some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    ),
  };
}

/** The distinct parts of the versions, and where their errors are reported. */
export function partPaths(versions: readonly DefinitionVersion[], position: number): PartPaths {
  const own = `spec.versions[${position}]`;
  const base = (part: (version: DefinitionVersion) => unknown) => (areSame(versions.map(part)) ? 'spec' : own);
  const schemaBase = base((version) => version.schema);
  return {
    schema: schemaBase === 'spec' ? 'spec.validation' : `${own}.schema`,
    subresources: `${base((version) => version.subresources)}.subresources`,
    columns: `${base((version) => version.columns)}.additionalPrinterColumns`,
    selectableFields: `${base((version) => version.selectableFields)}.selectableFields`,
  };
}

function areSame([first, ...rest]: readonly unknown[]): boolean {
  return rest.every((part) => jsonEqual(part, first));
}

function readNames(names: JsonObject): DefinitionNames {
  return {
    plural: textAt(names, 'plural'),
    singular: textAt(names, 'singular'),
    kind: textAt(names, 'kind'),
    listKind: textAt(names, 'listKind'),
    shortNames: textsAt(names, 'shortNames'),
    categories: textsAt(names, 'categories'),
  };
}

function readVersion(version: JsonObject): DefinitionVersion {
  const schema = objectAt(objectAt(version, 'schema') ?? {}, 'openAPIV3Schema');
  const subresources = objectAt(version, 'subresources');
  return {
    name: textAt(version, 'name'),
    isStorage: version.storage === true,
    isDeprecated: version.deprecated === true,
    ...(typeof version.deprecationWarning === 'string' ? { deprecationWarning: version.deprecationWarning } : {}),
    ...(schema === undefined ? {} : { schema }),
    ...(subresources === undefined ? {} : { subresources }),
    columns: objectsAt(version, 'additionalPrinterColumns'),
    selectableFields: objectsAt(version, 'selectableFields'),
  };
}

export function textAt(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === 'string' ? value : '';
}

export function textsAt(object: JsonObject, field: string): string[] {
  const value = object[field];
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}

export function objectAt(object: JsonObject, field: string): JsonObject | undefined {
  const value = object[field];
  return isJsonObject(value) ? value : undefined;
}

export function objectsAt(object: JsonObject, field: string): JsonObject[] {
  const value = object[field];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
