import type { KubeObject } from '../object.js';
import { RecentCache } from '../recent-cache.js';

/** The texts of this many objects are kept, and of as many again: those that watchers and readers ask for one after the other. */
const KEPT = 2048;
const texts = new RecentCache<object, string>(KEPT);

/** An object as JSON text. Written once for each stored state, however many watch it. */
export function objectJson(object: Readonly<KubeObject>): string {
  const { apiVersion, kind } = object;
  const rest = fieldsJson(object);
  const type = `"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)}`;
  return rest === '{}' ? `{${type}}` : `{${type},${rest.slice(1)}`;
}

/** The JSON of everything but apiVersion and kind, which lists of built-in kinds leave out. */
export function fieldsJson(object: Readonly<KubeObject>): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const { apiVersion: _apiVersion, kind: _kind, ...fields } = object;
  const text = JSON.stringify(fields);
  // What is not frozen may change yet.
  if (Object.isFrozen(object)) texts.set(object, text);
  return text;
}
