import { isJsonObject, type JsonObject, type ObjectMeta } from '../object.js';
import type { FieldError } from '../status-error.js';
import { invalid, required } from './field-error.js';
import { child, index, key } from './field-path.js';
import { ownEntry } from '../json.js';
import { malformedMetadata } from './metadata.js';
import { label1035Problems } from './names.js';
import { validateObjectMeta } from './object-meta.js';
import type { Schema } from './schema.js';

/** Checks apiVersion, kind and metadata of the objects that a schema embeds with `x-kubernetes-embedded-resource`. */
export function embeddedResourceErrors(schema: Schema, value: unknown, path = ''): FieldError[] {
  if (!embedsResources(schema)) {
    return [];
  }
  const errors: FieldError[] = [];
  collect(schema, value, path, errors);
  return errors;
}

function collect(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) {
      value.forEach((item: unknown, position) => {
        collect(items, item, index(path, position), errors);
      });
    }
  } else if (isJsonObject(value)) {
    if (schema['x-kubernetes-embedded-resource'] === true) {
      errors.push(...resourceErrors(value, path));
    }
    const { additionalProperties } = schema;
    for (const name of Object.keys(value)) {
      const property = ownEntry(schema.properties, name);
      if (property !== undefined) {
        collect(property, value[name], child(path, name), errors);
      } else if (typeof additionalProperties === 'object') {
        collect(additionalProperties, value[name], key(path, name), errors);
      }
    }
  }
}

function resourceErrors(resource: JsonObject, path: string): FieldError[] {
  return [
    ...typeFieldErrors(resource, 'apiVersion', path, apiVersionProblem),
    ...typeFieldErrors(resource, 'kind', path, kindProblem),
    ...metadataErrors(resource.metadata, child(path, 'metadata')),
  ];
}

function typeFieldErrors(
  resource: JsonObject,
  name: 'apiVersion' | 'kind',
  path: string,
  problemOf: (value: string) => string | undefined,
): FieldError[] {
  const field = child(path, name);
  if (!Object.hasOwn(resource, name)) {
    return [required(field)];
  }
  const value = resource[name];
  if (typeof value !== 'string') {
    return [invalid(field, value, 'must be a string')];
  }
  const problem = value === '' ? 'must not be empty' : problemOf(value);
  return problem === undefined ? [] : [invalid(field, value, problem)];
}

function apiVersionProblem(apiVersion: string): string | undefined {
  return apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

function kindProblem(kind: string): string | undefined {
  const problems = label1035Problems(kind.toLowerCase());
  return problems.length === 0 ? undefined : `may have mixed case, but should otherwise match: ${problems.join(',')}`;
}

function metadataErrors(metadata: unknown, path: string): FieldError[] {
  if (metadata === undefined) {
    return [];
  }
  const problem = malformedMetadata(metadata);
  if (problem !== undefined) {
    return [invalid(path, metadata, problem)];
  }
  // The name of a template may be left to whoever creates the object.
  const meta: ObjectMeta = { ...(isJsonObject(metadata) ? metadata : {}) };
  meta.name ||= 'fakename';
  return validateObjectMeta(meta, { namespaced: Boolean(meta.namespace), names: 'path-segment', path });
}

const embedding = new WeakMap<Schema, boolean>();

/** Whether any part of the schema embeds a resource; most do not, and their values need no walk. */
function embedsResources(schema: Schema, seen = new Set<Schema>()): boolean {
  const known = embedding.get(schema);
  if (known !== undefined) {
    return known;
  }
  if (seen.has(schema)) {
    return false;
  }
  seen.add(schema);
  const { additionalProperties, items, properties } = schema;
  const parts = [
    ...Object.values(properties ?? {}),
    ...(items === undefined ? [] : [items]),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
  ];
  const found = schema['x-kubernetes-embedded-resource'] === true || parts.some((part) => embedsResources(part, seen));
  embedding.set(schema, found);
  return found;
}
