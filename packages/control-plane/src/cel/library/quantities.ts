import { NANO, parseQuantity, QuantityError } from '../../quantity.js';
import { CelError } from '../cel-error.js';
import { anInt, anOpaque, aString, fn, method, TRAVERSAL, type Overload } from '../overload.js';
import { BOOL, DOUBLE, INT, type CelType } from '../types.js';
import type { OpaqueValue } from '../values.js';

const QUANTITY: CelType = { kind: 'opaque', name: 'kubernetes.Quantity' };

/**
 * A resource quantity as a CEL value.
 *
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ | Quantity}
 */
class Quantity implements OpaqueValue {
  readonly opaqueType = 'kubernetes.Quantity';

  constructor(readonly nanos: bigint) {}

  equals(other: OpaqueValue): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }

  compare(other: Quantity): bigint {
    return this.nanos < other.nanos ? -1n : this.nanos > other.nanos ? 1n : 0n;
  }

  /** The number, when it is a whole one that fits 64 bits. */
  get whole(): bigint | undefined {
    const value = this.nanos / NANO;
    return this.nanos % NANO === 0n && BigInt.asIntN(64, value) === value ? value : undefined;
  }
}

function toQuantity(text: string): Quantity {
  try {
    return new Quantity(parseQuantity(text).nanos);
  } catch (error) {
    if (error instanceof QuantityError) throw new CelError(error.message);
    throw error;
  }
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function asInteger(quantity: Quantity): bigint {
  const { whole } = quantity;
  if (whole === undefined) {
    throw new CelError('cannot convert value to integer');
  }
  return whole;
}

function sign({ nanos }: Quantity): bigint {
  return nanos < 0n ? -1n : nanos > 0n ? 1n : 0n;
}

const aQuantity = anOpaque(QUANTITY, (value) => value instanceof Quantity);

/** Kubernetes' quantity library. */
export const quantities: readonly Overload[] = [
  fn('quantity', [aString], QUANTITY, toQuantity, TRAVERSAL),
  fn('isQuantity', [aString], BOOL, isQuantity, TRAVERSAL),
  fn('sign', [aQuantity], INT, sign),
  method('isGreaterThan', [aQuantity, aQuantity], BOOL, (a, b) => a.compare(b) > 0n),
  method('isLessThan', [aQuantity, aQuantity], BOOL, (a, b) => a.compare(b) < 0n),
  method('compareTo', [aQuantity, aQuantity], INT, (a, b) => a.compare(b)),
  method('asApproximateFloat', [aQuantity], DOUBLE, ({ nanos }) => Number(nanos) / Number(NANO)),
  method('asInteger', [aQuantity], INT, asInteger),
  method('isInteger', [aQuantity], BOOL, ({ whole }) => whole !== undefined),
  method('add', [aQuantity, aQuantity], QUANTITY, (a, b) => new Quantity(a.nanos + b.nanos)),
  method('add', [aQuantity, anInt], QUANTITY, (a, b) => new Quantity(a.nanos + b * NANO)),
  method('sub', [aQuantity, aQuantity], QUANTITY, (a, b) => new Quantity(a.nanos - b.nanos)),
  method('sub', [aQuantity, anInt], QUANTITY, (a, b) => new Quantity(a.nanos - b * NANO)),
];
