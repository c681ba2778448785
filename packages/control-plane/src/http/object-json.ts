import type { KubeObject } from '../object.js';
import { RecentCache } from '../recent-cache.js';

/** The texts of this many objects are kept, and of as many again: those that watchers and readers ask for one after the other. */
const KEPT = 2048;
const texts = new RecentCache<object, string>(KEPT);

/** An object as JSON text, what it is in front. Written once for each stored state, however many watch it. */
export function objectJson(object: Readonly<KubeObject>): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = saysFirstWhatItIs(object) ? JSON.stringify(object) : typeFirst(object);
  // What is not frozen may change yet.
  if (Object.isFrozen(object)) texts.set(object, text);
  return text;
}

/** The JSON of everything but apiVersion and kind, which lists of built-in kinds leave out. */
export function fieldsJson(object: Readonly<KubeObject>): string {
  const type = JSON.stringify({ apiVersion: object.apiVersion, kind: object.kind });
  const rest = objectJson(object).slice(type.length);
  return rest === '' ? '{}' : `{${rest}`;
}

function saysFirstWhatItIs(object: Readonly<KubeObject>): boolean {
  const [first, second] = Object.keys(object);
  return first === 'apiVersion' && second === 'kind';
}

function typeFirst({ apiVersion, kind, ...fields }: Readonly<KubeObject>): string {
  const type = JSON.stringify({ apiVersion, kind }).slice(0, -1);
  const rest = JSON.stringify(fields).slice(1);
  return rest === '}' ? `${type}}` : `${type},${rest}`;
}
