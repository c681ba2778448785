import { RE2JS } from 're2js';
import { isNestedTooDeep, MAX_NESTING } from './nesting.js';

const TYPES: readonly unknown[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** What is wrong with the value of a keyword, each with the path to it; `schema` is what the keyword is in. */
type Rule = (value: unknown, path: string, schema: Schema) => Iterable<string>;

type Schema = Readonly<Record<string, unknown>>;

/**
 * What makes a value no JSON Schema, by the rules that drafts 4, 6 and 7 share; undefined when nothing does. Keywords they do not
 * know are let be, and so are formats.
 *
 * @see {@link https://json-schema.org/draft-07/schema | The schema of schemas}
 */
export function jsonSchemaProblem(schema: unknown): string | undefined {
  if (isNestedTooDeep(schema)) return `nested deeper than ${MAX_NESTING} levels`;
  const [problem] = schemaRule(schema, '');
  return problem;
}

function* schemaRule(schema: unknown, path: string): Generator<string> {
  if (typeof schema === 'boolean') return;
  if (!isObject(schema)) {
    yield `${path === '' ? 'it' : path} must be a schema: an object, or a boolean`;
    return;
  }
  for (const [keyword, value] of Object.entries(schema)) {
    const rule = RULES.get(keyword);
    if (rule !== undefined) yield* rule(value, path === '' ? keyword : `${path}.${keyword}`, schema);
  }
}

const check =
  (isRight: (value: unknown) => boolean, expected: string) =>
  (value: unknown, path: string): readonly string[] =>
    isRight(value) ? [] : [`${path} must be ${expected}`];

const text = check((value) => typeof value === 'string', 'a string');
const boolean = check((value) => typeof value === 'boolean', 'a boolean');
const number = check((value) => typeof value === 'number', 'a number');
const count = check((value) => Number.isInteger(value) && Number(value) >= 0, 'an integer, at least 0');
const names = check(
  (value) => isDistinct(value) && value.every((item) => typeof item === 'string'),
  'a list of strings, each once',
);
const type = check(
  (value) => TYPES.includes(value) || (isDistinct(value) && value.every((item) => TYPES.includes(item))),
  `one of ${TYPES.join(', ')}, or a list of them, each once`,
);
const regularExpression = check(isRegularExpression, 'a regular expression');

/** In draft 4 it says that the bound itself is not allowed, since then it is a bound of its own. */
function exclusiveBound(bound: string): Rule {
  return (value, path, schema) => {
    if (typeof value === 'number') return [];
    if (typeof value !== 'boolean') return [`${path} must be a boolean or a number`];
    return schema[bound] === undefined ? [`${path} cannot be used without ${bound}`] : [];
  };
}

function* schemas(value: unknown, path: string): Generator<string> {
  if (!Array.isArray(value)) yield `${path} must be a list of schemas`;
  else for (const [index, item] of value.entries()) yield* schemaRule(item, `${path}[${index}]`);
}

function* schemaMap(value: unknown, path: string): Generator<string> {
  if (!isObject(value)) yield `${path} must be an object`;
  else for (const [key, item] of Object.entries(value)) yield* schemaRule(item, `${path}.${key}`);
}

function* patternMap(value: unknown, path: string): Generator<string> {
  if (isObject(value)) for (const key of Object.keys(value)) yield* regularExpression(key, `${path}: the key ${key}`);
  yield* schemaMap(value, path);
}

function* dependencies(value: unknown, path: string): Generator<string> {
  if (!isObject(value)) yield `${path} must be an object`;
  else {
    for (const [key, item] of Object.entries(value)) {
      yield* (Array.isArray(item) ? names : schemaRule)(item, `${path}.${key}`);
    }
  }
}

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...['$id', '$ref', '$schema', 'id', 'title', 'description', 'format'].map((keyword) => [keyword, text] as const),
  ['type', type],
  ['enum', check(isDistinct, 'a list of values, each once')],
  ['pattern', regularExpression],
  ['required', names],
  ['uniqueItems', boolean],
  ['minimum', number],
  ['maximum', number],
  ['exclusiveMinimum', exclusiveBound('minimum')],
  ['exclusiveMaximum', exclusiveBound('maximum')],
  ['multipleOf', check((value) => typeof value === 'number' && value > 0, 'a number greater than 0')],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map(
    (keyword) => [keyword, count] as const,
  ),
  ['items', (value, path) => (Array.isArray(value) ? schemas : schemaRule)(value, path)],
  ...['additionalItems', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'].map(
    (keyword) => [keyword, schemaRule] as const,
  ),
  ...['allOf', 'anyOf', 'oneOf'].map((keyword) => [keyword, schemas] as const),
  ...['properties', 'definitions'].map((keyword) => [keyword, schemaMap] as const),
  ['patternProperties', patternMap],
  ['dependencies', dependencies],
]);

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDistinct(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && new Set(value).size === value.length;
}

/** Tools are run by programs whose regular expressions are RE2. */
function isRegularExpression(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    RE2JS.compile(value);
    return true;
  } catch {
    return false;
  }
}
