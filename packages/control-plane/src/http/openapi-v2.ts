import { objectAt, objectsAt, optionalObjectAt, stringAt, stringsAt } from '../access.js';
import { isJsonObject, type JsonObject } from '../object.js';

const V3_REF = '#/components/schemas/';
const V2_REF = '#/definitions/';
const MEDIA_TYPES = ['application/json', 'application/yaml'];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/**
 * Makes of OpenAPI v3 documents, each of a group and version, the one document of OpenAPI v2 (Swagger 2.0) that says the
 * same of all of them, as far as that can be said there: it has neither alternatives nor values that may be null.
 *
 * @see {@link https://swagger.io/specification/v2/ | OpenAPI 2.0}
 */
export function openApiV2(documents: readonly JsonObject[], version: string): JsonObject {
  const schemas = documents.flatMap((document) =>
    Object.entries(objectAt(objectAt(document, 'components'), 'schemas')),
  );
  const items = documents.flatMap((document) => Object.entries(objectAt(document, 'paths')));
  const bearer = { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' };
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(items.map(([path, item]) => [path, mapObject(item, pathItemOf)])),
    definitions: Object.fromEntries(schemas.map(([name, schema]) => [name, mapObject(schema, schemaOf)])),
    securityDefinitions: { BearerToken: bearer },
    security: [{ BearerToken: [] }],
  };
}

function mapObject(value: unknown, map: (object: JsonObject) => JsonObject): unknown {
  return isJsonObject(value) ? map(value) : value;
}

/** An object without some of its fields. */
function without(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

// ---- operations

function pathItemOf(item: JsonObject): JsonObject {
  const operations = Object.entries(without(item, ['parameters']));
  return {
    ...Object.fromEntries(operations.map(([method, operation]) => [method, mapObject(operation, operationOf)])),
    parameters: objectsAt(item, 'parameters').map(parameterOf),
  };
}

function operationOf(operation: JsonObject): JsonObject {
  const body = optionalObjectAt(operation, 'requestBody');
  const parameters = objectsAt(operation, 'parameters').map(parameterOf);
  if (body) parameters.push({ name: 'body', in: 'body', required: true, schema: contentSchema(body) });
  const responses = Object.entries(objectAt(operation, 'responses')).map(([status, response]) => [
    status,
    mapObject(response, (told) => ({ description: stringAt(told, 'description'), schema: contentSchema(told) })),
  ]);
  return {
    ...without(operation, ['requestBody']),
    consumes: operation['x-kubernetes-action'] === 'patch' ? PATCH_TYPES : ['*/*'],
    produces: MEDIA_TYPES,
    schemes: ['https'],
    parameters,
    responses: Object.fromEntries(responses),
  };
}

/** What is the schema of the content in v3 is that of the parameter itself here. */
function parameterOf(parameter: JsonObject): JsonObject {
  return { ...without(parameter, ['schema']), ...objectAt(parameter, 'schema') };
}

function contentSchema(carrier: JsonObject): JsonObject {
  const [content] = Object.values(objectAt(carrier, 'content'));
  return isJsonObject(content) ? schemaOf(objectAt(content, 'schema')) : {};
}

// ---- schemas

const ALTERNATIVES = ['oneOf', 'anyOf', 'not', 'allOf'];
/** Of a value that may be null only this can be said. */
const OF_NULLABLE = ['description', 'format'];

function schemaOf(schema: JsonObject): JsonObject {
  const reference = referenceIn(schema);
  const { description } = schema;
  if (reference !== undefined) {
    const $ref = reference.replace(V3_REF, V2_REF);
    return { ...(description === undefined ? {} : { description }), $ref };
  }
  if (schema['nullable'] === true) {
    const kept = Object.entries(schema).filter(([field]) => OF_NULLABLE.includes(field) || field.startsWith('x-'));
    return Object.fromEntries(kept);
  }
  const properties = optionalObjectAt(schema, 'properties');
  const required = stringsAt(schema, 'required').filter((name) => !isNullable(properties?.[name]));
  const isUnion = schema['type'] === undefined && objectsAt(schema, 'oneOf').length > 0;
  const result: JsonObject = {
    // Quantities and the like, which are written as a string or a number.
    ...(isUnion ? { type: 'string' } : {}),
    ...without(schema, [...ALTERNATIVES, 'nullable', 'required']),
    ...(required.length > 0 ? { required } : {}),
  };
  // Built-in kinds have an empty text for what is not set, also where it is no choice.
  const { enum: choices, default: preset } = schema;
  if (Array.isArray(choices) && !choices.includes(preset)) delete result['default'];
  for (const part of ['items', 'additionalProperties']) {
    if (schema[part] !== undefined) result[part] = mapObject(schema[part], schemaOf);
  }
  if (properties) {
    const entries = Object.entries(properties).map(([name, property]) => [name, mapObject(property, schemaOf)]);
    result['properties'] = Object.fromEntries(entries);
  }
  return result;
}

function isNullable(schema: unknown): boolean {
  return isJsonObject(schema) && schema['nullable'] === true;
}

/** A schema that is but another one, which in v3 is wrapped when it has a description. */
function referenceIn(schema: JsonObject): string | undefined {
  const [only, ...others] = objectsAt(schema, 'allOf');
  const reference = schema['$ref'] ?? (others.length === 0 ? only?.['$ref'] : undefined);
  return typeof reference === 'string' ? reference : undefined;
}
