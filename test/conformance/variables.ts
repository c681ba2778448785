import { isList, isObject, mergePatch, textOf, type Json, type JsonObject } from './json.js';
import { valueAt } from './value-path.js';

/** What `${name}` may stand for in a case: names of its run, and replies that it kept. */
export type Variables = Readonly<Record<string, Json>>;

const REFERENCE = /\$\{([^}]+)\}/g;
const REFERENCE_ALONE = /^\$\{([^}]+)\}$/;

/**
 * Puts the variables in. `${a.metadata.uid}` alone becomes the value, inside a text its JSON. Beside that:
 * `{$from: a, $merge: {…}}` is a kept reply, merge-patched; `{$repeat: [text, times]}`; `{$base64: value}`.
 *
 * @throws when a variable is unknown: the case is wrong, or an earlier reply was not what it takes for granted.
 */
export function fill(value: Json, variables: Variables): Json {
  if (typeof value === 'string') {
    const alone = REFERENCE_ALONE.exec(value)?.[1];
    return alone === undefined ? fillText(value, variables) : lookUp(alone, variables);
  }
  if (isList(value)) return value.map((item) => fill(item, variables));
  if (!isObject(value)) return value;
  const { $from, $merge = {}, $repeat, $base64 } = value;
  if (typeof $from === 'string') return mergePatch(lookUp($from, variables), fill($merge, variables));
  if (isList($repeat)) return textOf($repeat[0]).repeat(Number($repeat[1]));
  if ($base64 !== undefined) return Buffer.from(textOf(fill($base64, variables))).toString('base64');
  return fillObject(value, variables);
}

export function fillObject(object: JsonObject, variables: Variables): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [fillText(key, variables), fill(item, variables)]),
  );
}

export function fillText(text: string, variables: Variables): string {
  return text.replace(REFERENCE, (_, name: string) => textOf(lookUp(name, variables)));
}

function lookUp(name: string, variables: Variables): Json {
  const found = valueAt(variables, name);
  if (found === undefined) throw new Error(`nothing known as \${${name}}`);
  return found;
}
