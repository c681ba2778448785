import { rulePath } from '../cel/rule-path.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import { ownEntry } from '../json.js';
import type { Schema, ValidationRule } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';
import { RuleCosts } from './rule-costs.js';
import { ruleErrors } from './rule-errors.js';
import { propertyPath } from './structural-schema.js';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** Keywords of JSON Schema that no CustomResourceDefinition may use. */
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

/** The state of the walk through a schema. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** Inside apiVersion, kind or metadata of a resource. */
  readonly isInsideMeta: boolean;
  /** Why there can be no default here. */
  readonly noDefaults?: string;
  /** The part of the schema above, in which old values cannot be told. */
  readonly uncorrelatable?: string;
  /** How many values of this schema an object can have; undefined: as many as fit into a request. */
  readonly cardinality?: number;
  /** Whether CEL rules are looked at; not inside `anyOf` and the like. */
  readonly checksRules: boolean;
}

interface Findings {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
}

/**
 * Checks what is not about structure: supported keywords, list and map types, and CEL rules with their costs.
 *
 * @param options.checksRules - False when the schema has other errors, which would make errors of rules misleading.
 * @param options.checksCosts - False when the rules have been accepted before.
 */
export function schemaRuleErrors(
  schema: Schema,
  path: string,
  options: { checksRules: boolean; checksCosts: boolean },
): FieldError[] {
  const costs = new RuleCosts(options.checksCosts);
  const { checksRules } = options;
  const findings = walk(schema, { path, isRoot: true, isInsideMeta: false, cardinality: 1, checksRules }, costs);
  return [...findings.schema, ...findings.rules, ...costs.totalErrors(path)];
}

function walk(schema: Schema, place: Place, costs: RuleCosts): Findings {
  const { path } = place;
  const children = childrenOf(schema, place).map(([part, below]) => walk(part, below, costs));
  const errors = [
    ...keywordErrors(schema, place),
    ...children.flatMap((findings) => findings.schema),
    ...typeExtensionErrors(schema, path),
    ...listMapErrors(schema, path),
    ...listItemErrors(schema, path),
    ...(schema['x-kubernetes-validations'] ?? []).flatMap((rule, position) =>
      ruleFormErrors(rule, schema, rulePathOf(path, position)),
    ),
  ];
  const rules = children.flatMap((findings) => findings.rules);
  if (errors.length === 0 && place.checksRules) {
    rules.push(...ruleErrors(schema, place, costs));
  }
  return { schema: errors, rules };
}

function rulePathOf(path: string, position: number): string {
  return index(child(path, 'x-kubernetes-validations'), position);
}

function childrenOf(schema: Schema, place: Place): (readonly [Schema, Place])[] {
  const { path } = place;
  const { additionalProperties, items, not, properties } = schema;
  const { isRoot: _isRoot, cardinality: _cardinality, ...inherited } = place;
  const below: Place = { ...inherited, isRoot: false, ...cardinalityBelow(schema, place) };
  const children: (readonly [Schema, Place])[] = [];
  if (typeof additionalProperties === 'object') {
    const reason = place.isInsideMeta ? { noDefaults: 'inside additionalProperties applying to object metadata' } : {};
    children.push([additionalProperties, { ...below, ...reason, path: child(path, 'additionalProperties') }]);
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    const isMeta = (place.isRoot || isEmbedded(schema)) && ['apiVersion', 'kind', 'metadata'].includes(name);
    children.push([
      property,
      {
        ...below,
        ...(isMeta ? { isInsideMeta: true } : {}),
        ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {}),
        path: propertyPath(path, name),
      },
    ]);
  }
  const branch: Place = { ...below, checksRules: false };
  if (not !== undefined) {
    children.push([not, { ...branch, path: child(path, 'not') }]);
  }
  for (const keyword of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [position, part] of (schema[keyword] ?? []).entries()) {
      children.push([part, { ...branch, path: index(child(path, keyword), position) }]);
    }
  }
  if (items !== undefined) {
    const uncorrelatable =
      schema['x-kubernetes-list-type'] === 'map' ? {} : { uncorrelatable: place.uncorrelatable ?? path };
    children.push([items, { ...below, ...uncorrelatable, path: child(path, 'items') }]);
  }
  return children;
}

function cardinalityBelow(schema: Schema, { cardinality }: Place): { cardinality?: number } {
  const elements =
    schema.type === 'array'
      ? schema.maxItems
      : schema.type === 'object' && schema.additionalProperties !== undefined
        ? schema.maxProperties
        : 1;
  return cardinality === undefined || elements === undefined
    ? {}
    : { cardinality: cardinality * Math.max(0, elements) };
}

function keywordErrors(schema: Schema, { path, noDefaults, isInsideMeta }: Place): FieldError[] {
  const errors: FieldError[] = [];
  const { additionalProperties, properties, type = '' } = schema;
  if (type !== '' && !TYPES.includes(type)) {
    errors.push(notSupported(child(path, 'type'), type, TYPES));
  }
  if (schema.default !== undefined && noDefaults !== undefined) {
    errors.push(forbidden(child(path, 'default'), `must not be set ${noDefaults}`));
  }
  for (const keyword of UNSUPPORTED) {
    if (Object.hasOwn(schema, keyword)) {
      errors.push(forbidden(child(path, keyword), `${keyword} is not supported`));
    }
  }
  if (type === 'null') {
    errors.push(forbidden(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'));
  }
  if (isInsideMeta && isEmbedded(schema)) {
    errors.push(forbidden(child(path, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'));
  }
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(child(path, 'uniqueItems'), detail));
  }
  if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties ?? {}).length > 0) {
    const detail = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbidden(child(path, 'additionalProperties'), detail));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  }
  return errors;
}

/** `x-kubernetes-map-type` and `-list-type`: their values, and the types they go with. */
function typeExtensionErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  const { items, type = '' } = schema;
  if (mapType !== undefined && type !== 'object') {
    errors.push(wrongType(path, type, 'must be object if x-kubernetes-map-type is specified'));
  }
  if (mapType !== undefined && !['atomic', 'granular'].includes(mapType)) {
    errors.push(notSupported(child(path, 'x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  if (listType !== undefined && type !== 'array') {
    errors.push(wrongType(path, type, 'must be array if x-kubernetes-list-type is specified'));
  } else if (listType === 'set' && items !== undefined) {
    errors.push(...setItemErrors(items, child(path, 'items')));
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(child(path, 'x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
  }
  return errors;
}

function wrongType(path: string, type: string, detail: string): FieldError {
  const field = child(path, 'type');
  return type === '' ? required(field, detail) : invalid(field, type, detail);
}

function setItemErrors(items: Schema, path: string): FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalid(child(path, 'x-kubernetes-list-type'), listType, detail)];
  }
  return items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic'
    ? [invalid(child(path, 'x-kubernetes-map-type'), listType ?? null, detail)]
    : [];
}

function listMapErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const field = child(path, 'x-kubernetes-list-type');
    errors.push(listType === undefined ? required(field, detail) : invalid(field, listType, detail));
  }
  if (listType !== 'map') {
    return errors;
  }
  const keysPath = child(path, 'x-kubernetes-list-map-keys');
  const itemsPath = child(path, 'items');
  if (keys.length === 0) {
    errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const { items } = schema;
  if (items === undefined) {
    return [...errors, required(itemsPath, 'must have a schema if x-kubernetes-list-type is map')];
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalid(child(itemsPath, 'type'), items.type ?? '', detail)];
  }
  for (const [position, name] of keys.entries()) {
    const property = ownEntry(items.properties, name);
    if (property === undefined) {
      errors.push(invalid(keysPath, keys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(child(propertyPath(itemsPath, name), 'type'), items.type, detail));
    }
    if (keys.indexOf(name) < position) {
      errors.push(invalid(keysPath, keys, 'must not contain duplicate entries'));
    }
  }
  return errors;
}

/** Items of sets and maps, and the keys of maps, must be there. */
function listItemErrors(schema: Schema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const { items } = schema;
  if (items === undefined || (listType !== 'set' && listType !== 'map')) {
    return [];
  }
  const errors: FieldError[] = [];
  const itemsPath = child(path, 'items');
  if (items.nullable === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbidden(child(itemsPath, 'nullable'), detail));
  }
  for (const name of listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []) {
    const property = ownEntry(items.properties, name);
    if (property === undefined) {
      continue;
    }
    if (items.required?.includes(name) !== true && property.default === undefined) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(child(propertyPath(itemsPath, name), 'default'), detail));
    }
    if (property.nullable === true) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(child(propertyPath(itemsPath, name), 'nullable'), detail));
    }
  }
  return errors;
}

/** Everything about a rule but its expressions. */
function ruleFormErrors(rule: ValidationRule, schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
  const trimmedMessage = message.trim();
  if (rule.rule.trim() === '') {
    errors.push(required(child(path, 'rule'), 'rule is not specified'));
  } else if (message !== '' && trimmedMessage === '') {
    errors.push(invalid(child(path, 'message'), message, 'must be non-empty if specified'));
  } else if (trimmedMessage.includes('\n')) {
    errors.push(invalid(child(path, 'message'), message, 'must not contain line breaks'));
  } else if (rule.rule.trim().includes('\n') && trimmedMessage === '') {
    errors.push(required(child(path, 'message'), 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    errors.push(required(child(path, 'messageExpression'), detail));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(child(path, 'reason'), reason, REASONS));
  }
  const fieldPathPath = child(path, 'fieldPath');
  if (fieldPath !== '' && fieldPath.trim() === '') {
    errors.push(invalid(fieldPathPath, fieldPath, 'must be non-empty if specified'));
  }
  if (fieldPath.includes('\n')) {
    errors.push(invalid(fieldPathPath, fieldPath, 'must not contain line breaks'));
  }
  if (fieldPath !== '' && rulePath(fieldPath, schema) === undefined) {
    errors.push(invalid(fieldPathPath, fieldPath, 'must be a valid path'));
  }
  return errors;
}

function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}
