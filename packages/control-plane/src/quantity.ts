import { RecentCache } from './recent-cache.js';

/** A number with a unit as Kubernetes writes it: `100m`, `1536Mi`, `2e3`. Exact; nine decimal places are kept. */
export interface Quantity {
  /** The value times 10^9. */
  readonly nanos: bigint;
  readonly format: 'binary' | 'decimal' | 'exponent';
}

/** Thrown for a text that is no quantity; the message is the API server's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

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
const DECIMAL_SUFFIXES = new Map(Object.entries(DECIMAL_EXPONENTS).map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

export const NANO = 10n ** 9n;
const MAX_NANOS = (2n ** 63n - 1n) * NANO;
/** Up to so many digits a decimal number is an integer and a scale to the server, which has no largest value. */
const UNCAPPED_DIGITS = 18;

/**
 * Reads a quantity. More than nine decimal places are rounded away from zero; more than 2^63-1 is capped when it is
 * written in powers of two or with more than 18 digits.
 *
 * @throws {@link QuantityError} when the text is no quantity.
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ | Quantity}
 */
export function parseQuantity(text: string): Quantity {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const quantity = readQuantity(text);
  if (text.length <= LONGEST_KEPT) recent.set(text, quantity);
  return quantity;
}

/** Objects have the same few amounts over and over, and exact arithmetic is slow. */
const recent = new RecentCache<string, Quantity>(1024);
const LONGEST_KEPT = 32;

function readQuantity(text: string): Quantity {
  const match = PATTERN.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  if (match === null || whole + fraction === '') throw new QuantityError(FORMAT_WRONG);
  const { base, exponent, format } = readSuffix(suffix);

  const digits = BigInt(whole + fraction);
  let numerator = digits * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  if (base === 2) numerator *= 1n << BigInt(exponent);
  else if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
  else denominator *= 10n ** BigInt(-exponent);

  let nanos = (numerator + denominator - 1n) / denominator;
  const isCapped = base === 2 || (whole + fraction).replace(/^0+/, '').length > UNCAPPED_DIGITS;
  if (isCapped && nanos > MAX_NANOS) nanos = MAX_NANOS;
  return { nanos: sign === '-' ? -nanos : nanos, format };
}

function readSuffix(suffix: string): { base: 2 | 10; exponent: number; format: Quantity['format'] } {
  const decimal = DECIMAL_EXPONENTS[suffix];
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'decimal' };
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary > 0) return { base: 2, exponent: binary * 10, format: 'binary' };
  const exponent = /^[eE]([+-]?\d{1,4})$/.exec(suffix)?.[1];
  if (exponent === undefined) throw new QuantityError("unable to parse quantity's suffix");
  return { base: 10, exponent: Number(exponent), format: 'exponent' };
}

/** Rounds up to whole thousandths, the finest that resources are counted in. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const step = NANO / 1000n;
  const excess = quantity.nanos % step;
  if (excess === 0n) return quantity;
  return { ...quantity, nanos: quantity.nanos - excess + (quantity.nanos > 0n ? step : -step) };
}

/** The canonical text: no fraction, the largest unit that loses nothing. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const binary = format === 'binary' && size >= 1024n * NANO && size % NANO === 0n;
  return sign + (binary ? formatBinary(size / NANO) : formatDecimal(size, format === 'exponent'));
}

function formatBinary(size: bigint): string {
  let amount = size;
  let power = 0;
  while (power < BINARY_SUFFIXES.length - 1 && amount % 1024n === 0n) {
    amount /= 1024n;
    power += 1;
  }
  return `${amount}${BINARY_SUFFIXES[power] ?? ''}`;
}

function formatDecimal(nanos: bigint, scientific: boolean): string {
  let amount = nanos;
  let exponent = -9;
  while (amount % 1000n === 0n && exponent < 18) {
    amount /= 1000n;
    exponent += 3;
  }
  if (scientific) return exponent === 0 ? `${amount}` : `${amount}e${exponent}`;
  return `${amount}${DECIMAL_SUFFIXES.get(exponent) ?? ''}`;
}
