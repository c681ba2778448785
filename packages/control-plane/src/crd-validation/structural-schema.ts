import { forbidden, invalid, required } from '../schema/field-error.js';
import { child, index, key } from '../schema/field-path.js';
import { equalJson, ownEntry } from '../json.js';
import { compilePattern, PatternError } from '../schema/pattern.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING: readonly Schema[] = [{ type: 'integer' }, { type: 'string' }];

/**
 * Checks that a schema is structural: that each value's type can be told from the schema alone, whatever `anyOf` and
 * the like add to it.
 *
 * @see {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema | Structural schemas}
 */
export function structuralErrors(schema: Schema, path: string): FieldError[] {
  return [...shapeErrors(schema, 'root', path), ...incompleteness(schema, schema, path, path)];
}

function shapeErrors(schema: Schema, level: Level, path: string): FieldError[] {
  const { additionalProperties, items, properties, type } = schema;
  const errors: FieldError[] = [];
  if (type === 'array' && items === undefined) {
    errors.push(required(child(path, 'items'), 'must be specified'));
  }
  if (items !== undefined) {
    errors.push(...shapeErrors(items, 'item', child(path, 'items')));
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    errors.push(...shapeErrors(property, 'field', propertyPath(path, name)));
  }
  if (additionalProperties !== undefined && level === 'root') {
    errors.push(forbidden(child(path, 'additionalProperties'), 'must not be used at the root'));
  }
  if (typeof additionalProperties === 'object') {
    errors.push(...shapeErrors(additionalProperties, 'field', child(path, 'additionalProperties')));
  }
  errors.push(...extensionErrors(schema, path), ...valueErrors(schema, path), ...typeErrors(schema, level, path));
  errors.push(...resourceErrors(schema, level, path));
  return errors;
}

function extensionErrors(schema: Schema, path: string): FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) {
    return [];
  }
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((extension) => schema[extension] === true)
    .map((extension) => invalid(child(path, extension), true, 'must be false if x-kubernetes-int-or-string is true'));
}

const MISSING_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeErrors(schema: Schema, level: Level, path: string): FieldError[] {
  const field = child(path, 'type');
  const type = schema.type ?? '';
  const isTyped = schema['x-kubernetes-int-or-string'] === true || preservesUnknown(schema) || type !== '';
  if (isEmbedded(schema) && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(field, detail) : invalid(field, type, detail)];
  }
  if (!isTyped) {
    return [required(field, MISSING_TYPE[level])];
  }
  return level === 'root' && type !== '' && type !== 'object'
    ? [invalid(field, type, 'must be object at the root')]
    : [];
}

/** What a schema may say about the fields that every resource has. */
function resourceErrors(schema: Schema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const isResource = level === 'root' || isEmbedded(schema);
  if (isEmbedded(schema) && schema.additionalProperties !== undefined) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(child(path, 'additionalProperties'), detail));
  }
  for (const name of ['kind', 'apiVersion']) {
    const property = ownEntry(schema.properties, name);
    if (isResource && property !== undefined && property.type !== 'string') {
      errors.push(invalid(child(propertyPath(path, name), 'type'), property.type ?? '', 'must be string'));
    }
  }
  const metadata = ownEntry(schema.properties, 'metadata');
  if (isResource && metadata !== undefined) {
    errors.push(...metadataErrors(metadata, level, propertyPath(path, 'metadata')));
  }
  if (isEmbedded(schema) && !preservesUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(child(path, 'properties'), detail));
  }
  return errors;
}

/** At the root only the name can be restricted; everything else about metadata is the server's. */
function metadataErrors(metadata: Schema, level: Level, path: string): FieldError[] {
  const errors =
    metadata.type === 'object' ? [] : [invalid(child(path, 'type'), metadata.type ?? '', 'must be object')];
  const { type: _type, default: _default, properties, ...rest } = metadata;
  const names = Object.keys(properties ?? {});
  const isAllowed = names.every((name) => name === 'name' || name === 'generateName');
  if (level === 'root' && (!isAllowed || Object.keys(rest).length > 0)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(path, detail));
  }
  return errors;
}

/** Errors of `anyOf` and the like, and of the pattern. */
function valueErrors(schema: Schema, path: string): FieldError[] {
  const { allOf = [], anyOf = [], not, oneOf = [], pattern } = schema;
  const errors = [
    ...(equalJson(anyOf, INT_OR_STRING) ? [] : branchErrors(anyOf, child(path, 'anyOf'))),
    ...branchErrors(allOf, child(path, 'allOf'), true),
    ...branchErrors(oneOf, child(path, 'oneOf')),
    ...(not === undefined ? [] : nestedErrors(not, child(path, 'not'))),
  ];
  const problem = pattern === undefined ? undefined : patternProblem(pattern);
  if (problem !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${problem}`;
    errors.push(invalid(child(path, 'pattern'), pattern, detail));
  }
  return errors;
}

function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) {
      return error.message;
    }
    throw error;
  }
}

/** @param allowsIntOrString - The first branch may be the `anyOf` of integer and string. */
function branchErrors(branches: readonly Schema[], path: string, allowsIntOrString = false): FieldError[] {
  return branches.flatMap((branch, position) => {
    const isIntOrString = allowsIntOrString && position === 0 && equalJson(branch.anyOf, INT_OR_STRING);
    const { anyOf: _anyOf, ...rest } = branch;
    return nestedErrors(isIntOrString ? rest : branch, index(path, position));
  });
}

/** What must not be said inside `anyOf` and the like, with the reason. */
const FORBIDDEN_INSIDE: readonly (readonly [keyof Schema, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nestedErrors(schema: Schema, path: string): FieldError[] {
  const { items, properties } = schema;
  const errors = valueErrors(schema, path);
  if (items !== undefined) {
    errors.push(...nestedErrors(items, child(path, 'items')));
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    errors.push(...nestedErrors(property, propertyPath(path, name)));
  }
  for (const [keyword, detail] of FORBIDDEN_INSIDE) {
    if (!isUnset(schema[keyword])) {
      errors.push(forbidden(child(path, keyword), detail));
    }
  }
  if (ownEntry(properties, 'metadata') !== undefined) {
    errors.push(forbidden(propertyPath(path, 'metadata'), 'must not be specified in a nested context'));
  }
  return errors;
}

function isUnset(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Whatever is named inside `anyOf` and the like must be specified outside of it too. */
function incompleteness(
  value: Schema,
  schema: Schema | undefined,
  schemaPath: string,
  valuePath: string,
): FieldError[] {
  const nested = (branch: Schema, path: string) => nestedIncompleteness(branch, schema, schemaPath, path);
  return [
    ...(value.not === undefined ? [] : nested(value.not, child(valuePath, 'not'))),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((keyword) =>
      (value[keyword] ?? []).flatMap((branch, position) => nested(branch, index(child(valuePath, keyword), position))),
    ),
  ];
}

function nestedIncompleteness(
  value: Schema,
  schema: Schema | undefined,
  schemaPath: string,
  valuePath: string,
): FieldError[] {
  if (schema === undefined) {
    return [required(schemaPath, `because it is defined in ${valuePath}`)];
  }
  const errors = incompleteness(value, schema, schemaPath, valuePath);
  if (value.items !== undefined) {
    errors.push(
      ...nestedIncompleteness(value.items, schema.items, child(schemaPath, 'items'), child(valuePath, 'items')),
    );
  }
  for (const [name, property] of Object.entries(value.properties ?? {})) {
    errors.push(
      ...nestedIncompleteness(
        property,
        ownEntry(schema.properties, name),
        propertyPath(schemaPath, name),
        propertyPath(valuePath, name),
      ),
    );
  }
  return errors;
}

/** `properties[name]` */
export function propertyPath(path: string, name: string): string {
  return key(child(path, 'properties'), name);
}

function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function preservesUnknown(schema: Schema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}
