import { compileRules, type RuleSet } from '../cel/rules.js';
import { copyJson, equalJson, valueAt } from '../json.js';
import type { JsonObject, KubeObject } from '../object.js';
import { qualifiedResource } from '../resources/errors.js';
import { apiVersionOf } from '../resources/registry.js';
import type { ConversionWebhook, Resource, StoredForm, Strategy, Verb } from '../resources/resource.js';
import { compareVersions } from '../resources/version-order.js';
import { applyDefaults, fillDefaults, isDefaulted } from '../schema/default.js';
import { invalid } from '../schema/field-error.js';
import { prune } from '../schema/prune.js';
import type { Schema } from '../schema/schema.js';
import { validateCustomObject } from '../schema/validate-custom-object.js';
import type { FieldError } from '../status-error.js';
import type { DefinitionNames, DefinitionSpec, DefinitionVersion } from './definition.js';
import { compileJsonPath } from './json-path.js';
import { printerColumns } from './printer-columns.js';
import { sharedSchema } from './shared-schema.js';

const VERBS: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const VERBS_WHILE_TERMINATING: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const INT32_MAX = 2 ** 31 - 1;

/** Asks a conversion webhook for objects of one kind in another version; gives them back in the same order. */
export type VersionConverter = (
  objects: readonly Readonly<KubeObject>[],
  apiVersion: string,
) => Promise<readonly KubeObject[]>;

export interface CustomResourceOptions {
  /** The definition is being deleted: no new objects. */
  readonly terminating: boolean;
  /** For the conversion strategy Webhook. */
  readonly converter?: VersionConverter;
}

/**
 * The resources that a CustomResourceDefinition serves, one a served version.
 *
 * @param names - The accepted names.
 */
export function customResources(
  spec: DefinitionSpec,
  names: DefinitionNames,
  options: CustomResourceOptions,
): Resource[] {
  const storage = spec.versions.find((version) => version.storage);
  return spec.versions
    .filter((version) => version.served)
    .map((version) => customResource(spec, names, version, storage ?? version, options));
}

function customResource(
  spec: DefinitionSpec,
  names: DefinitionNames,
  version: DefinitionVersion,
  storage: DefinitionVersion,
  { terminating, converter }: CustomResourceOptions,
): Resource {
  const warning = deprecationWarning(spec, names, version);
  return {
    group: spec.group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind,
    plural: names.plural,
    singular: names.singular,
    shortNames: names.shortNames,
    categories: names.categories,
    namespaced: spec.scope === 'Namespaced',
    verbs: terminating ? VERBS_WHILE_TERMINATING : VERBS,
    custom: true,
    schema: schemaOf(version),
    subresources: { status: version.status, ...(version.scale ? { scale: version.scale } : {}) },
    strategy: customStrategy(spec.group, names.kind, version),
    selectableFields: Object.fromEntries(version.selectableFields.map(selectableField)),
    columns: printerColumns(version.columns),
    ...(warning === undefined ? {} : { deprecationWarning: warning }),
    storedForm: storedForm(spec, names.plural, version, storage, converter),
  };
}

function customStrategy(group: string, kind: string, version: DefinitionVersion): Strategy {
  const { scale } = version;
  const schema = schemaOf(version);
  const apiVersion = apiVersionOf({ group, version: version.name });
  // Compiled when it is first needed: a definition that nobody writes objects of costs nothing.
  let compiled: RuleSet | undefined;
  const rules = (): RuleSet => (compiled ??= compileRules(schema));
  const warned = new WeakMap<KubeObject, readonly string[]>();

  const check = (next: KubeObject, old: KubeObject | undefined, status: boolean): FieldError[] => {
    const types = typeErrors(next, kind, apiVersion);
    if (types.length > 0) return types;
    const others = scale
      ? [...(status ? [] : specReplicasErrors(next, scale)), ...statusReplicasErrors(next, scale)]
      : [];
    const { errors, warnings } = validateCustomObject(schema, rules(), next, {
      status,
      others,
      ...(old ? { old } : {}),
    });
    warned.set(next, warnings);
    return errors;
  };

  return {
    default(next, { keepsNulls } = { keepsNulls: false }) {
      if (keepsNulls) fillDefaults(schema, next);
      else applyDefaults(schema, next);
    },
    validate: (next, old) => check(next, old, false),
    prepareForStatusUpdate(next, old) {
      const { status } = next;
      const { managedFields } = next.metadata;
      for (const key of Object.keys(next)) Reflect.deleteProperty(next, key);
      Object.assign(next, old, { metadata: { ...old.metadata } });
      if (managedFields === undefined) Reflect.deleteProperty(next.metadata, 'managedFields');
      else next.metadata.managedFields = managedFields;
      if (status === undefined) Reflect.deleteProperty(next, 'status');
      else next['status'] = status;
    },
    validateStatus: (next, old) => check(next, old, true),
    warnings: (next) => warned.get(next) ?? [],
    changesGeneration: (next, old) => !equalJson(contentOf(next), contentOf(old)),
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: false,
    deleteReply: 'status',
  };
}

function typeErrors(object: KubeObject, kind: string, apiVersion: string): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== kind) errors.push(invalid('kind', object.kind, `must be ${kind}`));
  if (object.apiVersion !== apiVersion) {
    errors.push(invalid('apiVersion', object.apiVersion, `must be ${apiVersion}`));
  }
  return errors;
}

/** A valid version has a schema. */
const NO_SCHEMA: Schema = Object.freeze({});

function schemaOf({ schema = NO_SCHEMA }: DefinitionVersion): Schema {
  return sharedSchema(schema);
}

type ScalePaths = NonNullable<DefinitionVersion['scale']>;

function specReplicasErrors(object: KubeObject, { specReplicasPath }: ScalePaths): FieldError[] {
  return integerErrors(object, specReplicasPath);
}

function statusReplicasErrors(object: KubeObject, { statusReplicasPath, labelSelectorPath }: ScalePaths): FieldError[] {
  const errors = integerErrors(object, statusReplicasPath);
  if (labelSelectorPath !== undefined) {
    const selector = valueAt(object, keysOf(labelSelectorPath));
    if (selector !== undefined && typeof selector !== 'string') {
      errors.push(invalid(labelSelectorPath, '', accessorError(labelSelectorPath, selector, 'string')));
    }
  }
  return errors;
}

function integerErrors(object: KubeObject, path: string): FieldError[] {
  const value = valueAt(object, keysOf(path));
  if (value === undefined) return [];
  if (!Number.isInteger(value)) return [invalid(path, 0, accessorError(path, value, 'int64'))];
  if (Number(value) < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return Number(value) > INT32_MAX
    ? [invalid(path, value, `should be less than or equal to ${String(INT32_MAX)}`)]
    : [];
}

function accessorError(path: string, value: unknown, wanted: string): string {
  return `${path} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${wanted}`;
}

function goValue(value: unknown): string {
  if (value === null) return '<nil>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/**
 * Objects are stored in the storage version. They are read with the defaults of the version they were stored in, and come
 * into another one by their apiVersion alone or by a webhook; what that version's schema does not know is dropped.
 */
function storedForm(
  { group, versions }: DefinitionSpec,
  plural: string,
  version: DefinitionVersion,
  storage: DefinitionVersion,
  converter: VersionConverter | undefined,
): StoredForm {
  const schemas = new Map(versions.map((each) => [apiVersionOf({ group, version: each.name }), schemaOf(each)]));
  const served = apiVersionOf({ group, version: version.name });
  const stored = apiVersionOf({ group, version: storage.name });
  const defaulted = (object: Readonly<KubeObject>): KubeObject => {
    const copy = copyJson<KubeObject>(object);
    const schema = schemas.get(copy.apiVersion);
    if (schema) applyDefaults(schema, copy);
    return copy;
  };
  return {
    key: qualifiedResource({ group, plural }),
    toStored(object) {
      if (served === stored) return object;
      const next = { ...copyJson(object), apiVersion: stored };
      prune(schemaOf(storage), next, { isRoot: true });
      return next;
    },
    fromStored(object) {
      if (object.apiVersion === served && isDefaulted(schemaOf(version), object)) return object;
      const next = defaulted(object);
      if (next.apiVersion !== served) {
        next.apiVersion = served;
        prune(schemaOf(version), next, { isRoot: true });
      }
      return equalJson(next, object) ? object : next;
    },
    ...(converter && { webhook: conversionWebhook(converter) }),
  };

  function conversionWebhook(convert: VersionConverter): ConversionWebhook {
    return {
      storedVersion: stored,
      async toStored(object) {
        if (object.apiVersion === stored) return object;
        const [result = object] = await convert([object], stored);
        prune(schemaOf(storage), result, { isRoot: true });
        return result;
      },
      isForeign: (object) => object.apiVersion !== served,
      async fromStored(objects) {
        const results = await convert(objects.map(defaulted), served);
        for (const result of results) prune(schemaOf(version), result, { isRoot: true });
        return results;
      },
    };
  }
}

function contentOf({ metadata: _metadata, ...content }: KubeObject): JsonObject {
  return content;
}

function selectableField(jsonPath: string): [string, (object: KubeObject) => string] {
  const path = compileJsonPath(jsonPath);
  return [
    jsonPath.replace(/^\./, ''),
    (object) => {
      const [value] = path(object);
      return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
    },
  ];
}

function deprecationWarning(
  { group, versions }: DefinitionSpec,
  { kind }: DefinitionNames,
  version: DefinitionVersion,
): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const own = apiVersionOf({ group, version: version.name });
  const better = versions
    .filter((other) => other.served && !other.deprecated && compareVersions(other.name, version.name) < 0)
    .sort((left, right) => compareVersions(left.name, right.name))[0];
  const advice = better ? `; use ${apiVersionOf({ group, version: better.name })} ${kind}` : '';
  return `${own} ${kind} is deprecated${advice}`;
}

function keysOf(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}
