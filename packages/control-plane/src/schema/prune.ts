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
  const pruner = new Pruner();
  pruner.prune(schema, value, options.isRoot);
  return pruner.removed.sort();
}

type MaybeSchema = Schema | undefined;

class Pruner {
  readonly removed: string[] = [];
  /** Names of fields and places in lists. It becomes text for what is removed only: most objects lose nothing. */
  readonly #path: (string | number)[] = [];

  prune(schema: MaybeSchema, value: unknown, isResource: boolean): void {
    if (Array.isArray(value)) this.#pruneItems(schema, value);
    else if (isJsonObject(value)) this.#pruneObject(schema, value, isResource);
  }

  #pruneItems(schema: MaybeSchema, list: readonly unknown[]): void {
    const items = schema?.items;
    if (items === undefined && schema?.['x-kubernetes-preserve-unknown-fields'] === true) return;
    for (let position = 0; position < list.length; position++) this.#pruneAt(position, items, list[position]);
  }

  #pruneObject(schema: MaybeSchema, value: JsonObject, isResource: boolean): void {
    const preserves = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
    const additionalProperties = schema?.additionalProperties;
    for (const name of Object.keys(value)) {
      if (isResource && isTypeField(name)) {
        if (name === 'metadata') this.#coerceMetadata(value.metadata);
        continue;
      }
      const property = ownEntry(schema?.properties, name);
      if (property !== undefined) {
        this.#pruneAt(name, property, value[name]);
      } else if (typeof additionalProperties === 'object') {
        this.#pruneAt(name, additionalProperties, value[name]);
      } else if (additionalProperties === true) {
        // A schemaless map: its entries stay, what is in them goes.
        this.#pruneAt(name, undefined, value[name]);
      } else if (!preserves) {
        this.removed.push(child(this.#pathText(), name));
        delete value[name];
      }
    }
  }

  #pruneAt(step: string | number, schema: MaybeSchema, value: unknown): void {
    if (typeof value !== 'object') return;
    this.#path.push(step);
    this.prune(schema, value, schema?.['x-kubernetes-embedded-resource'] === true);
    this.#path.pop();
  }

  #coerceMetadata(metadata: unknown): void {
    const { unknown } = coerceMetadata(metadata, child(this.#pathText(), 'metadata'), this.#path.length === 0);
    for (const path of unknown) this.removed.push(path);
  }

  #pathText(): string {
    let text = '';
    for (const step of this.#path) text = typeof step === 'number' ? index(text, step) : child(text, step);
    return text;
  }
}

function isTypeField(name: string): boolean {
  return name === 'apiVersion' || name === 'kind' || name === 'metadata';
}
