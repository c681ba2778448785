import { isJsonObject, type JsonObject, type KubeObject } from './object.js';

/**
 * Reading plain JSON as Go reads its structs: what is absent is the zero value of its type. Objects come here after
 * decoding, so a wrong type means absent as well.
 */

export function objectAt(parent: Readonly<JsonObject>, key: string): JsonObject {
  const value = parent[key];
  return isJsonObject(value) ? value : {};
}

export function optionalObjectAt(parent: JsonObject, key: string): JsonObject | undefined {
  const value = parent[key];
  return isJsonObject(value) ? value : undefined;
}

export function objectsAt(parent: JsonObject, key: string): JsonObject[] {
  const value = parent[key];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

export function stringAt(parent: JsonObject, key: string): string {
  const value = parent[key];
  return typeof value === 'string' ? value : '';
}

export function optionalStringAt(parent: JsonObject, key: string): string | undefined {
  const value = parent[key];
  return typeof value === 'string' ? value : undefined;
}

export function stringsAt(parent: JsonObject, key: string): string[] {
  const value = parent[key];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

export function numberAt(parent: JsonObject, key: string): number {
  const value = parent[key];
  return typeof value === 'number' ? value : 0;
}

export function optionalNumberAt(parent: JsonObject, key: string): number | undefined {
  const value = parent[key];
  return typeof value === 'number' ? value : undefined;
}

/** A number or a string as text; undefined for anything else. */
export function scalarAt(parent: JsonObject, key: string): string | undefined {
  const value = parent[key];
  return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
}

export function booleanAt(parent: JsonObject, key: string): boolean {
  return parent[key] === true;
}

export function specOf(object: KubeObject): JsonObject {
  return objectAt(object, 'spec');
}

export function statusOf(object: KubeObject): JsonObject {
  return objectAt(object, 'status');
}

/** The object under a key, made if it is not there. */
export function ensureObjectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (isJsonObject(value)) return value;
  const made: JsonObject = {};
  parent[key] = made;
  return made;
}

/** Sets a field that is absent or empty. */
export function setDefault(parent: JsonObject, key: string, value: unknown): void {
  const present = parent[key];
  if (present === undefined || present === null || present === '') parent[key] = value;
}
