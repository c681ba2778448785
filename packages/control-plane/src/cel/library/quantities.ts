import { CelError } from '../cel-error.js';
import { anInt, anOpaque, aString, fn, method, TRAVERSAL, type Overload } from '../overload.js';
import { BOOL, DOUBLE, INT, type CelType } from '../types.js';
import type { OpaqueValue } from '../values.js';

const QUANTITY: CelType = { kind: 'opaque', name: 'kubernetes.Quantity' };

const BINARY_POWERS = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
/** Quantities are kept in billionths, the finest unit that they have; finer amounts are rounded up. */
const SCALE = 1_000_000_000n;

/**
 * A resource quantity: an exact decimal number.
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
    const value = this.nanos / SCALE;
    return this.nanos % SCALE === 0n && BigInt.asIntN(64, value) === value ? value : undefined;
  }
}

function parseQuantity(text: string): Quantity | undefined {
  const parts = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (parts === null) {
    return undefined;
  }
  const [, sign = '', number = '', binary, decimal = '', exponent] = parts;
  const [whole = '', fraction = ''] = number.split('.');
  const digits = BigInt(`${whole}${fraction}` || '0');
  const power = (exponent === undefined ? (DECIMAL_EXPONENTS[decimal] ?? 0) : Number(exponent)) - fraction.length + 9;
  const multiplier = binary === undefined ? 1n : 1024n ** BigInt(BINARY_POWERS.indexOf(binary));
  const scaled = digits * multiplier;
  const nanos = power >= 0 ? scaled * 10n ** BigInt(power) : divideUp(scaled, 10n ** BigInt(-power));
  return new Quantity(sign === '-' ? -nanos : nanos);
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function toQuantity(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) {
    throw new CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  return quantity;
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
  fn('isQuantity', [aString], BOOL, (text) => parseQuantity(text) !== undefined, TRAVERSAL),
  fn('sign', [aQuantity], INT, sign),
  method('isGreaterThan', [aQuantity, aQuantity], BOOL, (a, b) => a.compare(b) > 0n),
  method('isLessThan', [aQuantity, aQuantity], BOOL, (a, b) => a.compare(b) < 0n),
  method('compareTo', [aQuantity, aQuantity], INT, (a, b) => a.compare(b)),
  method('asApproximateFloat', [aQuantity], DOUBLE, ({ nanos }) => Number(nanos) / Number(SCALE)),
  method('asInteger', [aQuantity], INT, asInteger),
  method('isInteger', [aQuantity], BOOL, ({ whole }) => whole !== undefined),
  method('add', [aQuantity, aQuantity], QUANTITY, (a, b) => new Quantity(a.nanos + b.nanos)),
  method('add', [aQuantity, anInt], QUANTITY, (a, b) => new Quantity(a.nanos + b * SCALE)),
  method('sub', [aQuantity, aQuantity], QUANTITY, (a, b) => new Quantity(a.nanos - b.nanos)),
  method('sub', [aQuantity, anInt], QUANTITY, (a, b) => new Quantity(a.nanos - b * SCALE)),
];
