import { isJsonObject, type JsonObject } from '../object.js';
import { child, index } from './field-path.js';
import { ownEntry } from '../json.js';
import { coerceMetadata } from './metadata.js';
import type { Schema } from './schema.js';

/**
 * Removes the fields that the schema does not name, in place. What lies below `x-kubernetes-preserve-unknown-fields`
 * stays, except inside the properties that are named there. Metadata of the object and of embedded resources is
 * brought into the form of ObjectMeta.
 *
 * @param options.isRoot - Keeps apiVersion, kind and metadata, whatever the schema says.
 * @returns The paths of the removed fields, sorted: `spec.x`, `spec.list[0].y`. For strict decoding and warnings.
 */
export function prune(schema: Schema, value: unknown, options: { isRoot: boolean }): string[] {
  const removed: string[] = [];
  pruneValue(schema, value, '', options.isRoot, removed);
  return removed.sort();
}

type MaybeSchema = Schema | undefined;

function pruneValue(schema: MaybeSchema, value: unknown, path: string, isResource: boolean, removed: string[]): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown, position) => {
      pruneItem(schema, item, index(path, position), removed);
    });
  } else if (isJsonObject(value)) {
    pruneObject(schema, value, path, isResource, removed);
  }
}

function pruneItem(schema: MaybeSchema, item: unknown, path: string, removed: string[]): void {
  const items = schema?.items;
  if (items === undefined && schema?.['x-kubernetes-preserve-unknown-fields'] === true) {
    return;
  }
  pruneValue(items, item, path, items?.['x-kubernetes-embedded-resource'] === true, removed);
}

function pruneObject(
  schema: MaybeSchema,
  value: JsonObject,
  path: string,
  isResource: boolean,
  removed: string[],
): void {
  const preserves = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  for (const name of Object.keys(value)) {
    if (isResource && isTypeField(name)) {
      if (name === 'metadata') {
        removed.push(...coerceMetadata(value.metadata, child(path, 'metadata'), path === '').unknown);
      }
      continue;
    }
    const property = ownEntry(schema?.properties, name);
    const { additionalProperties } = schema ?? {};
    if (property !== undefined) {
      pruneProperty(property, value[name], child(path, name), removed);
    } else if (typeof additionalProperties === 'object') {
      pruneProperty(additionalProperties, value[name], child(path, name), removed);
    } else if (additionalProperties === true) {
      // A schemaless map: its entries stay, what is in them goes.
      pruneValue(undefined, value[name], child(path, name), false, removed);
    } else if (!preserves) {
      removed.push(child(path, name));
      delete value[name];
    }
  }
}

function pruneProperty(schema: Schema, value: unknown, path: string, removed: string[]): void {
  pruneValue(schema, value, path, schema['x-kubernetes-embedded-resource'] === true, removed);
}

function isTypeField(name: string): boolean {
  return name === 'apiVersion' || name === 'kind' || name === 'metadata';
}
