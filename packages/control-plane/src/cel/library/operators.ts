import { CelError, noSuchKey } from '../cel-error.js';
import { TRAVERSAL_FACTOR } from '../cost.js';
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
  anOptionalOf,
  aString,
  aTimestamp,
  aUint,
  B,
  fn,
  type Growth,
  type Overload,
  type Parameter,
} from '../overload.js';
import { checkTimestamp } from '../time.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listOf,
  optionalOf,
  STRING,
  TIMESTAMP,
  UINT,
  type CelType,
} from '../types.js';
import {
  compareValues,
  Duration,
  equal,
  ListValue,
  MapValue,
  OptionalValue,
  printValue,
  Timestamp,
  Uint,
  type Value,
} from '../values.js';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** An int, unless it leaves 64 bits. */
export function toInt(value: bigint): bigint {
  if (value < MIN_INT || value > MAX_INT) {
    throw new CelError('integer overflow');
  }
  return value;
}

export function toUint(value: bigint): Uint {
  if (value < 0n || value > MAX_UINT) {
    throw new CelError('unsigned integer overflow');
  }
  return new Uint(value);
}

function toDuration(nanos: bigint): Duration {
  return new Duration(toInt(nanos));
}

const concatenation: Growth = {
  cost: ([a = 0, b = 0]) => (a + b) * TRAVERSAL_FACTOR,
  size: ([a = 0, b = 0]) => a + b,
};
/** Short lists are free, as in cel-go. */
const FREE_ITEMS = 256;
const copiedItems = ([a = 0, b = 0]: readonly number[]): number => Math.max(0, a + b - FREE_ITEMS) * TRAVERSAL_FACTOR;
const comparison: Growth = { cost: ([a = 0, b = 0]) => Math.min(a, b) * TRAVERSAL_FACTOR };

const listOfA = aListOf(A);
const mapOfAToB = aMapOf(A, B);

function divisor(value: bigint, problem: string): bigint {
  if (value === 0n) {
    throw new CelError(problem);
  }
  return value;
}

const arithmetic: readonly Overload[] = [
  fn('_+_', [anInt, anInt], INT, (a, b) => toInt(a + b)),
  fn('_+_', [aUint, aUint], UINT, (a, b) => toUint(a.value + b.value)),
  fn('_+_', [aDouble, aDouble], DOUBLE, (a, b) => a + b),
  fn('_+_', [aString, aString], STRING, (a, b) => a + b, concatenation),
  fn('_+_', [aBytes, aBytes], BYTES, (a, b) => new Uint8Array([...a, ...b]), concatenation),
  fn('_+_', [listOfA, listOfA], listOf(A), (a, b) => a.concat(b), { size: concatenation.size, copying: copiedItems }),
  fn('_+_', [aDuration, aDuration], DURATION, (a, b) => toDuration(a.nanos + b.nanos)),
  fn('_+_', [aTimestamp, aDuration], TIMESTAMP, (a, b) => new Timestamp(checkTimestamp(a.nanos + b.nanos))),
  fn('_+_', [aDuration, aTimestamp], TIMESTAMP, (a, b) => new Timestamp(checkTimestamp(a.nanos + b.nanos))),
  fn('_-_', [anInt, anInt], INT, (a, b) => toInt(a - b)),
  fn('_-_', [aUint, aUint], UINT, (a, b) => toUint(a.value - b.value)),
  fn('_-_', [aDouble, aDouble], DOUBLE, (a, b) => a - b),
  fn('_-_', [aDuration, aDuration], DURATION, (a, b) => toDuration(a.nanos - b.nanos)),
  fn('_-_', [aTimestamp, aTimestamp], DURATION, (a, b) => toDuration(a.nanos - b.nanos)),
  fn('_-_', [aTimestamp, aDuration], TIMESTAMP, (a, b) => new Timestamp(checkTimestamp(a.nanos - b.nanos))),
  fn('_*_', [anInt, anInt], INT, (a, b) => toInt(a * b)),
  fn('_*_', [aUint, aUint], UINT, (a, b) => toUint(a.value * b.value)),
  fn('_*_', [aDouble, aDouble], DOUBLE, (a, b) => a * b),
  fn('_/_', [anInt, anInt], INT, (a, b) => toInt(a / divisor(b, 'division by zero'))),
  fn('_/_', [aUint, aUint], UINT, (a, b) => toUint(a.value / divisor(b.value, 'division by zero'))),
  fn('_/_', [aDouble, aDouble], DOUBLE, (a, b) => a / b),
  fn('_%_', [anInt, anInt], INT, (a, b) => toInt(a % divisor(b, 'modulus by zero'))),
  fn('_%_', [aUint, aUint], UINT, (a, b) => toUint(a.value % divisor(b.value, 'modulus by zero'))),
  fn('-_', [anInt], INT, (a) => toInt(-a)),
  fn('-_', [aDouble], DOUBLE, (a) => -a),
  fn('!_', [aBool], BOOL, (a) => !a),
];

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

/** Numbers of different types can be ordered, all else only within its type. */
const orderedTypes: readonly (readonly [Parameter, Parameter])[] = [
  ...[aBool, aString, aBytes, aDuration, aTimestamp].map((type): readonly [Parameter, Parameter] => [type, type]),
  ...[anInt, aUint, aDouble].flatMap((left) =>
    [anInt, aUint, aDouble].map((right): readonly [Parameter, Parameter] => [left, right]),
  ),
];

const orders: readonly Overload[] = Object.entries(ORDERS).flatMap(([name, holds]) =>
  orderedTypes.map(([left, right]) =>
    fn(
      name,
      [left, right],
      BOOL,
      (a, b) => holds(compareValues(a, b)),
      left === aString || left === aBytes ? comparison : {},
    ),
  ),
);

function elementAt(list: ListValue, position: Value): Value {
  const index = typeof position === 'number' && Number.isInteger(position) ? BigInt(position) : position;
  if (typeof index !== 'bigint') {
    throw new CelError(`unsupported index type '${typeof position}' in list`);
  }
  const item = index < 0n ? undefined : list.items[Number(index)];
  if (item === undefined) {
    throw new CelError(`index out of bounds: ${index}`);
  }
  return item;
}

function entryOf(map: MapValue, key: Value): Value {
  const value = map.get(key);
  if (value === undefined) {
    throw noSuchKey(printValue(key));
  }
  return value;
}

function optionally(value: Value | undefined): OptionalValue {
  return value === undefined ? OptionalValue.none : OptionalValue.of(value);
}

function optionalElement(list: ListValue, position: bigint): OptionalValue {
  return position < 0n ? OptionalValue.none : optionally(list.items[Number(position)]);
}

const access: readonly Overload[] = [
  fn('_==_', [anA, anA], BOOL, equal, comparison),
  fn('_!=_', [anA, anA], BOOL, (a, b) => !equal(a, b), comparison),
  fn('@in', [anA, listOfA], BOOL, (item, list) => list.items.some((candidate) => equal(candidate, item)), {
    cost: ([, size = 0]) => size,
  }),
  fn('@in', [anA, mapOfAToB], BOOL, (key, map) => map.get(key) !== undefined),
  fn('_[_]', [listOfA, anInt], A, elementAt),
  fn('_[_]', [mapOfAToB, anA], B, entryOf),
  fn('_[?_]', [listOfA, anInt], optionalOf(A), optionalElement),
  fn('_[?_]', [mapOfAToB, anA], optionalOf(B), (map, key) => optionally(map.get(key))),
  fn('_[_]', [anOptionalOf(listOf(A)), anInt], optionalOf(A), optionalListAccess),
  fn('_[?_]', [anOptionalOf(listOf(A)), anInt], optionalOf(A), optionalListAccess),
  fn('_[_]', [anOptionalOf(mapType()), anA], optionalOf(B), optionalMapAccess),
  fn('_[?_]', [anOptionalOf(mapType()), anA], optionalOf(B), optionalMapAccess),
];

function mapType(): CelType {
  return mapOfAToB.type;
}

function optionalListAccess(optional: OptionalValue, position: bigint): Value {
  const { value } = optional;
  return value instanceof ListValue ? optionalElement(value, position) : OptionalValue.none;
}

function optionalMapAccess(optional: OptionalValue, key: Value): Value {
  const { value } = optional;
  return value instanceof MapValue ? optionally(value.get(key)) : OptionalValue.none;
}

/** `+`, `<`, `==`, `in`, `[]`: the operators, by cel-go's names for them. */
export const operators: readonly Overload[] = [...arithmetic, ...orders, ...access];
