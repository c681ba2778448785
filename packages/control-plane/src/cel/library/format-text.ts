import { printFloat, quote } from '../../schema/field-error.js';
import { CelError } from '../cel-error.js';
import { formatDuration, formatTimestamp } from '../time.js';
import { decodeText } from './conversions.js';
import { printType, type CelType } from '../types.js';
import { Duration, ListValue, MapValue, Timestamp, typeNameOf, TypeValue, Uint, type Value } from '../values.js';

const DEFAULT_PRECISION = 6;

const CLAUSE = /%(?:(%)|(?:\.(\d+))?(.?))/gsu;

/** `"%d of %s".format([1, 'a'])`, with the verbs s, d, f, e, b, x, X and o. */
export function formatText(pattern: string, args: readonly Value[]): string {
  let next = 0;
  return pattern.replace(CLAUSE, (_, percent: string | undefined, precision: string | undefined, verb: string) => {
    if (percent !== undefined) {
      return '%';
    }
    const value = args[next];
    if (value === undefined) {
      throw new CelError(`index ${next} out of range`);
    }
    next += 1;
    return formatVerb(verb, value, precision);
  });
}

/** What would always be wrong with formatting values of these types, if anything. */
export function formatProblem(pattern: string, types: readonly CelType[]): string | undefined {
  const clauses = [...pattern.matchAll(CLAUSE)].filter(([, percent]) => percent === undefined);
  for (const [position, [, , , verb = '']] of clauses.entries()) {
    const type = types[position];
    const clause = CLAUSES[verb];
    if (clause === undefined) {
      return unknownVerb(verb);
    }
    if (type === undefined) {
      return `index ${position} out of range`;
    }
    if (type.kind !== 'dyn' && !clause.kinds.includes(type.kind)) {
      return `error during formatting: ${clause.requirement}, was given ${printType(type)}`;
    }
  }
  return types.length > clauses.length
    ? `too many arguments supplied to string.format (expected ${clauses.length}, got ${types.length})`
    : undefined;
}

interface Clause {
  /** The kinds of values that it takes. */
  readonly kinds: readonly CelType['kind'][];
  readonly requirement: string;
}

const STRING_CLAUSE: Clause = {
  kinds: [
    'bool',
    'bytes',
    'double',
    'duration',
    'int',
    'list',
    'map',
    'null',
    'object',
    'string',
    'timestamp',
    'type',
    'uint',
  ],
  requirement:
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
};
const HEX_CLAUSE: Clause = {
  kinds: ['int', 'uint', 'string', 'bytes'],
  requirement: 'only integers, byte buffers, and strings can be formatted as hex',
};
const CLAUSES: Readonly<Record<string, Clause>> = {
  s: STRING_CLAUSE,
  d: { kinds: ['int', 'uint'], requirement: 'decimal clause can only be used on integers' },
  f: { kinds: ['double', 'string'], requirement: 'fixed-point clause can only be used on doubles' },
  e: { kinds: ['double', 'string'], requirement: 'scientific clause can only be used on doubles' },
  b: { kinds: ['int', 'uint', 'bool'], requirement: 'only integers and bools can be formatted as binary' },
  o: { kinds: ['int', 'uint'], requirement: 'octal clause can only be used on integers' },
  x: HEX_CLAUSE,
  X: HEX_CLAUSE,
};

function unknownVerb(verb: string): string {
  return `could not parse formatting clause: unrecognized formatting clause "${verb}"`;
}

function formatVerb(verb: string, value: Value, precision: string | undefined): string {
  const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision);
  switch (verb) {
    case 's':
      return asString(value);
    case 'd':
      return decimal(value);
    case 'f':
      return real(value, verb, (number) => number.toFixed(digits));
    case 'e':
      return real(value, verb, (number) => printScientific(number, digits));
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integer(value, 2, verb);
    case 'o':
      return integer(value, 8, verb);
    case 'x':
      return hexadecimal(value);
    case 'X':
      return hexadecimal(value).toUpperCase();
    default:
      throw new CelError(unknownVerb(verb));
  }
}

/** `1.5×10⁰³` */
function printScientific(number: number, digits: number): string {
  const [mantissa = '', exponent = ''] = number.toExponential(digits).split('e');
  const power = exponent.replace(/\d+/, (text) => text.padStart(2, '0')).replace('+', '');
  return `${mantissa}×10${[...power].map((character) => SUPERSCRIPTS[character] ?? character).join('')}`;
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
};

function asString(value: Value): string {
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value === 'number') {
    return printFloat(value);
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  if (value instanceof Uint) {
    return String(value.value);
  }
  if (value instanceof Uint8Array) {
    return decodeText(value);
  }
  if (value instanceof Timestamp) {
    return formatTimestamp(value.nanos);
  }
  if (value instanceof Duration) {
    return formatDuration(value.nanos);
  }
  if (value instanceof TypeValue) {
    return value.type;
  }
  if (value instanceof ListValue) {
    return `[${value.items.map(asElement).join(', ')}]`;
  }
  if (value instanceof MapValue) {
    const entries = value.keys().map((key) => {
      const entry = value.get(key);
      return `${asKey(key)}:${entry === undefined ? '' : asElement(entry)}`;
    });
    return `{${entries.sort().join(', ')}}`;
  }
  throw wrongArgument('s', value);
}

function asKey(key: Value): string {
  if (typeof key === 'number') {
    throw new CelError('no formatting function for map key of type double');
  }
  return asElement(key);
}

/** A value inside a list or map: strings are quoted. */
function asElement(value: Value): string {
  if (typeof value === 'string') {
    return quote(value);
  }
  if (value instanceof Uint8Array) {
    return `b${quote(asString(value))}`;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value.toFixed(DEFAULT_PRECISION) : quote(String(value));
  }
  if (value instanceof Timestamp) {
    return `timestamp(${quote(asString(value))})`;
  }
  return value instanceof Duration ? `duration(${quote(asString(value))})` : asString(value);
}

function decimal(value: Value): string {
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (value instanceof Uint) {
    return String(value.value);
  }
  throw wrongArgument('d', value);
}

function real(value: Value, verb: string, print: (number: number) => string): string {
  if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) {
    return value;
  }
  if (typeof value !== 'number') {
    throw wrongArgument(verb, value);
  }
  return Number.isFinite(value) ? print(value) : String(value);
}

function integer(value: Value, radix: number, verb: string): string {
  const number = value instanceof Uint ? value.value : value;
  if (typeof number !== 'bigint') {
    throw wrongArgument(verb, value);
  }
  return number.toString(radix);
}

function hexadecimal(value: Value): string {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return Buffer.from(value).toString('hex');
  }
  return integer(value, 16, 'x');
}

function wrongArgument(verb: string, value: Value): CelError {
  const requirement = CLAUSES[verb]?.requirement ?? '';
  return new CelError(`error during formatting: ${requirement}, was given ${typeNameOf(value)}`);
}
