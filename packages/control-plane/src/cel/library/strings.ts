import { SHORT_ESCAPES } from '../../schema/field-error.js';
import { compilePattern, matchesPattern, PatternError } from '../../schema/pattern.js';
import { CelError } from '../cel-error.js';
import { TRAVERSAL_FACTOR } from '../cost.js';
import {
  aListOf,
  anInt,
  aString,
  fn,
  method,
  REGEX_SEARCH,
  TRANSFORMATION,
  TRAVERSAL,
  type Growth,
  type Overload,
} from '../overload.js';
import { BOOL, DYN, INT, listOf, STRING } from '../types.js';
import { ListValue, type Value } from '../values.js';
import { formatText } from './format-text.js';

const twoTraversals: Growth = { cost: ([size = 0]) => size * 2 * TRAVERSAL_FACTOR };
const affix: Growth = { cost: ([, size = 0]) => size * TRAVERSAL_FACTOR };
const search: Growth = {
  cost: ([text = 0, part = 0]) => Math.ceil(text * TRAVERSAL_FACTOR) * Math.ceil(part * TRAVERSAL_FACTOR),
};

/** Runs something that takes a pattern; what RE2 does not know is an error of the expression. */
function withPattern<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PatternError) {
      throw new CelError(error.message);
    }
    throw error;
  }
}

/** A position in characters within a text of so many of them. */
function position(index: bigint, length: number): number {
  if (index < 0n || index > BigInt(length)) {
    throw new CelError(`index out of range: ${index}`);
  }
  return Number(index);
}

function charAt(text: string, index: bigint): string {
  const characters = [...text];
  return characters[position(index, characters.length)] ?? '';
}

/** A position from which to search; searching beyond the end finds nothing. */
function searchStart(index: bigint): number {
  if (index < 0n) {
    throw new CelError(`index out of range: ${index}`);
  }
  return Number(index);
}

function indexOf(value: string, part: string, from: bigint): bigint {
  if (part === '') {
    return from;
  }
  const characters = [...value].slice(searchStart(from));
  const found = characters.join('').indexOf(part);
  return found === -1 ? -1n : from + BigInt([...characters.join('').slice(0, found)].length);
}

function lastIndexOf(value: string, part: string, upTo?: bigint): bigint {
  const characters = [...value];
  const sought = [...part];
  if (part === '') {
    return upTo ?? BigInt(characters.length);
  }
  const last = upTo === undefined ? characters.length - 1 : searchStart(upTo);
  if (last >= characters.length) {
    return -1n;
  }
  for (let start = Math.min(last, characters.length - sought.length); start >= 0; start -= 1) {
    if (sought.every((character, offset) => characters[start + offset] === character)) {
      return BigInt(start);
    }
  }
  return -1n;
}

/** Far beyond what an object can hold; the cost of a call counts what it reads, not what it makes. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** @throws {@link CelError} when a text would be too long to be made. */
function checkLength(length: number): void {
  if (length > MAX_LENGTH) {
    throw new CelError(`the text is too long: ${length} characters`);
  }
}

function replace(text: string, from: string, to: string, limit: bigint): string {
  if (limit === 0n) {
    return text;
  }
  const parts = from === '' ? ['', ...text, ''] : text.split(from);
  const count = limit < 0n ? parts.length - 1 : Math.min(parts.length - 1, Number(limit));
  checkLength(text.length + count * to.length);
  // Between what was not replaced stands the old text again.
  return (
    parts.slice(0, count + 1).join(to) +
    parts
      .slice(count + 1)
      .map((part) => from + part)
      .join('')
  );
}

function split(text: string, separator: string, limit: bigint): ListValue {
  if (limit === 0n) {
    return new ListValue([]);
  }
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) {
    return new ListValue(parts);
  }
  const count = Number(limit) - 1;
  return new ListValue([...parts.slice(0, count), parts.slice(count).join(separator)]);
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  const start = position(from, characters.length);
  const end = to === undefined ? characters.length : position(to, characters.length);
  if (start > end) {
    throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  return characters.slice(start, end).join('');
}

function join(list: ListValue, separator: string): string {
  const parts = list.items.map(text);
  checkLength(parts.reduce((sum, part) => sum + part.length + separator.length, 0));
  return parts.join(separator);
}

function text(value: Value): string {
  if (typeof value !== 'string') {
    throw new CelError('no such overload');
  }
  return value;
}

/** Go's white space; JavaScript's `trim` also takes the byte order mark. */
function trim(value: string): string {
  return value.replace(
    /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g,
    '',
  );
}

const joining: Growth = { cost: ([size = 0]) => size * 2 * TRAVERSAL_FACTOR };

/** The string functions of CEL and of cel-go's extension in version 2, which Kubernetes has. */
export const strings: readonly Overload[] = [
  method('contains', [aString, aString], BOOL, (value, part) => value.includes(part), search),
  method('startsWith', [aString, aString], BOOL, (value, prefix) => value.startsWith(prefix), affix),
  method('endsWith', [aString, aString], BOOL, (value, suffix) => value.endsWith(suffix), affix),
  fn(
    'matches',
    [aString, aString],
    BOOL,
    (value, pattern) => withPattern(() => matchesPattern(pattern, value)),
    REGEX_SEARCH,
  ),
  method(
    'matches',
    [aString, aString],
    BOOL,
    (value, pattern) => withPattern(() => matchesPattern(pattern, value)),
    REGEX_SEARCH,
  ),
  method('charAt', [aString, anInt], STRING, charAt, { size: () => 4 }),
  method('indexOf', [aString, aString], INT, (value, part) => indexOf(value, part, 0n), TRAVERSAL),
  method('indexOf', [aString, aString, anInt], INT, indexOf, TRAVERSAL),
  method('lastIndexOf', [aString, aString], INT, (value, part) => lastIndexOf(value, part), TRAVERSAL),
  method('lastIndexOf', [aString, aString, anInt], INT, lastIndexOf, TRAVERSAL),
  method(
    'lowerAscii',
    [aString],
    STRING,
    (value) => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    TRANSFORMATION,
  ),
  method(
    'upperAscii',
    [aString],
    STRING,
    (value) => value.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
    TRANSFORMATION,
  ),
  method(
    'replace',
    [aString, aString, aString],
    STRING,
    (value, from, to) => replace(value, from, to, -1n),
    twoTraversals,
  ),
  method('replace', [aString, aString, aString, anInt], STRING, replace, twoTraversals),
  method('split', [aString, aString], listOf(STRING), (value, separator) => split(value, separator, -1n), {
    ...twoTraversals,
    size: TRANSFORMATION.size,
  }),
  method('split', [aString, aString, anInt], listOf(STRING), split, { ...twoTraversals, size: TRANSFORMATION.size }),
  method('substring', [aString, anInt], STRING, (value, from) => substring(value, from), TRANSFORMATION),
  method('substring', [aString, anInt, anInt], STRING, substring, TRANSFORMATION),
  method('trim', [aString], STRING, trim, TRANSFORMATION),
  method('join', [aListOf(STRING)], STRING, (list) => join(list, ''), joining),
  method('join', [aListOf(STRING), aString], STRING, join, joining),
  method('format', [aString, aListOf(DYN)], STRING, (pattern, args) => formatText(pattern, args.items), TRAVERSAL),
  fn('strings.quote', [aString], STRING, quoteText, { cost: TRAVERSAL.cost, size: ([size = 0]) => size * 2 + 2 }),
  method('find', [aString, aString], STRING, (value, pattern) => find(value, pattern), REGEX_SEARCH),
  method('findAll', [aString, aString], listOf(STRING), (value, pattern) => findAll(value, pattern, -1n), REGEX_SEARCH),
  method('findAll', [aString, aString, anInt], listOf(STRING), findAll, REGEX_SEARCH),
];

function quoteText(value: string): string {
  return `"${value.replace(/[\u0007-\r"\\]/g, (character) => SHORT_ESCAPES[character] ?? character)}"`;
}

function find(value: string, pattern: string): string {
  const [first] = findAll(value, pattern, 1n).items;
  return first === undefined ? '' : text(first);
}

function findAll(value: string, pattern: string, limit: bigint): ListValue {
  return withPattern(() => {
    const matcher = compilePattern(pattern).matcher(value);
    const found: string[] = [];
    while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) {
      found.push(matcher.group() ?? '');
    }
    return new ListValue(found);
  });
}
