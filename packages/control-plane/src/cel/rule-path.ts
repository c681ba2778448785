import { child, key } from '../schema/field-path.js';
import { ownEntry } from '../json.js';
import type { Schema } from '../schema/schema.js';

/** Where a path leads. */
export interface RulePath {
  /** In the API server's notation: `.a['b']` is `a.b` or `a[b]`. */
  readonly path: string;
  readonly schema: Schema;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/**
 * Follows a JSON path of fields and map keys, `.spec.map['some.key']`, through a schema.
 *
 * @param options.brackets - Whether `['name']` is allowed.
 * @returns Undefined when the path is malformed or leads to a field that the schema does not have.
 */
export function rulePath(
  jsonPath: string,
  schema: Schema,
  options: { brackets: boolean } = { brackets: true },
): RulePath | undefined {
  let rest = jsonPath;
  let result: RulePath = { path: '', schema };
  while (rest !== '') {
    const step = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/s.exec(rest);
    const name = step?.[1] ?? unescape(step?.[2]);
    if (step === null || name === undefined || (step[2] !== undefined && !options.brackets)) {
      return undefined;
    }
    const next = follow(result, name);
    if (next === undefined) {
      return undefined;
    }
    result = next;
    rest = rest.slice(step[0].length);
  }
  return result;
}

function follow({ path, schema }: RulePath, name: string): RulePath | undefined {
  if (schema.properties !== undefined) {
    const property = ownEntry(schema.properties, name);
    return property === undefined ? undefined : { path: child(path, name), schema: property };
  }
  const { additionalProperties } = schema;
  return typeof additionalProperties === 'object' ? { path: key(path, name), schema: additionalProperties } : undefined;
}

function unescape(text: string | undefined): string | undefined {
  let valid = true;
  const unescaped = text?.replace(/\\(.)/gs, (_, character: string) => {
    const escape = ESCAPES[character];
    valid &&= escape !== undefined;
    return escape ?? '';
  });
  return valid ? unescaped : undefined;
}
