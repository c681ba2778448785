import { printFloat } from '../schema/field-error.js';
import { CelError, noSuchOverload } from './cel-error.js';

/** A value of CEL: int is a bigint, double a number, bytes a Uint8Array. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Duration
  | Timestamp
  | ListValue
  | MapValue
  | OptionalValue
  | TypeValue
  | OpaqueValue;

export class Uint {
  constructor(readonly value: bigint) {}
}

export class Duration {
  constructor(readonly nanos: bigint) {}
}

export class Timestamp {
  /** @param nanos - Since 1970-01-01T00:00:00Z. */
  constructor(readonly nanos: bigint) {}
}

export class TypeValue {
  constructor(readonly type: string) {}
}

/** A value of a library's own type. */
export interface OpaqueValue {
  readonly opaqueType: string;
  equals(other: OpaqueValue): boolean;
}

export class OptionalValue {
  static readonly none = new OptionalValue(undefined);

  private constructor(readonly value: Value | undefined) {}

  static of(value: Value): OptionalValue {
    return new OptionalValue(value);
  }

  /** @throws {@link CelError} when there is no value. */
  get(): Value {
    if (this.value === undefined) {
      throw new CelError('optional.none() dereference');
    }
    return this.value;
  }
}

export class ListValue {
  /** Lists and maps of an object refuse to be compared with anything else, while those of expressions are unequal to it. */
  readonly isStrict: boolean = false;

  constructor(readonly items: readonly Value[]) {}

  equals(other: ListValue): boolean {
    return (
      this.items.length === other.items.length &&
      this.items.every((item, position) => {
        const counterpart = other.items[position];
        return counterpart !== undefined && equal(item, counterpart);
      })
    );
  }

  /** The list that `+` makes of this one and another. */
  concat(other: ListValue): ListValue {
    return new ListValue([...this.items, ...other.items]);
  }
}

/** A map, or an object with known fields. */
export abstract class MapValue {
  readonly isStrict: boolean = false;
  abstract readonly size: number;
  abstract get(key: Value): Value | undefined;
  abstract keys(): readonly Value[];

  equals(other: MapValue): boolean {
    return (
      this.size === other.size &&
      this.keys().every((key) => {
        const mine = this.get(key);
        const others = other.get(key);
        return mine !== undefined && others !== undefined && equal(mine, others);
      })
    );
  }
}

/** A map that an expression made. */
export class EntriesMap extends MapValue {
  readonly #entries: ReadonlyMap<string, readonly [Value, Value]>;

  constructor(entries: Iterable<readonly [Value, Value]>) {
    super();
    this.#entries = new Map([...entries].map((entry) => [keyText(entry[0]), entry]));
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyText(key))?.[1];
  }

  keys(): readonly Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }
}

/** Keys that are equal have the same text: 1, 1u and 1.0 are one key. */
function keyText(key: Value): string {
  if (typeof key === 'string') {
    return `"${key}`;
  }
  if (typeof key === 'boolean') {
    return String(key);
  }
  if (typeof key === 'bigint') {
    return `#${key}`;
  }
  if (typeof key === 'number') {
    return Number.isInteger(key) ? `#${BigInt(key)}` : `#${key}`;
  }
  if (key instanceof Uint) {
    return `#${key.value}`;
  }
  throw new CelError(`unsupported key type: ${typeNameOf(key)}`);
}

/** `==`: values of different types are unequal, except for numbers, which compare by their value. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) {
    return true;
  }
  if (isNumeric(a) && isNumeric(b)) {
    return compareNumbers(a, b) === 0;
  }
  if (a instanceof ListValue) {
    return b instanceof ListValue ? a.equals(b) : unequal(a);
  }
  if (a instanceof MapValue) {
    return b instanceof MapValue ? a.equals(b) : unequal(a);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return false;
  }
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (a instanceof Duration) {
    return b instanceof Duration && a.nanos === b.nanos;
  }
  if (a instanceof Timestamp) {
    return b instanceof Timestamp && a.nanos === b.nanos;
  }
  if (a instanceof TypeValue) {
    return b instanceof TypeValue && a.type === b.type;
  }
  if (a instanceof OptionalValue) {
    return b instanceof OptionalValue && equalOptionals(a, b);
  }
  return isOpaque(a) && isOpaque(b) && a.opaqueType === b.opaqueType && a.equals(b);
}

function unequal({ isStrict }: ListValue | MapValue): false {
  if (isStrict) {
    throw noSuchOverload();
  }
  return false;
}

function equalOptionals(a: OptionalValue, b: OptionalValue): boolean {
  return a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value);
}

type NumericValue = bigint | number | Uint;

export function isNumeric(value: Value): value is NumericValue {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** Negative, zero or positive; NaN when one of the numbers is. */
function compareNumbers(a: NumericValue, b: NumericValue): number {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  // JavaScript compares a bigint with a number exactly.
  return left < right ? -1 : left > right ? 1 : left <= right ? 0 : NaN;
}

/** Compares values of one ordered type. @throws {@link CelError} for types without an order. */
export function compareValues(a: Value, b: Value): number {
  if (isNumeric(a) && isNumeric(b)) {
    return compareNumbers(a, b);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    return compareText(a, b);
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') {
    return Number(a) - Number(b);
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return Buffer.compare(a, b);
  }
  if ((a instanceof Duration && b instanceof Duration) || (a instanceof Timestamp && b instanceof Timestamp)) {
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  }
  throw noSuchOverload();
}

/** By code points, as Go orders strings. UTF-16 order differs beyond the basic plane. */
function compareText(a: string, b: string): number {
  if (/^[\x00-\x7f]*$/.test(a)) {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function isOpaque(value: Value): value is OpaqueValue {
  return typeof value === 'object' && value !== null && 'opaqueType' in value;
}

/** The name that `type()` gives and that conversion errors show. */
export function typeNameOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
  }
  if (value === null) {
    return 'null_type';
  }
  if (value instanceof ListValue) {
    return 'list';
  }
  if (value instanceof MapValue) {
    return 'map';
  }
  if (value instanceof Uint8Array) {
    return 'bytes';
  }
  if (value instanceof Uint) {
    return 'uint';
  }
  if (value instanceof Duration) {
    return 'google.protobuf.Duration';
  }
  if (value instanceof Timestamp) {
    return 'google.protobuf.Timestamp';
  }
  if (value instanceof OptionalValue) {
    return 'optional_type';
  }
  return value instanceof TypeValue ? 'type' : value.opaqueType;
}

/** A value in the text of an error. */
export function printValue(value: Value): string {
  if (typeof value === 'number') {
    return printFloat(value);
  }
  if (value instanceof Uint) {
    return String(value.value);
  }
  return typeof value === 'object' && value !== null ? typeNameOf(value) : String(value);
}

/** How many elements or bytes a value has: what working on it costs. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return value.length;
  }
  if (value instanceof ListValue) {
    return value.items.length;
  }
  return value instanceof MapValue ? value.size : 1;
}
