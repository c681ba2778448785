import { CelError, noSuchOverload } from '../cel-error.js';
import {
  A,
  aBool,
  aBytes,
  aDouble,
  aDuration,
  aListOf,
  anA,
  anInt,
  aString,
  aTimestamp,
  aUint,
  fn,
  method,
  TRAVERSAL,
  type Growth,
  type Overload,
} from '../overload.js';
import { BOOL, DOUBLE, DURATION, INT, UINT, type CelType } from '../types.js';
import { compareValues, Duration, equal, Uint, type ListValue, type Value } from '../values.js';
import { toInt, toUint } from './operators.js';

const comparable = [anInt, aUint, aDouble, aBool, aDuration, aTimestamp, aString, aBytes];

/** One unit per element; strings and bytes in it are short beside their number. */
const eachElement: Growth = { cost: ([size = 0]) => size };

function isSorted({ items }: ListValue): boolean {
  return items.every((item, position) => {
    const before = items[position - 1];
    return before === undefined || !(compareValues(before, item) > 0);
  });
}

/** The element that comes first by an order. */
function first(name: string, { items }: ListValue, comesBefore: (order: number) => boolean): Value {
  const [head, ...tail] = items;
  if (head === undefined) {
    throw new CelError(`${name} called on empty list`);
  }
  return tail.reduce((best, item) => (comesBefore(compareValues(item, best)) ? item : best), head);
}

/** Adds up numbers of one type. */
function total<N>({ items }: ListValue, numberOf: (value: Value) => N | undefined, zero: N, add: (a: N, b: N) => N): N {
  return items.reduce<N>((sum, item) => {
    const number = numberOf(item);
    if (number === undefined) {
      throw noSuchOverload();
    }
    return add(sum, number);
  }, zero);
}

const asInt = (value: Value) => (typeof value === 'bigint' ? value : undefined);
const asUint = (value: Value) => (value instanceof Uint ? value.value : undefined);
const asDouble = (value: Value) => (typeof value === 'number' ? value : undefined);
const asDuration = (value: Value) => (value instanceof Duration ? value.nanos : undefined);
const add = (a: bigint, b: bigint) => a + b;

function sums(): Overload[] {
  const sum = (element: CelType, run: (list: ListValue) => Value) =>
    method('sum', [aListOf(element)], element, run, eachElement);
  return [
    sum(INT, (list) => toInt(total(list, asInt, 0n, add))),
    sum(UINT, (list) => toUint(total(list, asUint, 0n, add))),
    sum(DOUBLE, (list) => total(list, asDouble, 0, (a, b) => a + b)),
    sum(DURATION, (list) => new Duration(total(list, asDuration, 0n, add))),
  ];
}

function positionOf(list: ListValue, item: Value): bigint {
  return BigInt(list.items.findIndex((candidate) => equal(candidate, item)));
}

function lastPositionOf(list: ListValue, item: Value): bigint {
  return BigInt(list.items.findLastIndex((candidate) => equal(candidate, item)));
}

/** The list functions of Kubernetes, and sets. */
export const lists: readonly Overload[] = [
  ...comparable.map(({ type }) => method('isSorted', [aListOf(type)], BOOL, isSorted, eachElement)),
  ...comparable.map(({ type }) =>
    method('min', [aListOf(type)], type, (list) => first('min', list, (order) => order < 0), eachElement),
  ),
  ...comparable.map(({ type }) =>
    method('max', [aListOf(type)], type, (list) => first('max', list, (order) => order > 0), eachElement),
  ),
  ...sums(),
  method('indexOf', [aListOf(A), anA], INT, positionOf, TRAVERSAL),
  method('lastIndexOf', [aListOf(A), anA], INT, lastPositionOf, TRAVERSAL),
  ...setFunctions(),
];

function setFunctions(): Overload[] {
  const both: Growth = { cost: ([a = 0, b = 0]) => a * b + 1 };
  const list = aListOf(A);
  const has = (within: ListValue, item: Value) => within.items.some((candidate) => equal(candidate, item));
  const contains = (a: ListValue, b: ListValue) => b.items.every((item) => has(a, item));
  return [
    fn('sets.contains', [list, list], BOOL, contains, both),
    fn('sets.equivalent', [list, list], BOOL, (a, b) => contains(a, b) && contains(b, a), both),
    fn('sets.intersects', [list, list], BOOL, (a, b) => b.items.some((item) => has(a, item)), both),
  ];
}
