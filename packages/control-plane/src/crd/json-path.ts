import { isJsonObject } from '../object.js';

/** A compiled JSONPath: the values that it finds in an object, none where the path leads nowhere. */
export type JsonPath = (root: unknown) => unknown[];

type Step = (values: unknown[]) => unknown[];

const TOKEN =
  /\.\.|\.\*|\.([^.[\]{}]+)|\[\*\]|\[(-?\d+)\]|\[(-?\d*):(-?\d*)\]|\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]|\[\?\((.*?)\)\]/y;

const FILTER = /^\s*@((?:\.[^\s=!<>]+|\[[^\]]+\])*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/;

/**
 * Compiles the JSONPath of a printer column or selectable field, as kubectl knows it: fields, indexes, slices, `*`, `..`
 * and filters such as `.status.conditions[?(@.type=="Ready")].status`.
 *
 * @see {@link https://kubernetes.io/docs/reference/kubectl/jsonpath/ | JSONPath support}
 * @throws {@link JsonPathError} for text that is none.
 */
export function compileJsonPath(text: string): JsonPath {
  const path = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`;
  const steps: Step[] = [];
  // A copy: a filter is compiled while the path around it is being read.
  const token = new RegExp(TOKEN);
  let recursive = false;
  while (token.lastIndex < path.length) {
    const start = token.lastIndex;
    const match = token.exec(path);
    if (!match) throw new JsonPathError(text, start);
    if (match[0] === '..') {
      // What follows `..` is looked for at every depth: `..name`, without another dot.
      steps.push((values) => values.flatMap(descendants));
      recursive = true;
      token.lastIndex = start + 1;
      continue;
    }
    steps.push(stepOf(match, text));
  }
  if (steps.length === 0 || (recursive && steps.length === 1)) throw new JsonPathError(text, path.length);
  return (root) => steps.reduce<unknown[]>((values, step) => step(values), [root]);
}

/** Text that is no JSONPath. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';

  constructor(path: string, position: number) {
    super(`cannot read the JSONPath ${JSON.stringify(path)} at position ${String(position)}`);
  }
}

function stepOf(match: RegExpExecArray, text: string): Step {
  const [token, name, index, from, to, single, double, filter] = match;
  if (token === '.*' || token === '[*]') return (values) => values.flatMap(children);
  if (index !== undefined) return (values) => values.flatMap((value) => itemAt(value, Number(index)));
  if (from !== undefined && to !== undefined) {
    return (values) => values.flatMap((value) => (Array.isArray(value) ? sliceOf(value, from, to) : []));
  }
  if (filter !== undefined) {
    const test = compileFilter(filter, text, match.index);
    return (values) => values.flatMap(children).filter(test);
  }
  const key = (name ?? single ?? double ?? '').replace(/\\(.)/g, '$1');
  return (values) => values.flatMap((value) => fieldOf(value, key));
}

function compileFilter(filter: string, text: string, position: number): (value: unknown) => boolean {
  const match = FILTER.exec(filter);
  if (!match) throw new JsonPathError(text, position);
  const [, path = '', operator, literal] = match;
  const read: JsonPath = path === '' ? (value) => [value] : compileJsonPath(path);
  if (operator === undefined || literal === undefined) return (value) => read(value).length > 0;
  const wanted = parseLiteral(literal);
  return (value) => read(value).some((found) => compare(found, operator, wanted));
}

function parseLiteral(text: string): string | number | boolean {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return (quoted[2] ?? '').replace(/\\(.)/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function compare(found: unknown, operator: string, wanted: string | number | boolean): boolean {
  if (operator === '==') return found === wanted;
  if (operator === '!=') return found !== wanted;
  const isOrdered =
    (typeof found === 'number' && typeof wanted === 'number') ||
    (typeof found === 'string' && typeof wanted === 'string');
  if (!isOrdered) return false;
  if (operator === '<') return found < wanted;
  if (operator === '<=') return found <= wanted;
  return operator === '>' ? found > wanted : found >= wanted;
}

function fieldOf(value: unknown, key: string): unknown[] {
  return isJsonObject(value) && Object.hasOwn(value, key) ? [value[key]] : [];
}

function itemAt(value: unknown, index: number): unknown[] {
  if (!Array.isArray(value)) return [];
  const item: unknown = value.at(index);
  return item === undefined ? [] : [item];
}

function sliceOf(list: readonly unknown[], from: string, to: string): unknown[] {
  return list.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to));
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function descendants(value: unknown): unknown[] {
  return [value, ...children(value).flatMap(descendants)];
}
