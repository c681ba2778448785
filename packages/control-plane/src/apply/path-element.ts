import { isJsonObject } from '../object.js';
import { isNestedTooDeeply } from '../resources/nesting.js';
import { formatNumber, quote } from './go-format.js';

/**
 * One step of a field path in the canonical text that `fieldsV1` uses, and that field sets use as their keys:
 * `f:name` a field, `k:{"key":"value"}` an item of a list with map keys, `v:"value"` a member of a set, `i:0` an index.
 */
export type PathElement = string;

/** Thrown for a `fieldsV1` key that is no path element. */
export class PathElementError extends Error {
  override readonly name = 'PathElementError';
}

/** The path element of a field. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The path element of a value in a list that is a set. */
export function valueElement(value: unknown): PathElement {
  return `v:${canonicalJson(value)}`;
}

/** The path element of an item by its place. */
export function indexElement(index: number): PathElement {
  return `i:${index}`;
}

/**
 * Reads a key of `fieldsV1`.
 * @returns its canonical text; undefined for a type of element that this version does not know, to be ignored.
 * @throws {@link PathElementError} when it is malformed.
 */
export function parsePathElement(text: string): PathElement | undefined {
  if (text.length < 2 || text[1] !== ':') throw new PathElementError(`missing colon: ${text}`);
  const content = text.slice(2);
  switch (text.charAt(0)) {
    case 'f':
      return text;
    case 'v':
      return valueElement(parseContent(text, content));
    case 'k':
      return `k:${canonicalJson(keyFields(text, content))}`;
    case 'i':
      if (!/^[-+]?\d+$/.test(content)) throw new PathElementError(`invalid index: ${text}`);
      return indexElement(Number(content));
    default:
      return undefined;
  }
}

/** The path element as error messages show it: `.name`, `[key="value"]`, `[="value"]`, `[0]`. */
export function printPathElement(element: PathElement): string {
  const content = element.slice(2);
  switch (element.charAt(0)) {
    case 'k': {
      const fields = sortedEntries(keyFields(element, content));
      return `[${fields.map(([name, value]) => `${name}=${printValue(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${printValue(parseContent(element, content))}]`;
    case 'i':
      return `[${content}]`;
    default:
      return `.${content}`;
  }
}

/** The path as error messages show it: `.spec.containers[name="a"].image`. */
export function printPath(path: readonly PathElement[]): string {
  return path.map(printPathElement).join('');
}

/** Sorts as `fieldsV1` has its keys: fields, items by key, members by value, indexes; each by content. */
export function sortPathElements(elements: PathElement[]): PathElement[] {
  if (elements.length < 2) return elements;
  if (elements.every((element) => element.startsWith('f:'))) return elements.sort();
  return elements
    .map((element) => ({ element, rank: KIND_ORDER.indexOf(element[0] ?? ''), content: contentOf(element) }))
    .sort((left, right) => left.rank - right.rank || compareValues(left.content, right.content))
    .map(({ element }) => element);
}

const KIND_ORDER = 'fkvi';

function contentOf(element: PathElement): unknown {
  const content = element.slice(2);
  return element.startsWith('f:') ? content : parseContent(element, content);
}

/** JSON with sorted keys, `<`, `>` and `&` escaped as Go's encoder does. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return jsonString(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  return `{${sortedEntries(value)
    .map(([name, item]) => `${jsonString(name)}:${canonicalJson(item)}`)
    .join(',')}}`;
}

const PLAIN = /^[\w ./:@=+*-]*$/;
const HTML = /[<>&\u2028\u2029]/g;

function jsonString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(HTML, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function parseContent(element: string, content: string): unknown {
  try {
    const value: unknown = JSON.parse(content);
    if (!isNestedTooDeeply(value)) return value;
  } catch {
    // It is said below.
  }
  throw new PathElementError(`invalid JSON in path element: ${element}`);
}

function keyFields(element: string, content: string): Record<string, unknown> {
  const fields = parseContent(element, content);
  if (!isJsonObject(fields)) throw new PathElementError(`the key is not an object: ${element}`);
  return fields;
}

function sortedEntries(object: Record<string, unknown>): [string, unknown][] {
  return Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1));
}

function printValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(',')}]`;
  if (isJsonObject(value)) {
    return sortedEntries(value)
      .map(([name, item]) => `${name}=${printValue(item)}`)
      .join('');
  }
  return String(value);
}

type Fields = readonly (readonly [name: string, value: unknown])[];

function compareFields(left: Fields, right: Fields): number {
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    const order = compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers before strings, booleans, lists, objects and null. */
function compareValues(left: unknown, right: unknown): number {
  const order = valueRank(left) - valueRank(right);
  if (order !== 0) return order;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left === right ? 0 : left < right ? -1 : 1;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (Array.isArray(left) && Array.isArray(right)) return compareFields(entriesOf(left), entriesOf(right));
  if (isJsonObject(left) && isJsonObject(right)) return compareFields(sortedEntries(left), sortedEntries(right));
  return 0;
}

function entriesOf(list: readonly unknown[]): Fields {
  return list.map((item) => ['', item]);
}

function valueRank(value: unknown): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  if (Array.isArray(value)) return 3;
  return value === null ? 5 : 4;
}
