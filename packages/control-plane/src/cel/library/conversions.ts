import { printFloat } from '../../schema/field-error.js';
import { parseGoDuration } from '../../schema/go-duration.js';
import { CelError } from '../cel-error.js';
import {
  A,
  aBool,
  aBytes,
  aDouble,
  aDuration,
  aListOf,
  aMapOf,
  anA,
  anInt,
  anything,
  aString,
  aTimestamp,
  aUint,
  B,
  fn,
  method,
  TRANSFORMATION,
  type Overload,
} from '../overload.js';
import {
  checkTimestamp,
  floorDivide,
  formatDuration,
  formatTimestamp,
  NANOS_PER_SECOND,
  parseTimestamp,
} from '../time.js';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, TYPE, UINT } from '../types.js';
import { Duration, sizeOf, Timestamp, typeNameOf, TypeValue, type Value } from '../values.js';
import { toInt, toUint } from './operators.js';

function conversionError(from: Value, to: string): CelError {
  return new CelError(`type conversion error from '${typeNameOf(from)}' to '${to}'`);
}

function parseInteger(text: string, to: 'int' | 'uint'): bigint {
  if (!/^[+-]?\d+$/.test(text) || (to === 'uint' && !/^\d/.test(text))) {
    throw conversionError(text, to);
  }
  return BigInt(text.replace('+', ''));
}

function doubleToInteger(value: number, name: string): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 64) {
    throw new CelError(`${name} overflow`);
  }
  return BigInt(Math.trunc(value));
}

function parseDouble(text: string): number {
  if (!/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf(inity)?|nan)$/i.test(text)) {
    throw conversionError(text, 'double');
  }
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '').toLowerCase();
  return body.startsWith('inf') ? sign * Infinity : sign * Number(body);
}

function parseBool(text: string): boolean {
  if (['true', 'True', 'TRUE', 't', '1'].includes(text)) {
    return true;
  }
  if (['false', 'False', 'FALSE', 'f', '0'].includes(text)) {
    return false;
  }
  throw conversionError(text, 'bool');
}

/** @throws {@link CelError} for bytes that are no UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function toDuration(text: string): Duration {
  const nanos = parseGoDuration(text);
  if (nanos === undefined) {
    throw conversionError(text, 'google.protobuf.Duration');
  }
  return new Duration(nanos);
}

function toTimestamp(text: string): Timestamp {
  const nanos = parseTimestamp(text);
  if (nanos === undefined) {
    throw conversionError(text, 'google.protobuf.Timestamp');
  }
  return new Timestamp(checkTimestamp(nanos));
}

/** Strings are as long as they have characters, not UTF-16 units. */
function size(value: Value): bigint {
  return BigInt(typeof value === 'string' ? [...value].length : sizeOf(value));
}

const measured = [aString, aBytes, aListOf(A), aMapOf(A, B)];

/** `int()`, `string()`, `type()`, `size()` and their like. */
export const conversions: readonly Overload[] = [
  ...measured.flatMap((type) => [fn('size', [type], INT, size), method('size', [type], INT, size)]),
  fn('type', [anA], TYPE, (value) => new TypeValue(typeNameOf(value))),
  fn('dyn', [anything], DYN, (value) => value),

  fn('int', [anInt], INT, (value) => value),
  fn('int', [aUint], INT, (value) => toInt(value.value)),
  fn('int', [aDouble], INT, (value) => toInt(doubleToInteger(value, 'integer'))),
  fn('int', [aString], INT, (text) => toInt(parseInteger(text, 'int'))),
  fn('int', [aTimestamp], INT, (time) => floorDivide(time.nanos, NANOS_PER_SECOND)),
  fn('int', [aDuration], INT, (duration) => duration.nanos),

  fn('uint', [aUint], UINT, (value) => value),
  fn('uint', [anInt], UINT, toUint),
  fn('uint', [aDouble], UINT, (value) => toUint(doubleToInteger(value, 'unsigned integer'))),
  fn('uint', [aString], UINT, (text) => toUint(parseInteger(text, 'uint'))),

  fn('double', [aDouble], DOUBLE, (value) => value),
  fn('double', [anInt], DOUBLE, Number),
  fn('double', [aUint], DOUBLE, (value) => Number(value.value)),
  fn('double', [aString], DOUBLE, parseDouble),

  fn('string', [aString], STRING, (text) => text, { size: TRANSFORMATION.size }),
  fn('string', [anInt], STRING, String),
  fn('string', [aUint], STRING, (value) => String(value.value)),
  fn('string', [aDouble], STRING, printFloat),
  fn('string', [aBool], STRING, String),
  fn('string', [aBytes], STRING, decodeText, TRANSFORMATION),
  fn('string', [aTimestamp], STRING, (time) => formatTimestamp(time.nanos)),
  fn('string', [aDuration], STRING, (duration) => formatDuration(duration.nanos)),

  fn('bytes', [aBytes], BYTES, (bytes) => bytes),
  fn('bytes', [aString], BYTES, (text) => new TextEncoder().encode(text), TRANSFORMATION),

  fn('bool', [aBool], BOOL, (value) => value),
  fn('bool', [aString], BOOL, parseBool),

  fn('duration', [aDuration], DURATION, (duration) => duration),
  fn('duration', [anInt], DURATION, (nanos) => new Duration(nanos)),
  fn('duration', [aString], DURATION, toDuration),

  fn('timestamp', [aTimestamp], TIMESTAMP, (time) => time),
  fn('timestamp', [anInt], TIMESTAMP, (seconds) => new Timestamp(checkTimestamp(seconds * NANOS_PER_SECOND))),
  fn('timestamp', [aString], TIMESTAMP, toTimestamp),
];
