import { isList, isObject, textOf, type Json } from './json.js';

const LENGTH: unique symbol = Symbol('length');

/** One step into a value: a key, an index, the entry of a list that has a field, or how much there is. */
type Part = string | number | { readonly field: string; readonly is: string } | typeof LENGTH;

const PART = /\.?#$|\.?\[(\d+)\]|\.?\["([^"]*)"\]|\.?\[([^=\]]+)=([^\]]*)\]|\.?([^.[\]]+)/gy;

/**
 * The value at a path: `spec.list[0].x`, `status.conditions[type=Ready].status`, `metadata.labels["a.b/c"]`, and `items.#`
 * for how many there are.
 */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  return parse(path).reduce(step, value);
}

function step(here: Json | undefined, part: Part): Json | undefined {
  if (part === LENGTH) {
    if (isList(here)) return here.length;
    return isObject(here) ? Object.keys(here).length : undefined;
  }
  if (typeof part === 'object') {
    return isList(here) ? here.find((item) => holds(valueAt(item, part.field), part.is)) : undefined;
  }
  if (isList(here)) return typeof part === 'number' ? here[part] : undefined;
  return isObject(here) && Object.hasOwn(here, part) ? here[part] : undefined;
}

/** Whether it is that value, or a list with it. */
function holds(value: Json | undefined, text: string): boolean {
  return isList(value) ? value.some((item) => textOf(item) === text) : textOf(value) === text;
}

function parse(path: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const [text, index, quoted, field, is = '', key] of path.matchAll(PART)) {
    end += text.length;
    if (index !== undefined) parts.push(Number(index));
    else if (quoted !== undefined) parts.push(quoted);
    else if (field !== undefined) parts.push({ field, is });
    else if (key !== undefined && key !== '#') parts.push(key);
    else parts.push(LENGTH);
  }
  if (end < path.length) throw new Error(`bad path: ${path}`);
  return parts;
}
