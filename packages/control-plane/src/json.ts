import { isJsonObject } from './object.js';

/** A copy that shares nothing with a JSON value, and is not frozen. */
export function copyJson<T>(value: T): T;
export function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => copyJson(item));
  if (!isJsonObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) setField(copy, key, copyJson(value[key]));
  return copy;
}

/** A copy that is not frozen, but shares with a JSON value whatever is frozen inside it. */
export function copyUnfrozen<T extends object>(value: T): T;
export function copyUnfrozen(value: object): unknown {
  const copyPart = (part: unknown): unknown =>
    typeof part !== 'object' || part === null || Object.isFrozen(part) ? part : copyUnfrozen(part);
  if (Array.isArray(value)) return value.map(copyPart);
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) setField(copy, key, copyPart(part));
  return copy;
}

/** Sets a property as JSON.parse would: `__proto__` is a key like any other. */
export function setField(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether two JSON values are equal; the order of keys does not count. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => equalJson(item, right[index]))
    );
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  let surplus = Object.keys(right).length;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !equalJson(left[key], right[key])) return false;
    surplus--;
  }
  return surplus === 0;
}

/** Freezes a JSON value and everything in it; what is frozen already is taken to be frozen throughout. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) value.forEach(freezeJson);
  else for (const key in value) freezeJson(value[key]);
  return Object.freeze(value);
}

/** The value at a path of keys, or undefined where it ends early. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (!isJsonObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** Sets the value at a path of keys, making the objects on the way. */
export function setValueAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let here = object;
  for (const key of path.slice(0, -1)) {
    const next = here[key];
    if (isJsonObject(next)) here = next;
    else {
      const made: Record<string, unknown> = {};
      setField(here, key, made);
      here = made;
    }
  }
  const last = path.at(-1);
  if (last !== undefined) setField(here, last, value);
}

/** Reads an own entry of a record; what every object inherits (`constructor`, `__proto__`) is none. */
export function ownEntry<T>(record: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
