import {
  acceptedNamesOf,
  isConditionTrue,
  specOf,
  storedVersionsOf,
  type DefinitionNames,
  type DefinitionSpec,
  type DefinitionVersion,
} from '../crd/definition.js';
import { digestOf } from '../crd/shared-schema.js';
import { equalJson } from '../json.js';
import type { KubeObject } from '../object.js';
import { RecentCache } from '../recent-cache.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-error.js';
import { child, index, key } from '../schema/field-path.js';
import { parseRequestUri } from '../schema/go-url.js';
import { label1035Problems, subdomainProblems } from '../schema/names.js';
import { validateObjectMeta } from '../schema/object-meta.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';
import { conversionErrors } from './conversion.js';
import { defaultErrors } from './default-values.js';
import { partPaths } from './part-paths.js';
import { schemaRuleErrors } from './schema-rules.js';
import { structuralErrors } from './structural-schema.js';
import { columnErrors, scaleErrors, selectableFieldErrors } from './version-parts.js';

const APPROVAL_ANNOTATION = 'api-approved.kubernetes.io';
const WARNING_LIMIT_BYTES = 256;

/** Keywords that the root of a schema may have beside a status subresource, whose schema is taken out of it. */
const ROOT_KEYWORDS = [
  ['description', 'Description'],
  ['type', 'Type'],
  ['format', 'Format'],
  ['title', 'Title'],
  ['maximum', 'Maximum'],
  ['exclusiveMaximum', 'ExclusiveMaximum'],
  ['minimum', 'Minimum'],
  ['exclusiveMinimum', 'ExclusiveMinimum'],
  ['maxLength', 'MaxLength'],
  ['minLength', 'MinLength'],
  ['pattern', 'Pattern'],
  ['maxItems', 'MaxItems'],
  ['minItems', 'MinItems'],
  ['uniqueItems', 'UniqueItems'],
  ['multipleOf', 'MultipleOf'],
  ['required', 'Required'],
  ['items', 'Items'],
  ['properties', 'Properties'],
  ['externalDocs', 'ExternalDocs'],
  ['example', 'Example'],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'],
  ['x-kubernetes-validations', 'XValidations'],
] as const;

/**
 * Checks a CustomResourceDefinition as kube-apiserver 1.34 does: names, versions, structural schemas with their
 * defaults and rules, subresources, columns and conversion.
 *
 * @param crd - The definition with the server's own defaults, `status.storedVersions` included.
 * @param old - The stored definition, on update.
 */
export function validateCustomResourceDefinition(crd: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf(crd);
  const oldSpec = old === undefined ? undefined : specOf(old);
  return [
    ...metadataErrors(crd, spec, old),
    ...specErrors(spec, oldSpec),
    ...(old === undefined ? [] : immutabilityErrors(spec, old)),
    ...nameErrors(acceptedNamesOf(crd), 'status.acceptedNames'),
    ...storedVersionErrors(spec, storedVersionsOf(crd)),
    ...approvalErrors(crd, spec, old),
    ...preservationErrors(spec, oldSpec),
  ];
}

function metadataErrors(crd: KubeObject, { group, names }: DefinitionSpec, old: KubeObject | undefined): FieldError[] {
  const errors = validateObjectMeta(crd.metadata, {
    namespaced: false,
    names: 'subdomain',
    ...(old === undefined ? {} : { old: old.metadata }),
  });
  const { name = '' } = crd.metadata;
  if (old === undefined && name !== '' && name !== `${names.plural}.${group}`) {
    errors.push(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  return errors;
}

function specErrors(spec: DefinitionSpec, old: DefinitionSpec | undefined): FieldError[] {
  const { conversion, group, names, scope, versions } = spec;
  return [
    ...groupErrors(group),
    ...choiceErrors('spec.scope', scope, ['Cluster', 'Namespaced']),
    ...versions.flatMap((version, position) =>
      version.schema === undefined ? [required(`spec.versions[${position}].schema.openAPIV3Schema`)] : [],
    ),
    ...versions.flatMap((version, position) => versionNameErrors(version, position)),
    ...versions.flatMap((_, position) => versionPartErrors(versions, position, old)),
    ...versionSetErrors(versions),
    ...(['plural', 'singular', 'kind', 'listKind'] as const)
      .filter((name) => names[name] === '')
      .map((name) => required(`spec.names.${name}`)),
    ...nameErrors(names, 'spec.names'),
    ...conversionErrors(conversion, 'spec.conversion'),
  ];
}

function groupErrors(group: string): FieldError[] {
  const field = 'spec.group';
  const problems = subdomainProblems(group);
  if (group === '') {
    return [required(field)];
  }
  if (problems.length > 0) {
    return [invalid(field, group, problems.join(','))];
  }
  return group.includes('.') ? [] : [invalid(field, group, 'should be a domain with at least one dot')];
}

/** One of some texts, and not empty. */
function choiceErrors(field: string, value: string, choices: readonly string[]): FieldError[] {
  if (value === '') {
    return [required(field)];
  }
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function versionNameErrors({ name }: DefinitionVersion, position: number): FieldError[] {
  const problems = label1035Problems(name);
  // The server repeats the first version's name in the field of old API versions, and checks it there too.
  const fields = [`spec.versions[${position}].name`, ...(position === 0 ? ['spec.version'] : [])];
  return problems.length === 0 ? [] : fields.map((field) => invalid(field, name, problems.join(',')));
}

function versionSetErrors(versions: readonly DefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  const shown = versions.map(({ name, storage }) => ({ name, storage }));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid('spec.versions', shown, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(invalid('spec.versions', shown, 'must have exactly one version marked as storage version'));
  }
  return errors;
}

/** Errors of one version's own parts; what all versions share is checked with the first. */
function versionPartErrors(
  versions: readonly DefinitionVersion[],
  position: number,
  old: DefinitionSpec | undefined,
): FieldError[] {
  const version = versions[position];
  if (version === undefined) {
    return [];
  }
  const paths = partPaths(versions, position);
  const isOwn = (path: string) => position === 0 || path.startsWith('spec.versions');
  const errors = warningErrors(version, `spec.versions[${position}].deprecationWarning`);
  if (version.schema !== undefined && isOwn(paths.schema)) {
    const oldSchema = old?.versions.find(({ name }) => name === version.name)?.schema;
    const isUnchanged = oldSchema !== undefined && equalJson(oldSchema, version.schema);
    errors.push(...schemaErrors(version.schema, child(paths.schema, 'openAPIV3Schema'), version.status, !isUnchanged));
  }
  if (version.scale !== undefined && isOwn(paths.subresources)) {
    errors.push(...scaleErrors(version.scale, child(paths.subresources, 'scale')));
  }
  if (isOwn(paths.columns)) {
    errors.push(...version.columns.flatMap((column, number) => columnErrors(column, index(paths.columns, number))));
  }
  if (isOwn(paths.selectableFields)) {
    errors.push(...selectableFieldErrors(version.selectableFields, version.schema ?? {}, paths.selectableFields));
  }
  return errors;
}

/** What was found wrong with schemas, by their content and how they were looked at: the same definition comes again. */
const verdicts = new RecentCache<string, readonly FieldError[]>(64);

function schemaErrors(schema: Schema, path: string, hasStatus: boolean, checksCosts: boolean): readonly FieldError[] {
  const view = `${digestOf(schema)} ${path} ${String(hasStatus)} ${String(checksCosts)}`;
  const known = verdicts.get(view);
  if (known !== undefined) return known;
  const errors = findSchemaErrors(schema, path, hasStatus, checksCosts);
  verdicts.set(view, errors);
  return errors;
}

function findSchemaErrors(schema: Schema, path: string, hasStatus: boolean, checksCosts: boolean): FieldError[] {
  const errors = hasStatus ? rootErrors(schema, path) : [];
  if (schema.nullable === true) {
    errors.push(forbidden(child(path, 'nullable'), 'nullable cannot be true at the root'));
  }
  const structural = structuralErrors(schema, path);
  const shape = structural.length > 0 ? structural : defaultErrors(schema, path);
  const rules = schemaRuleErrors(schema, path, { checksRules: shape.length === 0, checksCosts });
  return [...errors, ...shape, ...rules];
}

function rootErrors(schema: Schema, path: string): FieldError[] {
  if (schema.type !== undefined && schema.type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(child(path, 'type'), schema.type, detail)];
  }
  const allowed: readonly string[] = ROOT_KEYWORDS.map(([keyword]) => keyword);
  if (Object.keys(schema).every((keyword) => allowed.includes(keyword))) {
    return [];
  }
  const names = ROOT_KEYWORDS.map(([, name]) => name).join(' ');
  const detail = `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(path, schema, detail)];
}

function warningErrors({ deprecated, deprecationWarning }: DefinitionVersion, field: string): FieldError[] {
  if (deprecationWarning === undefined) {
    return [];
  }
  return warningProblems(deprecated, deprecationWarning).map((problem) => invalid(field, deprecationWarning, problem));
}

function warningProblems(isDeprecated: boolean, warning: string): string[] {
  if (!isDeprecated) {
    return ['can only be set for deprecated versions'];
  }
  const position = [...warning].findIndex((character) => !/[ \p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character));
  return [
    ...(Buffer.byteLength(warning) > WARNING_LIMIT_BYTES ? ['must be <= 256 characters long'] : []),
    ...(warning === '' ? ['must not be an empty string'] : []),
    ...(position === -1
      ? []
      : [`must only contain printable UTF-8 characters; non-printable character found at index ${position}`]),
  ];
}

function nameErrors(names: DefinitionNames, path: string): FieldError[] {
  const { categories, kind, listKind, plural, shortNames, singular } = names;
  const errors: FieldError[] = [];
  const check = (field: string, value: string, checked = value, prefix = ''): void => {
    const problems = label1035Problems(checked);
    if (problems.length > 0) {
      errors.push(invalid(field, value, prefix + problems.join(',')));
    }
  };
  for (const [name, value] of Object.entries({ plural, singular })) {
    if (value !== '') {
      check(child(path, name), value);
    }
  }
  for (const [name, value] of Object.entries({ kind, listKind })) {
    if (value !== '') {
      check(child(path, name), value, value.toLowerCase(), 'may have mixed case, but should otherwise match: ');
    }
  }
  for (const [position, shortName] of shortNames.entries()) {
    check(index(child(path, 'shortNames'), position), shortName);
  }
  if (kind !== '' && kind === listKind) {
    errors.push(invalid(child(path, 'listKind'), listKind, 'kind and listKind may not be the same'));
  }
  for (const [position, category] of categories.entries()) {
    check(index(child(path, 'categories'), position), category);
  }
  return errors;
}

function immutabilityErrors(spec: DefinitionSpec, stored: KubeObject): FieldError[] {
  const old = specOf(stored);
  const fields: readonly (readonly [string, string, string])[] = [
    ...(isConditionTrue(stored, 'Established')
      ? ([
          ['spec.scope', spec.scope, old.scope],
          ['spec.names.kind', spec.names.kind, old.names.kind],
        ] as const)
      : []),
    ['spec.group', spec.group, old.group],
    ['spec.names.plural', spec.names.plural, old.names.plural],
  ];
  return fields.flatMap(([field, value, oldValue]) =>
    value === oldValue ? [] : [invalid(field, value, 'field is immutable')],
  );
}

function storedVersionErrors({ versions }: DefinitionSpec, storedVersions: readonly string[]): FieldError[] {
  const field = 'status.storedVersions';
  if (storedVersions.length === 0) {
    return [invalid(field, null, 'must have at least one stored version')];
  }
  const names = versions.map(({ name }) => name);
  return [
    ...versions
      .filter(({ storage, name }) => storage && !storedVersions.includes(name))
      .map(({ name }) => invalid(field, storedVersions, `must have the storage version ${name}`)),
    ...storedVersions.flatMap((name, position) =>
      names.includes(name) ? [] : [invalid(index(field, position), name, missingVersion(name))],
    ),
  ];
}

function missingVersion(name: string): string {
  return `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
}

/** Groups of Kubernetes itself need a reference to their API review. */
function approvalErrors(crd: KubeObject, { group }: DefinitionSpec, old: KubeObject | undefined): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) {
    return [];
  }
  const approval = crd.metadata.annotations?.[APPROVAL_ANNOTATION] ?? '';
  const state = approvalState(approval);
  if (old !== undefined && approvalState(old.metadata.annotations?.[APPROVAL_ANNOTATION] ?? '') === state) {
    return [];
  }
  const field = key('metadata.annotations', APPROVAL_ANNOTATION);
  const demand = `protected groups must have approval annotation "${APPROVAL_ANNOTATION}"`;
  const reference = 'see https://github.com/kubernetes/enhancements/pull/1111';
  switch (state) {
    case 'missing':
      return [required(field, `${demand}, ${reference}`)];
    case 'invalid':
      return [
        invalid(field, approval, `${demand} with either a URL or a reason starting with "unapproved", ${reference}`),
      ];
    default:
      return [];
  }
}

function approvalState(approval: string): 'missing' | 'bypassed' | 'approved' | 'invalid' {
  if (approval === '') {
    return 'missing';
  }
  if (approval.startsWith('unapproved')) {
    return 'bypassed';
  }
  const url = parseRequestUri(approval);
  return url !== undefined && url.host !== '' && url.scheme !== '' ? 'approved' : 'invalid';
}

function preservationErrors(spec: DefinitionSpec, old: DefinitionSpec | undefined): FieldError[] {
  if (!spec.preserveUnknownFields || old?.preserveUnknownFields === true) {
    return [];
  }
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, detail)];
}
