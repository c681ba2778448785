import { A, anA, anOptionalOf, fn, method, type Overload } from '../overload.js';
import { BOOL, optionalOf } from '../types.js';
import { equal, ListValue, MapValue, OptionalValue, Uint, type Value } from '../values.js';

const optional = anOptionalOf(A);

/** Whether a value is the one that fields of its type have when they are not set. */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === '') {
    return true;
  }
  if (value instanceof ListValue) {
    return value.items.length === 0;
  }
  if (value instanceof MapValue) {
    return value.size === 0;
  }
  return value instanceof Uint8Array ? value.length === 0 : equal(value, value instanceof Uint ? new Uint(0n) : 0n);
}

/** Optional values: `self.?a.orValue('')`. The macros optMap and optFlatMap are syntax, not functions. */
export const optionals: readonly Overload[] = [
  fn('optional.of', [anA], optionalOf(A), (value) => OptionalValue.of(value)),
  fn('optional.ofNonZeroValue', [anA], optionalOf(A), (value) =>
    isZero(value) ? OptionalValue.none : OptionalValue.of(value),
  ),
  fn('optional.none', [], optionalOf(A), () => OptionalValue.none),
  method('hasValue', [optional], BOOL, (value) => value.value !== undefined),
  method('value', [optional], A, (value) => value.get()),
  method('or', [optional, optional], optionalOf(A), (value, other) => (value.value === undefined ? other : value)),
  method('orValue', [optional, anA], A, (value, other) => value.value ?? nullOr(value, other)),
];

/** An optional null has a value: null. */
function nullOr(optionalValue: OptionalValue, other: Value): Value {
  return optionalValue.value === undefined ? other : null;
}
