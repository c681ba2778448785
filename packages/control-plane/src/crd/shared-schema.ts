import { hash } from 'node:crypto';
import { RecentCache } from '../recent-cache.js';
import type { Schema } from '../schema/schema.js';

/** So many schemas are kept, and as many again: all that the definitions of an operator have. */
const KEPT = 32;

const byContent = new RecentCache<string, Schema>(KEPT);
const byStored = new WeakMap<Schema, Schema>();

/**
 * The one object that stands for all stored schemas with the same content, so that what follows from a schema, its compiled
 * rules above all, is made once in a process, however many servers are given its definition.
 */
export function sharedSchema(schema: Schema): Schema {
  // What is not stored may change yet.
  if (!Object.isFrozen(schema)) return schema;
  const known = byStored.get(schema);
  if (known !== undefined) return known;
  const digest = digestOf(schema);
  const alike = byContent.get(digest);
  if (alike === undefined) byContent.set(digest, schema);
  byStored.set(schema, alike ?? schema);
  return alike ?? schema;
}

/** Equal for schemas with the same content. */
export function digestOf(schema: Schema): string {
  return hash('sha256', JSON.stringify(schema), 'base64');
}
