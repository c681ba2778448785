import { isJsonObject } from '../object.js';
import { equalJson, ownEntry } from '../json.js';
import type { Schema } from './schema.js';

/**
 * A value of an update beside the value it replaces, at a place where the API server can tell which one that is: the
 * same field, the same key of a map, or the item with the same keys in a list of type map. Items of other lists have
 * no counterpart.
 *
 * @see {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting | Validation ratcheting}
 */
export class Correlation {
  #oldItems: ReadonlyMap<string, unknown> | undefined;
  #unchanged: boolean | undefined;

  constructor(
    readonly schema: Schema,
    readonly value: unknown,
    readonly old: unknown,
  ) {}

  property(name: string): Correlation | undefined {
    const { value, old } = this;
    if (!isJsonObject(value) || !isJsonObject(old) || !Object.hasOwn(value, name) || !Object.hasOwn(old, name)) {
      return undefined;
    }
    const schema = propertySchema(this.schema, name);
    return schema === undefined ? undefined : new Correlation(schema, value[name], old[name]);
  }

  item(position: number): Correlation | undefined {
    const { value, old } = this;
    const { items } = this.schema;
    if (!Array.isArray(value) || !Array.isArray(old) || items === undefined || !isMapList(this.schema)) {
      return undefined;
    }
    this.#oldItems ??= itemsByKey(this.schema, old);
    const item: unknown = value[position];
    const key = itemKey(this.schema, item);
    const oldItem = key === undefined ? undefined : this.#oldItems.get(key);
    return oldItem === undefined ? undefined : new Correlation(items, item, oldItem);
  }

  /** Whether the value stayed the same. A field that the schema does not name makes its object count as changed. */
  get isUnchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  #compare(): boolean {
    const { value, old } = this;
    if (Array.isArray(value) && Array.isArray(old)) {
      if (value.length !== old.length) {
        return false;
      }
      return isMapList(this.schema)
        ? value.every((_, position) => this.item(position)?.isUnchanged === true)
        : equalJson(value, old);
    }
    if (isJsonObject(value) && isJsonObject(old)) {
      const names = Object.keys(value);
      return (
        names.length === Object.keys(old).length && names.every((name) => this.property(name)?.isUnchanged === true)
      );
    }
    return equalJson(value, old);
  }
}

/** The schema of a field, or of a map's values. */
export function propertySchema(schema: Schema, name: string): Schema | undefined {
  const { additionalProperties } = schema;
  return (
    ownEntry(schema.properties, name) ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
  );
}

export function isMapList(schema: Schema): boolean {
  return schema['x-kubernetes-list-type'] === 'map';
}

/** The items of a list of type map by their keys; of several with the same keys the first, items without keys are left out. */
export function itemsByKey(schema: Schema, items: readonly unknown[]): Map<string, unknown> {
  const byKey = new Map<string, unknown>();
  for (const item of items) {
    const key = itemKey(schema, item);
    if (key !== undefined && !byKey.has(key)) {
      byKey.set(key, item);
    }
  }
  return byKey;
}

/** A text that is the same for items with the same keys; undefined where a key is missing or not a scalar. */
export function itemKey(schema: Schema, item: unknown): string | undefined {
  if (!isJsonObject(item)) {
    return undefined;
  }
  const keys: string[] = [];
  for (const name of schema['x-kubernetes-list-map-keys'] ?? []) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (typeof value === 'string') {
      keys.push(JSON.stringify(value));
    } else if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
      keys.push(String(value));
    } else {
      return undefined;
    }
  }
  return keys.join(',');
}
