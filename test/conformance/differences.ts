import { isList, isObject, type Json, type JsonObject } from './json.js';
import { textMatches } from './text-matching.js';

/** Something that is not as a case expects it. */
export interface Difference {
  readonly path: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
}

interface Comparison {
  /** What is not mentioned may be there. */
  readonly partial?: boolean;
  /** Where the values are, for the report. */
  readonly path?: string;
}

/** Thrown by a step whose reply is not the expected one. */
export class Mismatch extends Error {
  constructor(readonly differences: readonly Difference[]) {
    super(differences.slice(0, 5).map(describe).join('\n'));
    this.name = 'Mismatch';
  }
}

/** @throws {@link Mismatch} when there are differences. */
export function expectNone(differences: readonly Difference[]): void {
  if (differences.length > 0) throw new Mismatch(differences);
}

/** How a value differs from what is expected of it: matchers in texts, `<absent>`, and two lists that are sets. */
export function differencesOf(
  expected: Json,
  actual: Json | undefined,
  { partial = false, path = '' }: Comparison = {},
): Difference[] {
  const differ = [{ path, expected, actual }];
  if (expected === '<absent>') return actual === undefined ? [] : differ;
  if (typeof expected === 'string') return textMatches(expected, actual) || sameErrors(expected, actual) ? [] : differ;
  if (isList(expected)) return isList(actual) ? differencesOfLists(expected, actual, { partial, path }) : differ;
  if (isObject(expected)) return isObject(actual) ? differencesOfObjects(expected, actual, { partial, path }) : differ;
  return Object.is(expected, actual) ? [] : differ;
}

function differencesOfLists(
  expected: readonly Json[],
  actual: readonly Json[],
  { partial, path }: Required<Comparison>,
): Difference[] {
  if (expected.length !== actual.length) return [{ path, expected, actual }];
  const got = sorted(actual, path);
  return sorted(expected, path).flatMap((item, index) =>
    differencesOf(item, got[index], { partial, path: `${path}[${String(index)}]` }),
  );
}

function differencesOfObjects(
  expected: JsonObject,
  actual: JsonObject,
  { partial, path }: Required<Comparison>,
): Difference[] {
  const inner = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const surplus = partial ? [] : Object.keys(actual).filter((key) => !Object.hasOwn(expected, key));
  return [
    ...Object.entries(expected).flatMap(([key, item]) =>
      differencesOf(item, Object.hasOwn(actual, key) ? actual[key] : undefined, { partial, path: inner(key) }),
    ),
    ...surplus.map((key) => ({ path: inner(key), expected: undefined, actual: actual[key] })),
  ];
}

/**
 * The order of some lists is none that a client may rely on: managedFields are ordered by times, so by where a second
 * ended, and the errors of a schema by the order in which a real server walks its maps, which is random.
 */
function sorted(list: readonly Json[], path: string): readonly Json[] {
  if (path.endsWith('metadata.managedFields')) {
    return sortedBy(list, ({ operation, manager, subresource = '', apiVersion }) => [
      operation,
      manager,
      subresource,
      apiVersion,
    ]);
  }
  return path.endsWith('details.causes') ? sortedBy(list, ({ field, message }) => [field, message]) : list;
}

function sortedBy(list: readonly Json[], key: (item: JsonObject) => unknown): readonly Json[] {
  if (!list.every(isObject)) return list;
  return list
    .map((item) => ({ item, text: JSON.stringify(key(item)) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ item }) => item);
}

/** Whether two messages of an Invalid status name the same errors, `… is invalid: [one, two]`, in whatever order. */
function sameErrors(expected: string, actual: Json | undefined): boolean {
  if (typeof actual !== 'string') return false;
  const [wanted, got] = [errorsIn(expected), errorsIn(actual)];
  if (!wanted || !got || !textMatches(wanted.subject, got.subject)) return false;
  return (
    wanted.errors.length === got.errors.length &&
    wanted.errors.every((error, index) => textMatches(error, got.errors[index]))
  );
}

function errorsIn(message: string): { subject: string; errors: string[] } | undefined {
  const [, subject, errors] = /^([^]* is invalid: )\[([^]*)\]$/.exec(message) ?? [];
  if (subject === undefined || errors === undefined) return undefined;
  return { subject, errors: errors.split(/, (?=[^ ,:]+: )/).sort() };
}

function describe({ path, expected, actual }: Difference): string {
  return `${path}: expected ${short(expected)}, got ${short(actual)}`;
}

function short(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
